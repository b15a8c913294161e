"""Music that plays while the voice speaks: left alone, turned down, or paused, and given back afterwards.

On Linux by playerctl(1), which speaks MPRIS to every player; on macOS by osascript(1), to Music and Spotify.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import anyio

DUCKED = 0.3
"""What is left of the volume of music that is turned down: some 10 dB less."""
LOOK_EVERY_S = 0.2
GIVE_BACK_AFTER_S = 1.5
"""Music is not given back between two sentences."""
_ANSWER_TIMEOUT_S = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Playing:
    """A player that plays, and how loud: 0 to 1."""

    name: str
    volume: float


class Players(Protocol):
    """The players of music on this machine."""

    async def playing(self) -> list[Playing]:
        """Return those that play."""

    async def pause(self, name: str) -> None:
        """Pause one."""

    async def play(self, name: str) -> None:
        """Let one go on."""

    async def set_volume(self, name: str, volume: float) -> None:
        """Make one so loud: 0 to 1."""


class Mpris:
    """The players that playerctl knows."""

    async def playing(self) -> list[Playing]:
        """Return those that play; one that does not tell its volume counts as at its loudest."""
        listed = await _run("playerctl", "-a", "-f", "{{playerInstance}}\t{{status}}\t{{volume}}", "status")
        rows = [line.split("\t") for line in listed.splitlines()]
        return [Playing(row[0], _volume(row[2])) for row in rows if len(row) == 3 and row[1] == "Playing"]

    async def pause(self, name: str) -> None:
        """Pause one."""
        await _run("playerctl", "-p", name, "pause")

    async def play(self, name: str) -> None:
        """Let one go on."""
        await _run("playerctl", "-p", name, "play")

    async def set_volume(self, name: str, volume: float) -> None:
        """Make one so loud."""
        await _run("playerctl", "-p", name, "volume", f"{volume:.2f}")


class MacPlayers:
    """Music and Spotify, when they run; an application that does not is never started by asking."""

    async def playing(self) -> list[Playing]:
        """Return those that play."""
        found = [(name, await self._tell(name, _STATE_AND_VOLUME)) for name in ("Music", "Spotify")]
        words = [(name, said.split()) for name, said in found]
        return [Playing(name, _volume(w[1], 100.0)) for name, w in words if len(w) == 2 and w[0] == "playing"]

    async def pause(self, name: str) -> None:
        """Pause one."""
        await self._tell(name, "pause")

    async def play(self, name: str) -> None:
        """Let one go on."""
        await self._tell(name, "play")

    async def set_volume(self, name: str, volume: float) -> None:
        """Make one so loud."""
        await self._tell(name, f"set sound volume to {round(100 * volume)}")

    async def _tell(self, name: str, what: str) -> str:
        application = f'application "{name}"'
        return await _run("osascript", "-e", f"if {application} is running then tell {application} to {what}")


_STATE_AND_VOLUME = '(player state as text) & " " & (sound volume as text)'


class Music:
    """Makes room for the voice."""

    def __init__(
        self, choice: Callable[[], str], speaks: Callable[[], bool], players: Players | None
    ) -> None:
        """`choice` is leave, duck or pause; `players` is None where there is no way to reach any."""
        self._choice, self._speaks, self._players = choice, speaks, players
        self._changed: list[Playing] = []
        self._how = ""

    async def watch(self) -> None:
        """Make room while the voice speaks, until cancelled; then give the music back."""
        if self._players is None:
            return
        quiet_s = 0.0
        try:
            while True:
                quiet_s = 0.0 if self._speaks() else quiet_s + LOOK_EVERY_S
                if self._speaks() and not self._how and self._choice() != "leave":
                    await self.make_room(self._choice())
                elif self._how and quiet_s > GIVE_BACK_AFTER_S:
                    await self.give_back()
                await anyio.sleep(LOOK_EVERY_S)
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(_ANSWER_TIMEOUT_S, shield=True):
                await self.give_back()

    async def make_room(self, how: str) -> None:
        """Pause or turn down what plays, and remember it."""
        assert self._players is not None
        self._how, self._changed = how, await self._players.playing()
        for each in self._changed:
            if how == "pause":
                await self._players.pause(each.name)
            else:
                await self._players.set_volume(each.name, each.volume * DUCKED)
        if self._changed:
            _log.debug("%s: %s", how, ", ".join(each.name for each in self._changed))

    async def give_back(self) -> None:
        """Let what was paused or turned down be as it was."""
        assert self._players is not None
        how, changed = self._how, self._changed
        self._how, self._changed = "", []
        for each in changed:
            if how == "duck":
                await self._players.set_volume(each.name, each.volume)
            else:
                await self._players.play(each.name)


def find_players() -> Players | None:
    """Return the players that can be reached here, None without the program for it."""
    if sys.platform == "darwin":
        return MacPlayers()
    return Mpris() if shutil.which("playerctl") else None


async def _run(*command: str) -> str:
    """Return what a program prints; empty when it fails, is not there, or takes too long."""
    with anyio.move_on_after(_ANSWER_TIMEOUT_S), suppress(OSError):
        environment = {**os.environ, "LC_ALL": "C"}
        done = await anyio.run_process(
            command, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
    return ""


def _volume(text: str, loudest: float = 1.0) -> float:
    """Return a volume, 0 to 1; one that is not told counts as the loudest."""
    try:
        return min(1.0, max(0.0, float(text) / loudest))
    except ValueError:
        return 1.0
