"""What of recorded and made-up turns is heard at each amount; expected is what stands in the transcripts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.reply_stream import ReplyStream
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Priority
from tests.daemon.gated import Gated
from tests.daemon.test_recorded_turns import (
    EVENTS,
    NEVER_DISPLAYED,
    expected,
    is_delivery,
    with_delays,
)
from tests.daemon.timed_payloads import ENGLISH, VERSIONS, Claude, tour

NOTICES = notices_for(ENGLISH)
both_versions = pytest.mark.parametrize("version", VERSIONS)
claude = Claude()


def messages(version: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of every message of the tour, and whether it ended its turn well."""
    for part in (1, 2):
        lines = (VERSIONS[version] / f"tour-transcript-{part}.jsonl").read_text(encoding="utf-8").splitlines()
        records = [each for each in map(json.loads, lines) if each["type"] in ("assistant", "user")]
        for reply, following in zip(records, [*records[1:], {}], strict=True):
            if reply["type"] == "user" or reply.get("isApiErrorMessage"):
                continue
            text = "".join(b["text"] for b in reply["message"]["content"] if b["type"] == "text")
            if text:
                ended = reply["message"]["stop_reason"] == "end_turn"
                yield text, ended and not following.get("isApiErrorMessage")


def last_messages(version: str) -> list[str]:
    last = (text for text, ended in messages(version) if ended)
    return [sentence for text in last for sentence in speakable_sentences(text, ENGLISH)]


def first_sentences(version: str) -> list[str]:
    """Return what opens a paragraph, questions and warnings; the lists and code of the tour are announced."""
    wanted: list[str] = []
    for text, _ in messages(version):
        for block in text.split("\n\n"):
            said = speakable_sentences(block, ENGLISH)
            wanted += said[:1] if not block.startswith(("1.", "```")) else ()
            wanted += (each for each in said[1:] if each.endswith("?") or "broken" in each)
    return [each for each in wanted if not each.startswith(NEVER_DISPLAYED[version])]


def alerts(played: Gated) -> list[str]:
    return played.sentences(Priority.IMPORTANT, Priority.NOTIFICATION)


@both_versions
def test_at_all_the_recorded_session_is_heard_whole(version: str) -> None:
    played = Gated("all").play(tour(version))
    assert played.sentences(Priority.TEXT) == expected(version)


@both_versions
def test_at_final_the_last_message_of_every_turn_is_heard_and_no_other(version: str) -> None:
    played = Gated("final").play(tour(version))
    assert played.sentences(Priority.TEXT) == last_messages(version)
    assert len(last_messages(version)) > 20


@both_versions
def test_at_brief_first_sentences_and_questions_are_heard(version: str) -> None:
    played = Gated("brief").play(tour(version))
    assert played.sentences(Priority.TEXT) == first_sentences(version)
    assert "Shall I add a third one?" in first_sentences(version)


@both_versions
def test_at_alerts_only_the_questions_that_end_a_turn_are_heard_of_replies(version: str) -> None:
    played = Gated("alerts").play(tour(version))
    asked = [sentence for sentence in last_messages(version) if sentence.endswith("?")]
    assert played.sentences(Priority.TEXT) == asked == ["Shall I add a third one?", "What shall we do?"]


@both_versions
@pytest.mark.parametrize("amount", ["all", "final", "brief", "alerts"])
def test_permission_prompts_failures_and_idle_notices_are_heard_at_every_amount(
    version: str, amount: str
) -> None:
    permission, broke_off, failed, idle = alerts(Gated(amount).play(tour(version)))
    assert permission == "Claude wants to run: touch third dot txt."
    assert broke_off == NOTICES.failure("server_error")
    assert failed == NOTICES.failed
    assert idle == "Claude is waiting for your input."


@both_versions
def test_at_off_nothing_is_heard(version: str) -> None:
    assert Gated("off").play(tour(version)).heard == []


@both_versions
@settings(max_examples=20, deadline=None)
@given(delays_ms=st.lists(st.integers(0, 90), min_size=EVENTS, max_size=EVENTS))
def test_late_deliveries_change_nothing_at_final(version: str, delays_ms: list[int]) -> None:
    played = Gated("final").play(with_delays(tour(version), delays_ms))
    assert played.sentences(Priority.TEXT) == last_messages(version)


@both_versions
def test_events_delivered_twice_change_nothing_at_final(version: str) -> None:
    twice = ((at + late, payload) for at, payload in tour(version) for late in (0.0, 0.001))
    played = Gated("final").play(sorted(twice, key=lambda each: each[0]))
    assert played.sentences(Priority.TEXT) == last_messages(version)


@both_versions
def test_with_the_gateway_down_the_last_messages_are_heard(version: str) -> None:
    without = [each for each in tour(version) if not (is_delivery(each) and "delta" in each[1])]
    heard = Gated("final").play(without).sentences(Priority.TEXT)
    assert [each for each in last_messages(version) if each not in heard] in ([], LOST_TO_A_QUEUED_PROMPT)


@both_versions
@pytest.mark.parametrize("stream", ["stream", "stream-partial", "stream-narration", "stream-subagent"])
def test_at_final_the_result_of_a_recorded_stream_is_heard_and_no_more(version: str, stream: str) -> None:
    lines = (VERSIONS[version] / f"{stream}.jsonl").read_bytes().splitlines()
    reply, played = ReplyStream(), Gated("final")
    for line in lines:
        for payload in reply.feed(line):
            played.feed(payload, at=played.now + 0.01)
    played.wait_until(played.now + 20)
    results = [json.loads(line)["result"] for line in lines if json.loads(line)["type"] == "result"]
    assert results
    assert played.sentences() == [said for text in results for said in speakable_sentences(text, ENGLISH)]


LOST_TO_A_QUEUED_PROMPT = [
    "This answer is long enough to type over.",
    "Second line.",
    "Third line.",
    "Fourth line.",
    "Fifth line.",
    "Sixth line.",
    "End of four.",
]
"""In 2.1.197 a prompt that was queued is submitted 75 ms after the Stop of the turn before."""


@pytest.fixture
def final() -> Gated:
    return Gated("final")


def test_nothing_of_a_message_is_heard_before_its_turn_has_ended(final: Gated) -> None:
    final.feed(claude.shows("p", "m", 0, "One.\nTwo.\n"))
    final.wait_until(5.0)
    assert final.sentences() == []
    final.feed(claude.stops("p", "One.\nTwo.\nThree."))
    final.wait_until(10.0)
    assert final.sentences() == ["One.", "Two.", "Three."]


def test_a_message_that_was_sent_again_is_heard_whole_and_once(final: Gated) -> None:
    final.feed(claude.prompt("p"))
    final.feed(claude.shows("p", "m", 0, "One.\nTwo.\n"), at=1.0)
    final.feed(claude.shows("p", "n", 0, "One.\n"), at=3.0)
    final.feed(claude.shows("p", "o", 0, "One.\nTwo.\nThree.\n"), at=6.0)
    final.feed(claude.shows("p", "o", 1, "Four.", final=True), at=6.1)
    final.feed(claude.stops("p", "One.\nTwo.\nThree.\nFour."), at=6.2)
    final.wait_until(20.0)
    assert final.sentences() == ["One.", "Two.", "Three.", "Four."]


@pytest.mark.parametrize("ended", [True, False])
def test_a_last_message_with_a_gap_is_heard_with_its_notice_in_place(final: Gated, ended: bool) -> None:
    final.feed(claude.shows("p", "m", 0, "One.\n"))
    final.feed(claude.shows("p", "m", 2, "Three.\n", final=ended))
    final.wait_until(5.0)
    final.feed(claude.stops("p", "One.\nTwo.\nThree.\nFour."))
    final.wait_until(10.0)
    assert final.sentences() == ["One.", NOTICES.part_missing, "Three.", "Four."]


def test_a_last_message_that_was_displayed_as_several_is_heard_whole(final: Gated) -> None:
    final.feed(claude.shows("p", "k", 0, "Before.\n", final=True))
    final.feed(claude.shows("p", "m", 0, "One.\n", final=True), at=1.0)
    final.feed(claude.shows("p", "n", 0, "Two.", final=True), at=2.0)
    final.feed(claude.stops("p", "One.\nTwo."))
    final.wait_until(10.0)
    assert final.sentences() == ["One.", "Two."]


def test_a_stop_that_names_no_text_closes_with_the_message_shown_last(final: Gated) -> None:
    final.feed(claude.shows("p", "m", 0, "One.\n", final=True))
    final.feed(claude.shows("p", "n", 0, "Two.", final=True), at=1.0)
    final.feed(claude.stops("p", ""), at=1.1)
    final.wait_until(10.0)
    assert final.sentences() == ["Two."]


def test_a_blocked_stop_ends_a_message_and_so_does_the_next(final: Gated) -> None:
    final.feed(claude.shows("p", "m", 0, "Done.", final=True))
    final.feed(claude.stops("p", "Done."), at=0.1)
    final.feed(claude.shows("p", "n", 0, "I look again.\n", final=True), at=0.2)
    final.feed(claude.shows("p", "o", 0, "Now it is.", final=True), at=2.0)
    final.feed(claude.stops("p", "Now it is.", active=True), at=2.1)
    final.wait_until(10.0)
    assert final.sentences() == ["Done.", "Now it is."]


def test_a_turn_that_the_next_one_follows_without_a_stop_has_a_last_message_too(final: Gated) -> None:
    final.feed(claude.prompt("p"))
    final.feed(claude.shows("p", "m", 0, "One.\n", final=True), at=1.0)
    final.feed(claude.prompt("q", "<task-notification>done</task-notification>"), at=2.0)
    final.feed(claude.shows("q", "n", 0, "Two.\n"), at=2.1)
    final.wait_until(10.0)
    assert final.sentences() == ["One."]


def test_what_was_written_before_a_failure_is_no_last_message(final: Gated) -> None:
    final.feed(claude.shows("p", "m", 0, "Half of it.\n"))
    final.feed(claude.fails("p"), at=1.0)
    final.wait_until(10.0)
    final.feed(claude.shows("q", "n", 0, "Whole.", final=True))
    final.feed(claude.stops("q", "Whole."))
    final.wait_until(20.0)
    assert final.sentences() == [NOTICES.failed, "Whole."]


def test_a_prompt_that_is_queued_takes_nothing_from_the_last_message(final: Gated) -> None:
    final.feed(claude.prompt("p"))
    final.feed(claude.shows("p", "m", 0, "One.\n"), at=1.0)
    final.feed(claude.prompt("p"), at=2.0)
    final.feed(claude.shows("p", "m", 1, "Two.", final=True), at=3.0)
    final.feed(claude.stops("p", "One.\nTwo."), at=3.1)
    final.wait_until(10.0)
    assert final.sentences() == ["One.", "Two."]


def test_words_that_overtake_their_own_prompt_are_heard_once(final: Gated) -> None:
    final.feed(claude.prompt("old"), at=0.0)
    final.feed(claude.shows("new", "m", 0, "One.\n"), at=5.0)
    final.feed(claude.shows("new", "m", 1, "Two.\n"), at=5.01)
    final.feed(claude.prompt("new"), at=5.02)
    final.feed(claude.shows("new", "m", 2, "Three.", final=True), at=5.1)
    final.feed(claude.stops("new", "One.\nTwo.\nThree."), at=5.2)
    final.wait_until(10.0)
    assert final.sentences() == ["One.", "Two.", "Three."]


def test_a_prompt_drops_what_is_held_back(final: Gated) -> None:
    final.feed(claude.prompt("p"))
    final.feed(claude.shows("p", "m", 0, "Old.\n"), at=1.0)
    final.feed(claude.prompt("q"), at=2.0)
    final.feed(claude.shows("q", "n", 0, "New.", final=True), at=3.0)
    final.feed(claude.stops("q", "New."), at=3.1)
    final.wait_until(10.0)
    assert final.sentences() == ["New."]


def test_an_amount_that_grows_in_the_middle_of_a_message_gives_back_its_beginning(final: Gated) -> None:
    final.feed(claude.shows("p", "k", 0, "Before.", final=True))
    final.feed(claude.shows("p", "m", 0, "One.\n"), at=1.0)
    final.amount = "all"
    final.feed(claude.shows("p", "m", 1, "Two.\n"), at=2.0)
    assert final.sentences() == ["One.", "Two."]
    final.feed(claude.stops("p", "One.\nTwo."), at=2.1)
    final.wait_until(10.0)
    assert final.sentences() == ["One.", "Two."]


@pytest.mark.parametrize(("amount", "heard"), [("all", ["One.", "Two."]), ("brief", ["One."]), ("off", [])])
def test_what_is_held_back_is_heard_as_the_amount_has_it_at_the_end(
    final: Gated, amount: str, heard: list[str]
) -> None:
    final.feed(claude.shows("p", "m", 0, "One.\nTwo.", final=True))
    final.amount = amount
    final.feed(claude.stops("p", "One.\nTwo."), at=1.0)
    final.wait_until(10.0)
    assert final.sentences() == heard


def test_an_amount_that_shrinks_holds_for_the_rest_of_the_message() -> None:
    played = Gated("all")
    played.feed(claude.shows("p", "m", 0, "One.\n\nTwo.\n"))
    played.amount = "brief"
    played.feed(claude.shows("p", "m", 1, "Detail.\n\nThree. More.\n"), at=1.0)
    played.amount = "off"
    played.feed(claude.shows("p", "m", 2, "\nFour.\n"), at=2.0)
    played.wait_until(10.0)
    assert played.sentences() == ["One.", "Two.", "Three."]
