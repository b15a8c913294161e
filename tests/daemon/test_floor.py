"""Who may speak: one session at a time; what the others write is never lost without being counted."""

from __future__ import annotations

import math

import pytest

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.floor import MAX_HELD, MAX_HELD_CHARS, MAX_SESSIONS, Floor, FloorRules
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

EXPIRE_S = 100.0
EN = Language("en")


def utterance(name: str, session: str = "a", priority: Priority = Priority.TEXT, chars: int = 5) -> Utterance:
    return Utterance(name, session, ("x" * chars,), EN, Seconds(0.0), priority)


class Room:
    """A floor with sessions `a`, `b` and `c`, a clock, and names of utterances in place of them."""

    def __init__(self, others: str = "chime", expire_s: float = EXPIRE_S) -> None:
        self.rules = FloorRules(others, expire_s)
        self.floor = Floor(lambda: self.rules)
        self.now = Seconds(0.0)
        for session in "abc":
            self.floor.opened(session, self.now)

    def says(self, name: str, session: str, priority: Priority = Priority.TEXT, chars: int = 5) -> list[str]:
        admitted = self.floor.admit(utterance(name, session, priority, chars), self.now)
        return ["chime" if each.sentences == (CHIME,) else each.id for each in admitted]

    def prompt(self, session: str) -> None:
        self.floor.prompted(session, self.now)

    def listen(self, session: str) -> list[str]:
        return [each.id for each in self.floor.listen(session, self.now)]

    def later(self, seconds: float) -> None:
        self.now = Seconds(self.now + seconds)

    @property
    def owner(self) -> str:
        return self.floor.owner(self.now)

    def counts(self, session: str) -> tuple[int, int, int]:
        (found,) = (each for each in self.floor.standings(self.now) if each.session == session)
        return found.held, found.dropped, found.expired


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_session_that_is_alone_speaks_without_a_prompt(room: Room) -> None:
    assert room.says("1", "a") == ["1"]
    assert room.says("2", "a", Priority.NOTIFICATION) == ["2"]
    assert room.owner == "a"


def test_the_session_prompted_last_speaks_and_the_others_wait(room: Room) -> None:
    room.prompt("a")
    room.prompt("b")
    assert room.says("1", "b") == ["1"]
    assert room.says("2", "a") == ["chime"]
    assert room.owner == "b"


def test_a_waiting_session_chimes_once_until_it_had_the_floor(room: Room) -> None:
    room.prompt("a")
    assert [room.says(name, "b") for name in "123"] == [["chime"], [], []]
    assert room.says("4", "c") == ["chime"]
    room.prompt("b")
    room.prompt("a")
    assert room.says("5", "b") == ["chime"]


def test_a_silent_wait_has_no_chime_and_all_speak_when_all_shall() -> None:
    silent, everybody = Room("silent"), Room("all")
    for room in (silent, everybody):
        room.prompt("a")
    assert silent.says("1", "b") == []
    assert everybody.says("1", "b") == ["1"]
    assert everybody.says("2", "b", Priority.NOTIFICATION) == ["2"]


def test_what_is_held_is_given_back_in_order_to_who_asks_and_once(room: Room) -> None:
    room.prompt("a")
    for name in "123":
        room.says(name, "b")
    assert room.counts("b") == (3, 0, 0)
    assert room.listen("b") == ["1", "2", "3"]
    assert room.listen("b") == []
    assert room.says("4", "b") == ["4"]
    assert room.says("5", "a") == ["chime"]


def test_what_is_important_passes_and_leaves_the_floor_where_it_is(room: Room) -> None:
    assert room.says("1", "b", Priority.IMPORTANT) == ["1"]
    assert room.owner == ""
    room.prompt("a")
    assert room.says("2", "b", Priority.IMPORTANT) == ["2"]
    assert room.owner == "a"


def test_what_a_session_says_on_purpose_is_held_and_chimes_each_time(room: Room) -> None:
    room.prompt("a")
    assert room.says("1", "b") == ["chime"]
    assert room.says("2", "b", Priority.MESSAGE) == ["chime"]
    assert room.says("3", "b", Priority.MESSAGE) == ["chime"]
    assert room.listen("b") == ["1", "2", "3"]


def test_what_comes_from_no_session_passes(room: Room) -> None:
    room.prompt("a")
    assert room.says("1", "command line", Priority.MESSAGE) == ["1"]


@pytest.mark.parametrize("priority", [Priority.NOTIFICATION, Priority.PROGRESS])
def test_passing_news_of_others_are_counted_and_gone(room: Room, priority: Priority) -> None:
    room.prompt("a")
    assert room.says("1", "b", priority) == []
    assert room.counts("b") == (0, 1, 0)


def test_a_prompt_ends_what_its_session_held(room: Room) -> None:
    room.prompt("a")
    room.says("1", "b")
    room.prompt("b")
    assert room.listen("b") == []
    assert room.floor.dropped == 1


def test_what_is_held_too_long_expires_and_chimes_again_when_there_is_more(room: Room) -> None:
    room.prompt("a")
    room.says("1", "b")
    room.later(EXPIRE_S / 2)
    room.says("2", "a")
    room.says("3", "b")
    room.later(EXPIRE_S / 2 + 1)
    assert room.counts("b") == (1, 0, 1)
    room.later(EXPIRE_S)
    assert room.counts("b") == (0, 0, 2)
    room.says("4", "a")
    assert room.says("5", "b") == ["chime"]


def test_what_never_expires_is_kept() -> None:
    room = Room(expire_s=math.inf)
    room.prompt("a")
    room.says("1", "b")
    room.later(1e9)
    assert room.owner == "a"
    assert room.listen("b") == ["1"]


def test_the_oldest_goes_when_too_much_is_held(room: Room) -> None:
    room.prompt("a")
    for number in range(MAX_HELD + 2):
        room.says(str(number), "b")
    assert room.counts("b") == (MAX_HELD, 2, 0)
    assert room.says("long", "b", chars=MAX_HELD_CHARS) == []
    assert room.listen("b") == ["long"]


def test_one_that_is_too_long_to_be_held_is_counted_and_does_not_chime(room: Room) -> None:
    room.prompt("a")
    assert room.says("1", "b", chars=MAX_HELD_CHARS + 1) == []
    assert room.counts("b") == (0, 1, 0)


def test_the_floor_is_free_when_its_session_is_gone_and_nothing_bursts_out(room: Room) -> None:
    room.prompt("a")
    room.says("1", "b")
    room.floor.closed("a", by_human=True, now=room.now)
    assert room.owner == ""
    assert room.says("2", "c") == ["2"]
    assert room.says("3", "b") == []
    assert room.listen("b") == ["1", "3"]


def test_the_floor_is_free_after_a_long_silence_until_the_chosen_one_speaks_again(room: Room) -> None:
    room.prompt("a")
    room.later(EXPIRE_S + 1)
    assert room.says("1", "b") == ["1"]
    assert room.owner == "b"
    assert room.says("2", "a") == ["2"]
    assert room.says("3", "b") == ["chime"]


@pytest.mark.parametrize(("by_human", "left"), [(True, []), (False, ["1"])])
def test_a_session_that_ends_by_itself_can_still_be_heard(
    room: Room, by_human: bool, left: list[str]
) -> None:
    room.prompt("a")
    room.says("1", "b")
    room.floor.closed("b", by_human, room.now)
    assert "b" not in room.floor.open_sessions()
    assert room.listen("b") == left


def test_escape_ends_what_is_held(room: Room) -> None:
    room.prompt("a")
    room.says("1", "b")
    room.floor.silenced("b")
    assert room.listen("b") == []
    room.floor.silenced("nobody")


def test_what_waited_when_the_floor_was_lost_is_held_without_a_chime(room: Room) -> None:
    room.prompt("a")
    room.prompt("b")
    chime = Utterance("c", "a", (CHIME,), EN, room.now, Priority.MESSAGE)
    room.floor.hold([utterance("1", "a"), chime], room.now)
    assert room.counts("a") == (1, 0, 0)
    assert room.says("2", "a") == ["chime"]
    assert room.listen("a") == ["1", "2"]


def test_sessions_without_number_are_not_remembered(room: Room) -> None:
    room.prompt("a")
    room.says("1", "b")
    for number in range(MAX_SESSIONS):
        room.floor.opened(f"s{number}", room.now)
    assert len(room.floor.open_sessions()) == MAX_SESSIONS
    assert room.floor.dropped == 1


def test_a_session_that_speaks_is_not_forgotten_for_those_that_only_opened(room: Room) -> None:
    room.prompt("a")
    for number in range(2 * MAX_SESSIONS):
        room.floor.opened(f"s{number}", room.now)
        assert room.says(f"a{number}", "a") == [f"a{number}"]
    assert room.owner == "a"
    assert room.says("1", "s127") == ["chime"]
