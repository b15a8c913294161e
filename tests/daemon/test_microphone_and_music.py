"""The voice waits for a microphone, and music makes room for the voice; with stand-ins for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.microphone import (
    LOOK_EVERY_S,
    Microphone,
    Recordings,
    cards,
    recording_clients,
    recordings,
)
from claude_narrator.daemon.music import DUCKED, MacPlayers, Mpris, Music, Playing

pytestmark = pytest.mark.anyio
RUNNING = "state: RUNNING\nowner_pid   : 4711\ntrigger_time: 12.5\n"
STREAMS = """Source Output #41
\tDriver: PipeWire
\tSource: 52
\tCorked: {corked}
\tProperties:
\t\tapplication.name = "Meet"
Source Output #77
\tSource: 9
\tCorked: no
"""
SOURCES = "9\talsa_output.pci.monitor\tPipeWire\ts16le\tIDLE\n52\talsa_input.usb\tPipeWire\ts16le\tRUNNING\n"
STAND_IN = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
said = folder / "says"
print(said.read_text() if said.exists() and {when} else "", end="")
"""


def substream(proc: Path, name: str, status: str) -> None:
    path = proc / name / "status"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(status)


def stand_in(folder: Path, name: str, says: str, when: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program on the PATH that notes how it was called, and says something `when` a condition holds."""
    program = folder / name
    program.write_text(STAND_IN.format(python=sys.executable, folder=str(folder), when=when))
    program.chmod(0o755)
    (folder / "says").write_text(says)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "calls"


def calls_in(path: Path) -> list[list[str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_card_that_records_is_seen_and_one_that_plays_or_is_closed_is_not(tmp_path: Path) -> None:
    substream(tmp_path, "card0/pcm0p/sub0", RUNNING)
    substream(tmp_path, "card0/pcm0c/sub0", "closed\n")
    assert cards(tmp_path) == frozenset()
    substream(tmp_path, "card1/pcm0c/sub0", RUNNING)
    assert cards(tmp_path) == {str(tmp_path / "card1/pcm0c/sub0/status")}
    assert cards(tmp_path / "none") == frozenset()


@pytest.mark.parametrize(("corked", "found"), [("no", {"41"}), ("yes", set())])
def test_a_client_that_records_a_microphone_is_seen_and_a_meter_is_not(corked: str, found: set[str]) -> None:
    assert recording_clients(STREAMS.format(corked=corked), SOURCES) == found
    assert recording_clients("", "") == frozenset()


async def test_the_sound_server_is_asked_by_pactl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = "Source Output #41\n\tSource: 52\n\tCorked: no\n"
    stand_in(tmp_path, "pactl", streams, "sys.argv[1:] == ['list', 'source-outputs']", monkeypatch)
    assert await recordings(tmp_path / "no proc") == {"41"}


async def test_a_sound_server_that_fails_or_is_not_there_records_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await recordings(tmp_path) == frozenset()
    (tmp_path / "pactl").write_text("no program")
    (tmp_path / "pactl").chmod(0o755)
    assert await recordings(tmp_path) == frozenset()


def test_what_recorded_from_the_first_look_on_is_no_call_until_it_begins_again() -> None:
    seen = Recordings()
    assert not seen.is_new(frozenset({"filter"}))
    assert not seen.is_new(frozenset({"filter"}))
    assert seen.is_new(frozenset({"filter", "call"}))
    assert not seen.is_new(frozenset())
    assert seen.is_new(frozenset({"filter"}))


@given(st.lists(st.frozensets(st.sampled_from("abc"))))
def test_whatever_came_and_went_nothing_records_when_nothing_does(looks: list[frozenset[str]]) -> None:
    seen = Recordings()
    for look in looks:
        assert not (seen.is_new(look) and not look)
    assert not seen.is_new(frozenset())


async def test_the_voice_waits_as_long_as_the_microphone_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    held: list[bool] = []
    wanted = True
    microphone = Microphone(lambda: wanted, held.append, proc=tmp_path)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(microphone.watch)
        await anyio.sleep(LOOK_EVERY_S)
        assert held == []
        substream(tmp_path, "card0/pcm0c/sub0", RUNNING)
        await until(lambda: held == [True])
        substream(tmp_path, "card0/pcm0c/sub0", "closed\n")
        await until(lambda: held == [True, False])
        substream(tmp_path, "card0/pcm0c/sub0", RUNNING)
        await until(lambda: held == [True, False, True])
        wanted = False
        await until(lambda: held == [True, False, True, False])
        tasks.cancel_scope.cancel()


async def test_playerctl_is_asked_who_plays_and_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = "spotify\tPlaying\t0.8\nvlc\tPaused\t1.0\nfirefox.instance1\tPlaying\t\n"
    calls = stand_in(tmp_path, "playerctl", listed, "'status' in sys.argv", monkeypatch)
    assert await Mpris().playing() == [Playing("spotify", 0.8), Playing("firefox.instance1", 1.0)]
    await Mpris().pause("spotify")
    await Mpris().play("spotify")
    await Mpris().set_volume("spotify", 0.24)
    assert calls_in(calls)[1:] == [
        ["-p", "spotify", "pause"],
        ["-p", "spotify", "play"],
        ["-p", "spotify", "volume", "0.24"],
    ]


async def test_osascript_asks_only_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = stand_in(tmp_path, "osascript", "playing 60\n", "'Music' in sys.argv[2]", monkeypatch)
    assert await MacPlayers().playing() == [Playing("Music", 0.6)]
    await MacPlayers().set_volume("Music", 0.18)
    scripts = [script for flag, script in calls_in(calls) if flag == "-e"]
    assert all(script.startswith('if application "') and " is running then " in script for script in scripts)
    assert scripts[-1].endswith("to set sound volume to 18")


class Deck:
    """A player in the test's hands."""

    def __init__(self) -> None:
        self.is_on, self.volume = True, 0.5
        self.done: list[str] = []

    async def playing(self) -> list[Playing]:
        return [Playing("deck", self.volume)] if self.is_on else []

    async def pause(self, name: str) -> None:
        assert self.is_on
        self.is_on = False
        self.done.append("pause")

    async def play(self, name: str) -> None:
        self.is_on = True
        self.done.append("play")

    async def set_volume(self, name: str, volume: float) -> None:
        self.volume = volume
        self.done.append(f"volume {volume:g}")


@pytest.mark.parametrize(
    ("choice", "done"),
    [("leave", []), ("pause", ["pause", "play"]), ("duck", [f"volume {0.5 * DUCKED:g}", "volume 0.5"])],
)
async def test_music_makes_room_and_is_given_back_when_the_voice_has_ended(
    choice: str, done: list[str]
) -> None:
    deck, speaking = Deck(), True
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Music(lambda: choice, lambda: speaking, deck).watch)
        await until(lambda: deck.done == done[:1])
        speaking = False
        await until(lambda: deck.done == done)
        tasks.cancel_scope.cancel()
    assert (deck.is_on, deck.volume) == (True, 0.5)


async def test_music_is_given_back_when_the_daemon_ends() -> None:
    deck = Deck()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Music(lambda: "pause", lambda: True, deck).watch)
        await until(lambda: deck.done == ["pause"])
        tasks.cancel_scope.cancel()
    assert deck.done == ["pause", "play"]


async def test_music_that_was_paused_before_stays_paused() -> None:
    deck = Deck()
    deck.is_on = False
    music = Music(lambda: "pause", lambda: True, deck)
    await music.make_room("pause")
    await music.give_back()
    assert deck.done == []


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await anyio.sleep(0.01)
