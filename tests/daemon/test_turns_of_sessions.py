"""Sessions with their agents, tools and notices; payloads that are malformed, or come by the thousand."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.message_line import GAP_WAIT_S
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.turns import (
    MAX_SESSIONS,
    SESSION_IDLE_S,
    Prompted,
    SessionClosed,
    SessionOpened,
    Silence,
    Speak,
    ToolCall,
    Turns,
)
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Priority, Seconds
from tests.daemon.timed_payloads import ENGLISH, Claude, Played

NOTICES = notices_for(ENGLISH)
MISSING = NOTICES.part_missing
claude = Claude()


@pytest.fixture
def played() -> Played:
    return Played()


def test_two_sessions_do_not_mix(played: Played) -> None:
    other = Claude("s2")
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(other.shows("p", "m", 1, "Beta.", final=True), at=0.1)
    played.feed(claude.shows("p", "m", 1, "Two.", final=True), at=0.2)
    played.feed(other.shows("p", "m", 0, "Alpha.\n"), at=0.3)
    assert played.feed(claude.prompt("q"), at=0.4) == [Silence("s1"), Prompted("s1")]
    by_session = [(each.session, each.sentences[0]) for each in played.utterances()]
    assert by_session == [("s1", "One."), ("s1", "Two."), ("s2", "Alpha."), ("s2", "Beta.")]


@pytest.mark.parametrize("source", ["startup", "resume", "clear", "compact"])
def test_a_session_that_starts_is_opened_with_its_folder(played: Played, source: str) -> None:
    actions = played.feed(claude.event("SessionStart", source=source))
    assert actions == [SessionOpened("s1", "/home/user/project")]


def test_a_session_whose_start_was_not_seen_is_opened_by_its_first_event(played: Played) -> None:
    opened = SessionOpened("s1", "/home/user/project")
    assert played.feed(claude.prompt("p")) == [opened, Silence("s1"), Prompted("s1")]
    assert played.feed(claude.prompt("q")) == [Silence("s1"), Prompted("s1")]


@pytest.mark.parametrize("reason", ["clear", "prompt_input_exit", "logout"])
def test_a_human_who_leaves_silences_the_session(played: Played, reason: str) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.stops("p", "One.\nTwo."), at=1)
    actions = played.feed(claude.event("SessionEnd", prompt_id="x", reason=reason), at=1.1)
    assert actions == [Silence("s1"), SessionClosed("s1", reason)]
    played.feed(claude.shows("p", "m", 1, "Two.", final=True), at=1.2)
    played.feed(claude.stops("q", "Late."), at=1.2)
    played.wait_until(5)
    assert played.said() == ["One."]


def test_print_mode_that_exits_behind_its_reply_is_heard_to_the_end(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.stops("p", "One.\nTwo."), at=1)
    speak, closed = played.feed(claude.event("SessionEnd", prompt_id="p", reason="other"), at=1.01)
    assert isinstance(speak, Speak)
    assert closed == SessionClosed("s1", "other")
    assert played.said() == ["One.", "Two."]
    assert played.silences() == 0


def test_a_stop_that_comes_behind_the_end_of_print_mode_is_not_lost(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.event("SessionEnd", prompt_id="p", reason="other"), at=1)
    played.feed(claude.stops("p", "One.\nTwo."), at=1.1)
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]


def test_a_session_that_was_left_is_heard_again_when_it_is_resumed(played: Played) -> None:
    played.feed(claude.event("SessionEnd", reason="prompt_input_exit"), at=0)
    played.feed(claude.event("SessionStart", source="resume"), at=5)
    played.feed(claude.shows("q", "m", 0, "Back again.\n"), at=6)
    assert played.said() == ["Back again."]


@pytest.mark.parametrize("prompt_id", ["p", "q"])
def test_a_slash_command_of_ours_silences_nothing_and_begins_no_turn(played: Played, prompt_id: str) -> None:
    played.feed(claude.prompt("p"))
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    silences = played.silences()
    assert played.feed(claude.prompt(prompt_id, "/voice:mute 5m")) == []
    played.feed(claude.shows("p", "m", 1, "Two.", final=True))
    played.feed(claude.stops("p", "One.\nTwo."))
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]
    assert played.silences() == silences


def test_a_call_of_an_mcp_tool_is_tied_to_its_session_in_a_subagent_too(played: Played) -> None:
    name = "mcp__voice__speak"
    call = claude.event("PreToolUse", prompt_id="p", tool_use_id="toolu_1", tool_name=name)
    played.feed(claude.prompt("p"))
    assert played.feed(call) == [ToolCall("toolu_1", "s1", name)]
    assert played.feed({**call, "agent_id": "a1"}) == [ToolCall("toolu_1", "s1", name)]
    assert played.feed({**call, "tool_name": "Bash"}) == []


def test_a_request_is_important_and_a_reminder_is_not(played: Played) -> None:
    for kind in ("permission_prompt", "agent_needs_input", "idle_prompt", "new"):
        played.feed(claude.event("Notification", message="News!", notification_type=kind))
    assert played.said(Priority.IMPORTANT) == ["Claude needs your permission.", "News!"]
    assert played.said(Priority.NOTIFICATION) == ["Claude is waiting for your input.", "News!"]


def test_a_session_that_was_silent_for_half_a_day_is_forgotten(played: Played) -> None:
    played.feed(claude.event("SessionStart", source="startup"), at=0)
    actions = played.feed(Claude("s2").event("SessionStart", source="startup"), at=SESSION_IDLE_S)
    assert SessionClosed("s1", "expired") in actions


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message_id": None}, "message_id is missing"),
        ({"message_id": ""}, "message_id must have"),
        ({"message_id": "x" * 300}, "message_id must have"),
        ({"session_id": 7}, "session_id is a int, not a str"),
        ({"index": -1}, "index must lie"),
        ({"index": 10**9}, "index must lie"),
        ({"index": True}, "index is a bool"),
        ({"index": "0"}, "index is a str"),
        ({"final": "yes"}, "final is a str"),
        ({"delta": ["x"]}, "delta is a list"),
        ({"delta": None}, "delta is missing"),
        ({"hook_event_name": None}, "hook_event_name is missing"),
    ],
)
def test_a_malformed_payload_is_refused_in_one_line_and_changes_nothing(
    played: Played, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        played.feed({**claude.shows("p", "m", 0, "One.\n"), **changes})
    assert "\n" not in str(refused.value)
    assert played.turns.next_due_s is None
    assert played.actions == []


def test_unknown_events_and_unknown_fields_are_nothing_to_worry_about(played: Played) -> None:
    assert played.feed(claude.event("PreModelSwitch", anything=[1])) == []
    played.feed({**claude.shows("p", "m", 0, "One.\n"), "new_field": {"deep": 1}})
    assert played.said() == ["One."]


def test_thousands_of_gaps_are_given_up_at_once(played: Played) -> None:
    for index in range(0, 4000, 2):
        played.feed(claude.shows("p", "m", index, f"Number {index}.\n"))
    held = 4000 // 2 - len([sentence for sentence in played.said() if sentence != MISSING])
    assert 0 < held < 100
    played.wait_until(GAP_WAIT_S)
    spoken = [sentence for sentence in played.said() if sentence != MISSING]
    assert spoken == [f"Number {index}." for index in range(0, 4000, 2)]


def test_thousands_of_messages_and_turns_are_not_held_back_for_long(played: Played) -> None:
    for number in range(1000):
        played.feed(claude.shows("p", f"m{number}", 0, f"Message {number}.\n"))
    for number in range(1000):
        played.feed(claude.shows(f"p{number}", "m", 0, f"Turn {number}.\n"))
    played.wait_until(5)
    assert len(played.said()) > 900


def test_thousands_of_sessions_are_not_remembered() -> None:
    turns = Turns(ENGLISH)
    closed = 0
    for number in range(MAX_SESSIONS + 500):
        actions = turns.feed(Claude(f"s{number}").prompt("p"), Seconds(float(number)))
        closed += sum(isinstance(action, SessionClosed) for action in actions)
    assert closed >= 499


def test_a_turn_that_crowds_behind_another_is_not_held_back(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    for index in range(0, 200, 2):
        played.feed(claude.shows("q", "m", index, f"Number {index}.\n"))
    assert "Number 0." in played.said()


def test_messages_that_crowd_behind_a_stop_are_not_held_back(played: Played) -> None:
    played.feed(claude.stops("p", "One."))
    for number in range(20):
        played.feed(claude.shows("p", f"m{number}", 0, f"Message {number}.\n", final=True))
    assert played.said()[:2] == ["One.", "Message 0."]
