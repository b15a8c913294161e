"""Turns that Hypothesis makes up: cut anywhere, delivered in any order, or no turns at all."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.text.speakable import speakable_sentences
from tests.daemon.timed_payloads import ENGLISH, Claude, Played, Timed

few = settings(max_examples=150, deadline=None)
claude = Claude()
PIECES = [
    "Plain words here.",
    "Is it so?",
    "- a point",
    "1. **First** thing",
    "",
    "",
    "```sh",
    "x = 1",
    "```",
    "| a | b |",
    "| - | - |",
    "| c | d |",
    "# A heading",
    "An `id` and more",
    "  indented",
    "Ünïcödé. 終わり。",
]
lines = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12)
places = st.lists(st.floats(0, 0.2), min_size=40, max_size=40)


def expected(text: str) -> list[str]:
    return list(speakable_sentences(text, ENGLISH))


def deltas(text: str, cuts: list[int]) -> list[str]:
    """Cut `text` at some of its line ends; the unfinished last line, or nothing, is the final delta."""
    *whole, last = text.split("\n")
    flushed: list[str] = []
    for place, line in enumerate(whole):
        if flushed and place in cuts:
            flushed[-1] += line + "\n"
        else:
            flushed.append(line + "\n")
    return [*flushed, last]


def shown(message: str, text: str, cuts: list[int]) -> list[dict[str, Any]]:
    parts = deltas(text, cuts)
    return [
        claude.shows("p", message, index, delta, final=index == len(parts) - 1)
        for index, delta in enumerate(parts)
    ]


@few
@given(lines, st.lists(st.integers(0, 12)), places, st.floats(0, 0.2))
def test_a_reply_in_any_order_around_its_stop_is_heard_whole_and_once(
    pieces: list[str], cuts: list[int], arrivals: list[float], stop_s: float
) -> None:
    text = "\n".join(pieces)
    events: list[Timed] = list(zip(arrivals, shown("m", text, cuts), strict=False))
    events.append((stop_s, claude.stops("p", text.strip())))
    played = Played().play(sorted(events, key=lambda each: each[0]))
    assert played.said() == expected(text)


@few
@given(st.lists(lines, min_size=2, max_size=4), st.lists(st.integers(0, 12)), st.data())
def test_messages_that_come_apart_are_heard_one_after_the_other(
    messages: list[list[str]], cuts: list[int], data: st.DataObject
) -> None:
    events: list[Timed] = []
    for place, pieces in enumerate(messages):
        one = shown(f"m{place}", "\n".join(pieces), cuts)
        arrivals = data.draw(st.lists(st.floats(0, 0.2), min_size=len(one), max_size=len(one)))
        events += [(place * 0.5 + late, payload) for late, payload in zip(arrivals, one, strict=True)]
    played = Played().play(sorted(events, key=lambda each: each[0]))
    said = [sentence for pieces in messages for sentence in expected("\n".join(pieces))]
    assert played.said() == said


anything = st.fixed_dictionaries(
    {
        "hook_event_name": st.sampled_from(
            ["MessageDisplay"] * 6
            + ["Stop", "StopFailure", "UserPromptSubmit", "SessionStart", "SessionEnd", "Notification"]
        ),
        "session_id": st.sampled_from(["s1", "s2"]),
        "cwd": st.just("/home/user/project"),
        "message_id": st.sampled_from(["m1", "m2", "m3"]),
        "index": st.one_of(st.integers(0, 6), st.just(999_999)),
        "final": st.booleans(),
        "delta": st.sampled_from(["One.\n", "Two.\n\n", "\n", "", "Three is cut", "```\n"]),
        "last_assistant_message": st.sampled_from(["One.", "One.\nTwo.", "", None, "Other."]),
        "prompt": st.sampled_from(["Hello", "<task-notification>"]),
        "message": st.just("May I?"),
        "reason": st.sampled_from(["other", "clear"]),
    },
    optional={"prompt_id": st.sampled_from(["p1", "p2", "p3"]), "turn_id": st.just("t1")},
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.7), anything), max_size=40))
def test_nonsense_is_survived_and_waits_come_to_an_end(events: list[tuple[float, dict[str, Any]]]) -> None:
    played = Played()
    for pause_s, payload in events:
        played.feed(payload, at=played.now + pause_s)
    played.wait_until(played.now + 60)
    assert played.turns.next_due_s is None
