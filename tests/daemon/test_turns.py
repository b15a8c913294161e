from __future__ import annotations

import pytest

from claude_narrator.daemon.message_line import GAP_WAIT_S
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.turn import STOP_GRACE_S
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
from claude_narrator.models.types import Language, Priority, Seconds
from tests.daemon.timed_payloads import ENGLISH, Claude, Played

NOTICES = notices_for(ENGLISH)
MISSING = NOTICES.part_missing
claude = Claude()


@pytest.fixture
def played() -> Played:
    return Played()


# Deltas


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


# Messages of a turn


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


# Stop


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


# Failure and interruption


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


# Sessions, tools, notifications


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


# Bad input


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
