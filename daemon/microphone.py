"""Whether somebody speaks into a microphone: then the voice waits. Linux alone tells it reliably.

ALSA has a file for every substream of a card, `/proc/asound/card*/pcm*c/sub*/status`, where c is capture
(https://docs.kernel.org/sound/designs/procfile.html). PulseAudio and PipeWire list who records, Bluetooth
microphones included: pactl(1).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import anyio

LOOK_EVERY_S = 0.5
MICROPHONE = "microphone"
"""Who holds the speech."""
_PROC = Path("/proc/asound")
_ANSWER_TIMEOUT_S = 2.0


class Recordings:
    """Tells recordings that began from those that are always there, such as that of a noise filter. Pure."""

    def __init__(self) -> None:
        self._always: frozenset[str] | None = None

    def is_new(self, now: frozenset[str]) -> bool:
        """Take what records now; return whether one of them began after the first look."""
        self._always = now if self._always is None else self._always & now
        return bool(now - self._always)


class Microphone:
    """Looks twice a second while there is something to say."""

    def __init__(self, wanted: Callable[[], bool], hold: Callable[[bool], None], proc: Path = _PROC) -> None:
        """`wanted` tells whether it matters now; `hold` is told when the speech shall wait, and when not."""
        self._wanted, self._hold, self._proc = wanted, hold, proc
        self._recordings = Recordings()
        self.in_use = False

    async def watch(self) -> None:
        """Watch until cancelled; elsewhere than on Linux, return at once."""
        if sys.platform != "linux":
            return
        self._recordings.is_new(await recordings(self._proc))
        while True:
            if self._wanted():
                self._tell(self._recordings.is_new(await recordings(self._proc)))
            elif self.in_use:
                self._tell(False)
            await anyio.sleep(LOOK_EVERY_S)

    def _tell(self, in_use: bool) -> None:
        if in_use is not self.in_use:
            self.in_use = in_use
            self._hold(in_use)


async def recordings(proc: Path = _PROC) -> frozenset[str]:
    """Return what records now: substreams of cards, and clients of the sound server if there is one."""
    return cards(proc) | await clients()


def cards(proc: Path) -> frozenset[str]:
    """Return the substreams below `proc` that record."""
    running: set[str] = set()
    for status in proc.glob("card*/pcm*c/sub*/status"):
        with suppress(OSError):  # the card may have gone
            if "state: RUNNING" in status.read_text(encoding="utf-8", errors="replace"):
                running.add(str(status))
    return frozenset(running)


async def clients() -> frozenset[str]:
    """Return the clients of PulseAudio or PipeWire that record a microphone; none without `pactl`."""
    if shutil.which("pactl") is None:
        return frozenset()
    streams = await _pactl("list", "source-outputs")
    sources = await _pactl("list", "short", "sources") if streams.strip() else ""
    return recording_clients(streams, sources)


def recording_clients(streams: str, sources: str) -> frozenset[str]:
    """Return the numbers of the streams that record, as pactl lists them, but for those of a monitor.

    A monitor gives what is played, and a corked stream is paused.
    """
    monitors = {line.split("\t")[0] for line in sources.splitlines() if ".monitor" in line}
    found: set[str] = set()
    for part in re.split(r"^Source Output #", streams, flags=re.MULTILINE)[1:]:
        fields = dict(re.findall(r"^\t(Source|Corked): (\S+)", part, re.MULTILINE))
        if fields.get("Corked") != "yes" and fields.get("Source") not in monitors:
            found.add(part.split(maxsplit=1)[0])
    return frozenset(found)


async def _pactl(*arguments: str) -> str:
    command = ["pactl", *arguments]
    with anyio.move_on_after(_ANSWER_TIMEOUT_S), suppress(OSError):
        done = await anyio.run_process(
            command, check=False, stderr=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}
        )
        return done.stdout.decode("utf-8", "replace")
    return ""
