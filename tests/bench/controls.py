"""From the start of a command to the first sample that is another one because of it, as a card hears it.

Three ways lead to the daemon: a process of the command line, the process of a slash command's hook, and a
call over MCP through the bridge of a session. Times hold the start of the process and what the daemon's
output has buffered. Taken off are the 11 ms that samples lie in the pipe which stands for the card in
`tests/alsa_card.py`: it is always full, for it sets the pace.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Control, Say, Status, Wait
from claude_narrator.daemon.sinks import PLAYER_RATE
from claude_narrator.hooks import slash
from claude_narrator.mcp_server import bridge
from tests.alsa_card import CHANNELS, PIPE_BYTES, RecordedCard
from tests.bench import stairs
from tests.bench.installed import installed_voice
from tests.bench.measure import Row
from tests.bench.processes import INITIALIZE
from tests.running_daemon import RunningDaemon

TARGET_MS = 60.0
PIPE_S = PIPE_BYTES / (2 * CHANNELS * PLAYER_RATE)
AT_ONCE = ("stop", "pause", "resume", "skip", "back", "replay", "louder", "quieter", "mute")
"""What is heard at once; `faster` and `slower` begin with the next sentence, `unmute` with the next text."""
_TIMEOUT_S = 5.0
Way = Callable[[str], None]


def controls(runs: int) -> list[Row]:
    """Every control that is heard at once, every way, against the target for its 95th percentile."""
    with tempfile.TemporaryDirectory() as folder, RecordedCard() as card:
        environment = {**card.environment, **stairs.install(Path(folder))}
        settings = {"audio__sink": "device", "speech__voice": "stairs/one"}
        with RunningDaemon(environment=environment, **settings) as daemon, daemon.client() as client:
            bed = _Bed(card, client)
            bed.wait_for_voice()
            with _ways(daemon, installed_voice(Path(folder) / "environment")) as ways:
                return [
                    _row(name, way, bed, action, runs) for name, way in ways.items() for action in AT_ONCE
                ]


def _row(name: str, way: Way, bed: _Bed, action: str, runs: int) -> Row:
    times_ms = [bed.effect_ms(action, way) for _ in range(runs)]
    median, late = np.percentile(times_ms, (50, 95))
    return Row(f"{action}, {name}: p50 {median:.1f} ms, p95", float(late), TARGET_MS, "ms", "the target")


class _Bed:
    """A daemon that speaks, and the card that it is heard on."""

    def __init__(self, card: RecordedCard, client: Client) -> None:
        self._card, self._client = card, client

    def wait_for_voice(self) -> None:
        """Return when the stairs can be heard: until then another voice stands in for them."""
        self._client.call(Say("One."))
        self._until(self._voice_is_ready)

    def effect_ms(self, action: str, way: Way) -> float:
        """Return how long after the start of a command its effect is heard."""
        self._prepare(action)
        time.sleep(random.uniform(0.05, 0.15))
        seen = len(self._card.blocks())
        began_s = time.monotonic()
        way(action)
        taken_s = self._change_after(seen) - began_s
        self._client.call(Control("unmute"))
        return taken_s * 1000

    def _prepare(self, action: str) -> None:
        """Let the first of two long sentences sound, or be paused, so loud that it is 0 dB afterwards."""
        self._client.call(Control("stop"))
        self._client.call(Wait(timeout_s=_TIMEOUT_S))
        self._client.call(Control({"louder": "quieter", "quieter": "louder"}.get(action, "resume")))
        heard = len(self._card.blocks())
        self._client.call(Say("One. Two."))
        self._until(lambda: self._sounds_since(heard))
        if action == "resume":
            self._client.call(Control("pause"))
            self._until(lambda: not self._sounds_since(len(self._card.blocks()) - 20))

    def _voice_is_ready(self) -> bool:
        engines = self._client.call(Status())["engines"]
        return any(
            each["name"] == "stairs" and (each["running"] or {}).get("status") == "ready" for each in engines
        )

    def _sounds_since(self, block: int) -> bool:
        return any(np.any(heard.samples) for heard in self._card.blocks()[block:])

    def _change_after(self, seen: int) -> float:
        """Return when the sound changed for the first time since block number `seen`."""
        deadline_s = time.monotonic() + _TIMEOUT_S
        last = self._card.blocks()[seen - 1].samples[-1:]
        while time.monotonic() < deadline_s:
            for block in self._card.blocks()[seen:]:
                if stairs.is_changed(np.concatenate((last, block.samples))):
                    return block.at_s - PIPE_S
                last, seen = block.samples[-1:], seen + 1
            time.sleep(0.001)
        raise AssertionError(f"no effect was heard: {self._client.call(Status())['player']}")

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + _TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline_s
            time.sleep(0.005)


@contextmanager
def _ways(daemon: RunningDaemon, voice: Path) -> Iterator[dict[str, Way]]:
    with _mcp(daemon) as mcp:
        yield {
            "command line": _command_line(daemon, voice),
            "slash command": _slash_command(daemon),
            "MCP": mcp,
        }


def _command_line(daemon: RunningDaemon, voice: Path) -> Way:
    def run(action: str) -> None:
        subprocess.run([str(voice), action], env=daemon.environment, check=True, capture_output=True)

    return run


def _slash_command(daemon: RunningDaemon) -> Way:
    command = [sys.executable, "-I", "-S", str(slash.__file__), str(daemon.paths.socket)]

    def run(action: str) -> None:
        event = {"command_name": f"voice:{action}", "command_args": "", "session_id": "bench"}
        subprocess.run(command, input=json.dumps(event).encode(), check=True, capture_output=True)

    return run


@contextmanager
def _mcp(daemon: RunningDaemon) -> Iterator[Way]:
    command = [sys.executable, "-I", "-S", str(bridge.__file__), str(daemon.paths.socket)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=daemon.environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def write(message: dict[str, Any]) -> None:
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()

        def run(action: str) -> None:
            parameters = {"name": "control", "arguments": {"action": action}}
            write({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": parameters})
            assert not json.loads(stdout.readline())["result"].get("isError")

        write(INITIALIZE)
        stdout.readline()
        write({"jsonrpc": "2.0", "method": "notifications/initialized"})
        yield run
        process.stdin.close()
