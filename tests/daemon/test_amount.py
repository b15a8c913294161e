"""The amount gate alone: who is heard at which amount, whatever comes in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.amount import AMOUNTS, MAX_HELD_MESSAGES, MAX_HELD_SESSIONS, AmountGate
from claude_narrator.models.types import (
    NO_PASSAGE,
    Language,
    Name,
    Origin,
    Passage,
    Priority,
    Role,
    Seconds,
    Utterance,
)

NOW = Seconds(0.0)
AT_ONCE = ("all", "brief", "off")


def utterance(name: str = "u", session: str = "s", **fields: object) -> Utterance:
    said = Utterance(name, session, (f"{name} one.", f"{name} two."), Language("en"), NOW)
    return replace(said, **{"roles": (Role.OPENING, Role.DETAIL), "passage": Passage(1, 1), **fields})  # type: ignore[arg-type]


def closing(*passages: Passage, session: str = "s") -> Utterance:
    return replace(utterance(session=session), sentences=(), roles=(), closes=passages)


def gate(amount: str) -> AmountGate:
    return AmountGate(lambda session: amount)


UTTERANCES = st.builds(
    utterance,
    st.text("abc", min_size=1, max_size=3),
    st.sampled_from(["s", "t"]),
    origin=st.sampled_from(Origin),
    priority=st.sampled_from(Priority),
    passage=st.builds(Passage, st.integers(0, 1), st.integers(0, 3)),
    roles=st.tuples(st.sampled_from(Role), st.sampled_from(Role)) | st.just(()),
)
CLOSINGS = st.builds(
    closing,
    st.builds(Passage, st.integers(0, 1), st.integers(0, 3)),
    session=st.sampled_from(["s", "t"]),
)
EVENTS = st.lists(UTTERANCES | CLOSINGS, max_size=20)


@pytest.mark.parametrize("amount", AMOUNTS)
def test_what_the_user_says_himself_is_heard_at_every_amount(amount: str) -> None:
    own = utterance(origin=Origin.USER)
    assert gate(amount).admit(own, NOW) == [own]


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize(
    "asked",
    [
        utterance(origin=Origin.TOOL, priority=Priority.MESSAGE),
        utterance(origin=Origin.NOTICE, priority=Priority.MESSAGE),
        utterance(priority=Priority.IMPORTANT),
        utterance(priority=Priority.NOTIFICATION),
    ],
    ids=["tool", "notice", "alert", "notification"],
)
def test_tools_and_alerts_are_heard_whole_unless_it_is_off(amount: str, asked: Utterance) -> None:
    assert gate(amount).admit(asked, NOW) == ([] if amount == "off" else [asked])


@pytest.mark.parametrize("amount", AMOUNTS)
def test_progress_is_heard_at_all_alone(amount: str) -> None:
    heard = gate(amount).admit(utterance(priority=Priority.PROGRESS), NOW)
    assert len(heard) == (amount == "all")


def test_at_brief_a_sentence_of_which_nothing_is_known_is_heard() -> None:
    unknown = utterance(roles=())
    assert [each.sentences for each in gate("brief").admit(unknown, NOW)] == [unknown.sentences]


@given(EVENTS)
def test_at_all_everything_is_heard_as_it_came(events: list[Utterance]) -> None:
    every = gate("all")
    heard = [out for each in events for out in every.admit(each, NOW)]
    assert heard == [each for each in events if each.sentences]


@given(EVENTS)
def test_at_off_only_the_user_is_heard(events: list[Utterance]) -> None:
    none = gate("off")
    heard = [out for each in events for out in none.admit(each, NOW)]
    assert heard == [each for each in events if each.origin is Origin.USER]


@given(EVENTS, st.lists(st.sampled_from(AMOUNTS), min_size=20, max_size=20))
def test_whatever_the_amounts_no_sentence_is_heard_twice_and_a_reply_keeps_its_order(
    events: list[Utterance], amounts: list[str]
) -> None:
    now = iter(amounts)
    current = [""]
    changing = AmountGate(lambda session: current[0])
    numbered = [replace(each, id=str(number)) for number, each in enumerate(events)]
    heard: list[Utterance] = []
    for each in numbered:
        current[0] = next(now)
        heard += changing.admit(each, NOW)
    assert len({each.id for each in heard}) == len(heard)
    assert all(each.sentences for each in heard)
    for session in ("s", "t"):
        replies = [int(e.id) for e in heard if e.session == session and is_reply(e)]
        assert replies == sorted(replies)


@given(EVENTS)
def test_at_final_replies_are_heard_exactly_when_their_message_closes_the_turn(
    events: list[Utterance],
) -> None:
    last_only = gate("final")
    waiting: dict[str, list[Utterance]] = {"s": [], "t": []}
    for each in events:
        heard = last_only.admit(each, NOW)
        if each.closes is not None:
            assert heard == [held for held in waiting[each.session] if held.passage in each.closes]
            waiting[each.session] = []
        elif is_reply(each):
            assert heard == []
            waiting[each.session].append(each)


def is_reply(each: Utterance) -> bool:
    """Return whether it is part of a message, and no alert."""
    return (
        each.passage != NO_PASSAGE
        and each.origin is Origin.NARRATION
        and each.priority in (Priority.TEXT, Priority.MESSAGE)
    )


def test_no_more_is_held_back_than_a_last_message_can_need() -> None:
    last_only = gate("final")
    passages = [Passage(1, number) for number in range(1, MAX_HELD_MESSAGES + 3)]
    for number, passage in enumerate(passages):
        last_only.admit(utterance(str(number), passage=passage), NOW)
    heard = last_only.admit(closing(*passages), NOW)
    assert [each.passage for each in heard] == passages[-MAX_HELD_MESSAGES:]


def test_the_sessions_that_were_silent_longest_are_forgotten_first() -> None:
    last_only = gate("final")
    for number in range(MAX_HELD_SESSIONS + 1):
        last_only.admit(utterance(session=str(number)), NOW)
    heard = [last_only.admit(closing(Passage(1, 1), session=name), NOW) for name in ("0", "1")]
    assert [len(each) for each in heard] == [0, 1]


def test_silence_forgets_one_session_or_all() -> None:
    last_only = gate("final")
    for session in ("s", "t", "u"):
        last_only.admit(utterance(session=session), NOW)
    last_only.silence("s", forget=True)
    assert last_only.admit(closing(Passage(1, 1)), NOW) == []
    assert len(last_only.admit(closing(Passage(1, 1), session="t"), NOW)) == 1
    last_only.silence("", forget=True)
    assert last_only.admit(closing(Passage(1, 1), session="u"), NOW) == []


def test_what_is_heard_of_a_part_keeps_the_names_of_its_sentences() -> None:
    name = Name(0, 2, "u", str)
    said = gate("brief").admit(utterance(names=((), (name,)), roles=(Role.DETAIL, Role.OPENING)), NOW)
    assert [(each.sentences, each.names) for each in said] == [(("u two.",), ((name,),))]
