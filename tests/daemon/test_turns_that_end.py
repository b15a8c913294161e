"""How a turn ends: by Stop, a blocked one, a failure, a prompt; what of its text is still heard."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.turn import STOP_GRACE_S
from claude_narrator.daemon.turns import (
    Prompted,
    Silence,
    Speak,
)
from claude_narrator.models.types import Priority, Seconds
from tests.daemon.timed_payloads import ENGLISH, Claude, Played

NOTICES = notices_for(ENGLISH)
claude = Claude()


@pytest.fixture
def played() -> Played:
    return Played()


def test_stop_alone_is_spoken_when_nothing_was_displayed(played: Played) -> None:
    played.feed(claude.prompt("p"), at=0)
    played.feed(claude.stops("p", "One.\n\nTwo."), at=1)
    assert played.said() == []
    played.wait_until(1 + STOP_GRACE_S)
    assert played.said() == ["One.", "Two."]


def test_waits_that_are_over_for_long_are_settled_by_the_next_event(played: Played) -> None:
    played.feed(claude.stops("p", "One."), at=0)
    actions = played.turns.feed(claude.shows("q", "m", 0, "Two.\n"), Seconds(60.0))
    assert [a.utterance.sentences for a in actions if isinstance(a, Speak)] == [("One.",), ("Two.",)]


def test_deltas_that_come_after_their_text_was_taken_from_stop_are_dropped(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.stops("p", "One.\nTwo."), at=1)
    played.wait_until(2)
    played.feed(claude.shows("p", "m", 1, "Two.", final=True), at=2)
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]


def test_a_message_that_comes_after_its_text_was_taken_from_stop_is_not_repeated(played: Played) -> None:
    played.feed(claude.stops("p", "One.\nTwo."), at=1)
    played.wait_until(2)
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=2)
    played.feed(claude.shows("p", "m", 1, "Two.", final=True), at=2.1)
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]


def test_stop_without_text_ends_the_turn_quietly(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.event("Stop", prompt_id="p", last_assistant_message=None), at=1)
    played.wait_until(5)
    assert played.said() == ["One."]


def test_text_blocks_that_the_display_glued_together_are_not_said_again(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "First block.Second block.", final=True), at=0)
    said = played.said()
    played.feed(claude.stops("p", "First block.\n\nSecond block."), at=1)
    played.wait_until(5)
    assert played.said() == said


def test_text_blocks_that_were_displayed_as_messages_are_not_said_again(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "First block.", final=True), at=0)
    played.feed(claude.shows("p", "m2", 0, "Second block.", final=True), at=0.5)
    played.feed(claude.stops("p", "First block.Second block."), at=1)
    played.wait_until(5)
    assert played.said() == ["First block.", "Second block."]


def test_what_stop_adds_to_a_table_still_reads_as_one(played: Played) -> None:
    table = "| a | b |\n| - | - |\n| c | d |\n\nAfter it."
    played.feed(claude.shows("p", "m", 0, "| a | b |\n"), at=0)
    played.feed(claude.stops("p", table), at=1)
    played.wait_until(5)
    whole = Played()
    whole.feed(claude.shows("p", "m", 0, table, final=True))
    assert played.said() == whole.said()


def test_a_blocked_stop_lets_the_turn_go_on(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "One.", final=True), at=0)
    played.feed(claude.stops("p", "One."), at=0.1)
    played.feed(claude.shows("p", "m2", 0, "Two.", final=True), at=1)
    played.feed(claude.stops("p", "Two.", active=True), at=1.1)
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]


def test_both_texts_of_a_blocked_stop_are_heard_in_order_when_nothing_was_displayed(played: Played) -> None:
    played.feed(claude.stops("p", "One."), at=0)
    played.feed(claude.stops("p", "Two.", active=True), at=0.1)
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]


def test_text_behind_a_blocked_stop_waits_for_the_text_before_it(played: Played) -> None:
    played.feed(claude.stops("p", "One."), at=0)
    played.feed(claude.shows("p", "m2", 0, "Two.", final=True), at=0.1)
    played.wait_until(5)
    assert played.said() == ["One.", "Two."]


def test_a_failure_is_announced_after_the_text_and_is_no_reply(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.fails("p"), at=1)
    played.feed(claude.shows("p", "m", 1, "Two is cut", final=True), at=1.1)
    played.wait_until(5)
    sentences = [sentence for _, sentence in played.said_at()]
    assert sentences[0] == "One."
    assert sentences[1].startswith("Two is cut")
    assert sentences[2:] == [NOTICES.failed]
    assert played.said(Priority.IMPORTANT) == [NOTICES.failed]


def test_nothing_is_said_of_a_turn_after_its_failure(played: Played) -> None:
    played.feed(claude.fails("p"), at=0)
    played.wait_until(1)
    played.feed(claude.shows("p", "m", 0, "Late.\n"), at=2)
    played.feed(claude.stops("p", "Late."), at=2)
    played.wait_until(5)
    assert played.said() == []


def test_a_prompt_after_escape_clears_what_was_left_of_the_turn(played: Played) -> None:
    played.feed(claude.prompt("p"), at=0)
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=1)
    played.feed(claude.shows("p", "m", 2, "Three.\n"), at=1.1)
    actions = played.feed(claude.prompt("q"), at=1.5)
    assert actions == [Silence("s1"), Prompted("s1")]
    played.feed(claude.shows("p", "m", 1, "Two.\n"), at=1.6)
    played.feed(claude.shows("q", "n", 0, "New.\n"), at=2)
    played.wait_until(10)
    assert played.said() == ["One.", "New."]


def test_a_prompt_that_is_queued_silences_but_the_running_turn_is_heard_on(played: Played) -> None:
    played.feed(claude.prompt("p"), at=0)
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=1)
    assert played.feed(claude.prompt("p", "And that"), at=2) == [Silence("s1"), Prompted("s1")]
    played.feed(claude.shows("p", "m", 1, "Two.", final=True), at=3)
    played.feed(claude.stops("p", "One.\nTwo."), at=3.1)
    played.wait_until(10)
    assert played.said() == ["One.", "Two."]


def test_the_turn_of_a_queued_prompt_waits_for_the_end_of_the_one_before(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=0)
    played.feed(claude.shows("q", "n", 0, "Three.", final=True), at=1)
    assert played.said() == ["One."]
    played.feed(claude.stops("p", "One.\nTwo."), at=1.1)
    played.wait_until(5)
    assert played.said() == ["One.", "Two.", "Three."]


def test_a_turn_without_stop_does_not_hold_up_the_next_one_for_long(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n\nCut off in the"), at=0)
    played.feed(claude.shows("q", "n", 0, "Two.", final=True), at=1)
    played.wait_until(1 + STOP_GRACE_S)
    assert played.said() == ["One.", "Two."]


def test_a_finished_background_agent_is_no_human(played: Played) -> None:
    prompt = claude.prompt("q", "<task-notification>\n<task-id>a1</task-id>")
    played.feed(claude.shows("p", "m", 0, "One.", final=True), at=0)
    played.feed(claude.stops("p", "One."), at=0.1)
    assert played.feed(prompt, at=1) == []
    played.feed(claude.shows("q", "n", 0, "Two.", final=True), at=2)
    assert played.said() == ["One.", "Two."]


def test_text_of_a_subagent_is_not_spoken(played: Played) -> None:
    for payload in (claude.shows("p", "m", 0, "One.\n"), claude.stops("p", "One."), claude.fails("p")):
        assert played.feed({**payload, "agent_id": "a1", "agent_type": "x"}) == []
    played.wait_until(5)
    assert played.actions == []
