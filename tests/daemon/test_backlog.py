"""Catching up: faster first, then with less; nothing is left out that is not told of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.backlog import (
    FASTEST,
    HURRY_FROM_S,
    HURRY_FULLY_S,
    SKIP_FROM_S,
    SKIP_TO_S,
    Backlog,
    Hearing,
    may_hurry,
    narration_s,
    pace,
    speech_s,
)
from claude_narrator.daemon.notices import skipped_notice
from claude_narrator.models.types import Language, Name, Origin, Passage, Priority, Role, Seconds, Utterance

EN, JA = Language("en"), Language("ja")
LONG = "x" * 149 + "."
"""Ten seconds."""
SHORT = "Yes."


def utterance(number: int, *sentences: str, session: str = "s", **fields: object) -> Utterance:
    said = Utterance(f"u{number}", session, sentences or (LONG,), EN, Seconds(0.0))
    roles = (Role.DETAIL,) * len(said.sentences)
    return replace(said, **{"roles": roles, "passage": Passage(1, 1), **fields})  # type: ignore[arg-type]


def backlog(language: Language = EN, rate: float = 1.0, catch_up: bool = True) -> Backlog:
    return Backlog(lambda session: Hearing(language, rate, catch_up))


def behind(count: int) -> list[Utterance]:
    """So many tens of seconds of a message, and the newest message behind it."""
    return [*(utterance(n) for n in range(count)), utterance(count, SHORT, passage=Passage(1, 2))]


def told_in(waiting: tuple[Utterance, ...]) -> int:
    """Return how many skipped sentences the notices in `waiting` tell of."""
    words = [skipped_notice(number, EN)[0] for number in range(1, 400)]
    return sum(words.index(each.sentences[0]) + 1 for each in waiting if each.id.startswith("skipped-"))


@st.composite
def queues(draw: st.DrawFn) -> list[Utterance]:
    """Utterances as they wait: those of a session in the order of its messages."""
    kinds = st.tuples(
        st.sampled_from(["s", "t"]),
        st.lists(st.tuples(st.sampled_from([SHORT, LONG]), st.sampled_from(Role)), min_size=1, max_size=3),
        st.sampled_from([Origin.NARRATION, Origin.NARRATION, Origin.TOOL, Origin.USER]),
        st.sampled_from([Priority.TEXT, Priority.TEXT, Priority.MESSAGE, Priority.IMPORTANT]),
        st.sampled_from([Passage(0, 0), Passage(0, 1), Passage(0, 1), Passage(1, 0)]),
    )
    at = {"s": Passage(1, 1), "t": Passage(1, 1)}
    waiting = []
    for number, (session, said, origin, priority, step) in enumerate(draw(st.lists(kinds, max_size=25))):
        here = at[session]
        at[session] = (
            Passage(here.turn + 1, 1) if step.turn else Passage(here.turn, here.message + step.message)
        )
        texts, roles = zip(*said, strict=True)
        fields = {"roles": roles, "origin": origin, "priority": priority, "passage": at[session]}
        waiting.append(utterance(number, *texts, session=session, **fields))
    return waiting


@given(queues(), st.booleans())
def test_what_is_left_is_in_order_and_what_is_skipped_is_told(waiting: list[Utterance], again: bool) -> None:
    at_work = backlog()
    left = at_work.thin(waiting)
    if again:
        more = [utterance(900 + n, passage=Passage(9, 1 + n // 8)) for n in range(20)]
        waiting, left = [*waiting, *more], at_work.thin([*left, *more])
    before = [(each.id, text) for each in waiting for text in each.sentences]
    after = [(each.id, text) for each in left for text in each.sentences if not each.id.startswith("skip")]
    rest = iter(before)
    assert all(pair in rest for pair in after)
    assert told_in(left) == len(before) - len(after)
    assert len({each.id for each in left}) == len(left)
    assert all(each.sentences and len(each.sentences) == len(each.roles) for each in left)


@given(queues())
def test_only_details_of_an_old_message_of_a_running_turn_are_skipped(waiting: list[Utterance]) -> None:
    left = {each.id: each for each in backlog().thin(waiting)}
    for each in waiting:
        narrated = [e.passage for e in waiting if e.session == each.session and may_hurry(e)]
        newest = max(narrated, default=Passage())
        kept = left[each.id].sentences if each.id in left else ()
        if not may_hurry(each) or each.passage.turn != newest.turn or each.passage == newest:
            assert kept == each.sentences
        must = [
            t for t, r in zip(each.sentences, each.roles, strict=True) if r in (Role.WARNING, Role.QUESTION)
        ]
        rest = iter(kept)
        assert all(text in rest for text in must)


@given(queues())
def test_below_the_bound_nothing_changes(waiting: list[Utterance]) -> None:
    few = waiting[:6]
    short = [replace(each, sentences=(SHORT,) * len(each.sentences)) for each in waiting]
    assert narration_s(short) < SKIP_FROM_S
    assert backlog().thin(short) == tuple(short)
    if narration_s(few) <= SKIP_FROM_S:
        assert backlog().thin(few) == tuple(few)


@given(queues())
def test_who_does_not_want_to_catch_up_misses_nothing(waiting: list[Utterance]) -> None:
    assert backlog(catch_up=False).thin(waiting) == tuple(waiting)


def test_beyond_the_bound_the_oldest_is_skipped_until_little_is_left() -> None:
    assert backlog().thin(behind(6)) == tuple(behind(6))
    waiting = behind(7)
    notice, *left = backlog().thin(waiting)
    assert notice.sentences == ("Skipped five sentences.",)
    assert left == waiting[5:]
    assert narration_s(left[:-1]) == SKIP_TO_S


def test_what_is_skipped_later_is_told_in_one_sentence_with_what_was_skipped_before() -> None:
    at_work = backlog()
    first = at_work.thin(behind(7))
    later = [utterance(50 + n, passage=Passage(1, 2)) for n in range(6)]
    notice, *left = at_work.thin([*first, *later, utterance(99, SHORT, passage=Passage(1, 3))])
    assert notice.sentences == ("Skipped 13 sentences.",)
    assert not any(each.id.startswith("skipped-") for each in left)


def test_a_long_last_message_is_said_whole() -> None:
    long = [utterance(n, passage=Passage(1, 2)) for n in range(30)]
    assert backlog().thin(long) == tuple(long)


def test_a_turn_that_has_ended_is_said_whole_though_the_next_one_runs() -> None:
    ended = [utterance(n) for n in range(10)]
    running = [utterance(20, SHORT, passage=Passage(2, 2))]
    assert backlog().thin([*ended, *running]) == (*ended, *running)


def test_what_found_no_room_is_told_where_the_session_goes_on() -> None:
    at_work = backlog()
    at_work.lost(utterance(1, "One.", "Two."))
    at_work.lost(utterance(2, "Three."))
    at_work.lost(utterance(3, "Elsewhere.", session="t"))
    at_work.lost(utterance(4, "Half.", priority=Priority.PROGRESS))
    urgent = utterance(5, "Now.", priority=Priority.IMPORTANT)
    left = at_work.thin([urgent, utterance(6, "Four.")])
    assert [(each.session, *each.sentences) for each in left] == [
        ("s", "Now."),
        ("s", "Skipped three sentences."),
        ("s", "Four."),
        ("t", "Skipped one sentence."),
    ]
    assert at_work.thin(left) == left


def test_a_notice_that_found_no_room_is_told_with_all_it_told_of() -> None:
    at_work = backlog()
    notice, *_ = at_work.thin(behind(7))
    at_work.lost(notice)
    (again,) = at_work.thin([])
    assert again.sentences == ("Skipped five sentences.",)


def test_the_notice_is_in_the_language_that_is_heard_where_it_has_one() -> None:
    notice, *_ = backlog(JA).thin(behind(7))
    assert (notice.sentences, notice.language) == (("5文、飛ばしました。",), JA)
    notice, *_ = backlog(Language("nl")).thin(behind(7))
    assert (notice.sentences, notice.language) == (("Skipped five sentences.",), EN)


@pytest.mark.parametrize(
    ("count", "says"),
    [(1, "Skipped one sentence."), (12, "Skipped twelve sentences."), (13, "Skipped 13 sent")],
)
def test_a_notice_counts_in_words_as_far_as_there_are_some(count: int, says: str) -> None:
    assert skipped_notice(count, EN)[0].startswith(says)


def test_a_faster_listener_is_behind_later() -> None:
    assert backlog(rate=2.0).thin(behind(12)) == tuple(behind(12))
    assert backlog(rate=2.0).thin(behind(13)) != tuple(behind(13))


def test_the_pace_rises_evenly_from_one_bound_to_the_other_and_no_further() -> None:
    assert pace(HURRY_FROM_S) == 1.0
    assert pace(Seconds((HURRY_FROM_S + HURRY_FULLY_S) / 2)) == pytest.approx(1.15)
    assert pace(HURRY_FULLY_S) == pace(Seconds(1e6)) == FASTEST


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_that_waits_is_never_said_slower(less: float, more: float) -> None:
    less, more = sorted((less, more))
    assert 1.0 <= pace(Seconds(less)) <= pace(Seconds(more)) <= FASTEST


def test_the_length_of_speech_depends_on_the_language() -> None:
    assert speech_s(("x" * 150,), EN) == pytest.approx(10.0)
    assert speech_s(("あ" * 70,), Language("ja-JP")) == pytest.approx(10.0)


def test_what_is_left_has_the_names_of_its_own_sentences_and_a_notice_has_none() -> None:
    names = ((Name(0, 1, "first", str),), (Name(0, 1, "second", str),))
    roles = (Role.DETAIL, Role.WARNING)
    waiting = [utterance(n, LONG, SHORT, roles=roles, names=names) for n in range(40)]
    left = backlog().thin([*waiting, utterance(40, passage=Passage(1, 2))])
    notice, first, *_ = left
    assert (notice.id, notice.names) == ("skipped-1", ())
    assert (first.sentences, first.names) == ((SHORT,), names[1:])
