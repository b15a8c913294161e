"""Deltas become messages, and messages a reply: each text once and in order."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.message_line import GAP_WAIT_S
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.turns import (
    Prompted,
    Silence,
    Speak,
)
from claude_narrator.models.types import Language
from tests.daemon.timed_payloads import ENGLISH, Claude, Played

NOTICES = notices_for(ENGLISH)
MISSING = NOTICES.part_missing
claude = Claude()


@pytest.fixture
def played() -> Played:
    return Played()


def test_a_line_is_spoken_when_it_is_displayed(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "The first line.\n"), at=1.0)
    assert played.said() == ["The first line."]


def test_deltas_are_put_in_order(played: Played) -> None:
    for index, delta in ((2, "Three."), (0, "One.\n"), (1, "Two.\n")):
        played.feed(claude.shows("p", "m", index, delta, final=index == 2))
    assert played.said() == ["One.", "Two.", "Three."]


def test_the_first_sentences_of_a_long_delta_do_not_wait_for_its_last(played: Played) -> None:
    lines = [f"This is line number {number} of a very long reply." for number in range(2000)]
    text = "\n\n".join(lines)
    played.feed(claude.shows("p", "m", 0, text, final=True))
    assert 0 < len(played.said()) < 100
    played.feed(claude.stops("p", text))
    played.wait_until(0.0)
    assert played.said() == lines


def test_a_stop_behind_a_long_delta_says_nothing_twice(played: Played) -> None:
    lines = [f"This is line number {number} of a very long reply." for number in range(500)]
    played.feed(claude.shows("p", "m", 0, "\n\n".join(lines) + "\n"))
    played.feed(claude.stops("p", "\n\n".join([*lines, "And this is the end."])))
    played.wait_until(10)
    assert played.said() == [*lines, "And this is the end."]


def test_what_overtakes_its_own_prompt_is_not_lost_to_the_silence(played: Played) -> None:
    played.feed(claude.prompt("old"), at=0.0)
    played.feed(claude.shows("old", "m0", 0, "The old reply.\n"), at=1.0)
    played.feed(claude.shows("new", "m1", 0, "The new reply.\n"), at=5.0)
    done = played.feed(claude.prompt("new"), at=5.01)
    assert isinstance(done[0], Silence)
    assert [each.utterance.sentences for each in done if isinstance(each, Speak)] == [("The new reply.",)]


def test_a_queued_prompt_repeats_nothing_of_the_running_turn(played: Played) -> None:
    played.feed(claude.prompt("p"), at=0.0)
    played.feed(claude.shows("p", "m", 0, "The running reply.\n"), at=1.0)
    assert played.feed(claude.prompt("p"), at=1.1) == [Silence(claude.session), Prompted(claude.session)]


def test_what_follows_a_gap_is_held_back(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(claude.shows("p", "m", 2, "Three.\n"))
    played.wait_until(GAP_WAIT_S / 2)
    assert played.said() == ["One."]


def test_a_gap_that_never_fills_is_announced_in_its_place(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(claude.shows("p", "m", 2, "Three.\n"))
    played.wait_until(GAP_WAIT_S)
    assert played.said() == ["One.", MISSING, "Three."]
    played.feed(claude.shows("p", "m", 1, "Two.\n"))
    assert played.said() == ["One.", MISSING, "Three."]


def test_a_gap_is_filled_from_the_text_of_stop(played: Played) -> None:
    played.feed(claude.prompt("p"))
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(claude.shows("p", "m", 2, "Three.", final=True))
    played.feed(claude.stops("p", "One.\nTwo.\nThree."))
    played.wait_until(10)
    assert played.said() == ["One.", "Two.", "Three."]


def test_after_a_gap_was_given_up_stop_adds_only_what_comes_behind(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(claude.shows("p", "m", 2, "Three.\n"))
    played.wait_until(5)
    played.feed(claude.stops("p", "One.\nTwo.\nThree.\nFour."))
    played.wait_until(10)
    assert played.said() == ["One.", MISSING, "Three.", "Four."]


def test_an_empty_final_delta_closes_the_message(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(claude.shows("p", "m", 1, "", final=True))
    played.feed(claude.shows("p", "m", 2, "Never.\n"))
    played.wait_until(10)
    assert played.said() == ["One."]


def test_an_utterance_carries_the_arrival_of_its_text_not_of_what_freed_it(played: Played) -> None:
    played.feed(claude.shows("p", "m", 1, "Two.\n", final=True), at=1.0)
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=1.2)
    assert [(each.sentences, each.arrived_s) for each in played.utterances()] == [
        (("One.",), 1.2),
        (("Two.",), 1.0),
    ]


def test_utterances_have_ids_of_their_own_and_the_session_of_their_text(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(Claude("s2").shows("q", "n", 0, "Two.\n"))
    assert [each.session for each in played.utterances()] == ["s1", "s2"]
    assert len({each.id for each in played.utterances()}) == 2


def test_a_reply_in_another_script_is_in_its_own_language(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "`README.md`\n\n"))
    played.feed(claude.shows("p", "m", 1, "テストは全部通りました。\n", final=True))
    assert [each.language for each in played.utterances()] == [ENGLISH, Language("ja")]


def test_prose_tool_prose_final_is_heard_once_and_in_order(played: Played) -> None:
    played.feed(claude.prompt("p"), at=0)
    played.feed(claude.shows("p", "m1", 0, "I look at it.\n"), at=1)
    played.feed(claude.shows("p", "m1", 1, "It is quick.", final=True), at=2)
    played.feed(claude.event("PreToolUse", prompt_id="p", tool_use_id="t", tool_name="Bash"), at=2)
    played.feed(claude.shows("p", "m2", 0, "One file is left.", final=True), at=3)
    played.feed(claude.shows("p", "m3", 0, "All done.\n"), at=4)
    played.feed(claude.stops("p", "All done.\nGood night."), at=4.1)
    played.feed(claude.shows("p", "m3", 1, "Good night.", final=True), at=4.2)
    played.wait_until(10)
    assert played.said() == ["I look at it.", "It is quick.", "One file is left.", "All done.", "Good night."]


def test_a_message_waits_for_the_end_of_the_one_before(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "One.\n"), at=0)
    played.feed(claude.shows("p", "m2", 0, "Three.\n"), at=1)
    played.feed(claude.shows("p", "m1", 1, "Two.", final=True), at=1.1)
    played.wait_until(3)
    assert played.said() == ["One.", "Two.", "Three."]


def test_a_short_message_that_was_overtaken_still_comes_first(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "One.", final=True), at=0)
    played.feed(claude.shows("p", "m3", 0, "Three.\n"), at=1)
    played.feed(claude.shows("p", "m2", 0, "Two.", final=True), at=1.02)
    played.wait_until(3)
    assert played.said() == ["One.", "Two.", "Three."]


def test_a_final_delta_that_is_lost_is_announced_before_the_next_message(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "One.\n"), at=0)
    played.feed(claude.shows("p", "m2", 0, "Two.\n"), at=1)
    played.wait_until(5)
    assert played.said() == ["One.", MISSING, "Two."]


def test_a_retry_does_not_repeat_what_was_said(played: Played) -> None:
    played.feed(claude.shows("p", "broken", 0, "Line one is here.\n\n"), at=0)
    played.feed(claude.shows("p", "broken", 1, "Line two is here.\n\nLine three is\n"), at=0.2)
    played.feed(claude.shows("p", "again", 0, "Line one is here.\n\n"), at=2)
    played.feed(claude.shows("p", "again", 1, "Line two is here.\n\n"), at=2.1)
    played.feed(claude.shows("p", "again", 2, "Line three is whole.", final=True), at=2.2)
    played.feed(claude.stops("p", "Line one is here.\n\nLine two is here.\n\nLine three is whole."), at=2.3)
    played.wait_until(10)
    assert played.said() == ["Line one is here.", "Line two is here.", "Line three is whole."]


def test_a_retry_of_a_retry_does_not_repeat_either(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "One.\n\nTwo.\n\n"), at=0)
    played.feed(claude.shows("p", "m2", 0, "One.\n\n"), at=2)
    played.feed(claude.shows("p", "m3", 0, "One.\n\nTwo.\n\nThree.\n\n", final=True), at=5)
    played.wait_until(10)
    assert played.said() == ["One.", "Two.", "Three."]


def test_a_retry_of_a_message_that_was_cut_and_closed_says_the_cut_sentence_again_whole(
    played: Played,
) -> None:
    played.feed(claude.shows("p", "m1", 0, "Line one is here.\n\nLine two is cut he", final=True), at=0)
    played.feed(
        claude.shows("p", "m2", 0, "Line one is here.\n\nLine two is cut here and there.", final=True), at=2
    )
    played.wait_until(10)
    assert played.said()[0] == "Line one is here."
    assert played.said().count("Line one is here.") == 1
    assert played.said()[-1] == "Line two is cut here and there."


def test_the_same_words_before_two_tools_are_said_twice(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "I run the tests.\n", final=True), at=0)
    played.feed(claude.shows("p", "m2", 0, "I run the tests.\n", final=True), at=2)
    played.wait_until(10)
    assert played.said() == ["I run the tests.", "I run the tests."]


def test_what_was_taken_for_a_retry_is_said_when_it_turns_out_to_be_new(played: Played) -> None:
    played.feed(claude.shows("p", "m1", 0, "I run it.\n\nThe parts are\n\n", final=True), at=0)
    played.feed(claude.shows("p", "m2", 0, "I run it.\n\n"), at=2)
    played.feed(claude.shows("p", "m2", 1, "It is new.", final=True), at=3)
    played.wait_until(10)
    assert played.said().count("I run it.") == 2
    assert played.said()[-2:] == ["I run it.", "It is new."]
