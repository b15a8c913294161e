"""What moves when the floor changes hands: what waits of the loser is held, and given back on request."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from claude_narrator.daemon import settings
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.piped_sessions import SOURCE, SOURCE_KEY
from claude_narrator.daemon.session_floor import SessionFloor
from claude_narrator.daemon.turns import Prompted, SessionClosed, SessionOpened, Silence
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

NOW = Seconds(1000.0)


class Room:
    """A floor with the sessions `a` and `b`, and what waits to be said of each."""

    def __init__(self, file: Path) -> None:
        self.choices = Choices(file)
        self.waiting: dict[str, list[Utterance]] = defaultdict(list)
        self.floor = SessionFloor(self.choices, lambda session: self.waiting.pop(session, []))
        for session in "ab":
            self.floor.follow(SessionOpened(session, ""), NOW)

    def prompt(self, session: str) -> None:
        self.floor.follow(Prompted(session), NOW)

    def listen(self, session: str) -> list[str]:
        return [each.id for each in self.floor.listen(session, NOW)]

    def has_floor(self) -> list[str]:
        return [each.session for each in self.floor.standings(NOW) if each.owner]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "config.toml")


def utterance(name: str, session: str) -> Utterance:
    return Utterance(name, session, ("Hello.",), Language("en"), NOW, Priority.TEXT)


def test_what_waits_of_who_loses_the_floor_is_held(room: Room) -> None:
    room.prompt("a")
    room.waiting["a"] = [utterance("1", "a")]
    room.prompt("b")
    assert room.has_floor() == ["b"]
    room.waiting["b"] = [utterance("2", "b")]
    assert room.listen("a") == ["1"]
    assert room.has_floor() == ["a"]
    assert room.listen("b") == ["2"]


def test_a_second_prompt_in_the_same_session_takes_nothing_back(room: Room) -> None:
    room.prompt("a")
    room.waiting["a"] = [utterance("1", "a")]
    room.prompt("a")
    assert room.listen("a") == []
    assert list(room.waiting) == ["a"]


def test_where_all_speak_in_turn_nobody_loses_what_waits(room: Room, tmp_path: Path) -> None:
    settings.set_value(tmp_path / "config.toml", "sessions.others", "all")
    room.choices.reload()
    room.prompt("a")
    room.waiting["a"] = [utterance("1", "a")]
    room.prompt("b")
    assert list(room.waiting) == ["a"]


def test_a_reply_that_is_piped_has_the_floor(room: Room) -> None:
    room.prompt("a")
    start = {"hook_event_name": "SessionStart", "session_id": "b"}
    room.floor.note(start, NOW)
    assert room.has_floor() == ["a"]
    room.floor.note({**start, SOURCE_KEY: SOURCE, "hook_event_name": "Stop"}, NOW)
    assert room.has_floor() == ["a"]
    room.floor.note({**start, SOURCE_KEY: SOURCE}, NOW)
    assert room.has_floor() == ["b"]


def test_hearing_what_a_closed_session_left_takes_nobodys_floor(room: Room) -> None:
    room.prompt("a")
    assert len(room.floor.admit(utterance("1", "b"), NOW)) == 1  # the chime
    room.floor.follow(SessionClosed("b", "other"), NOW)
    room.waiting["a"] = [utterance("2", "a")]
    assert room.listen("b") == ["1"]
    assert room.has_floor() == ["a"]
    assert list(room.waiting) == ["a"]


def test_a_silenced_session_and_one_that_its_human_left_hold_nothing(room: Room) -> None:
    for ends in (Silence("b"), SessionClosed("b", "clear")):
        room.prompt("a")
        room.floor.admit(utterance("1", "b"), NOW)
        room.floor.follow(ends, NOW)
        assert room.listen("b") == []
