"""Two whole sessions of the real CLI go through the turn logic: as recorded, shuffled, doubled, with losses.

What must be heard is taken from the transcripts that the CLI wrote, not from the hooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Priority
from tests.daemon.timed_payloads import ENGLISH, RECORDED, VERSIONS, Played, Timed, tour

PAYLOADS = sorted(path for folder in VERSIONS.values() for path in (folder / "hook-payloads").glob("*.json"))
NOTICES = notices_for(ENGLISH)
NEVER_DISPLAYED = {
    "2.1.328": ("One day a stranger came to the door",),
    "2.1.197": ("One day a stranger came to the door", "Line three is cut he"),
}
"""Lines that Esc or a broken stream cut off before the CLI showed them."""
SUPERSEDED_AT_ONCE = 1
"""In 2.1.197 a prompt that was queued is submitted 75 ms after this Stop."""
BY_HAND = [
    ["I will look at the folder first, then read the notes.", "That should be quick."],
    ["That should be quick.", "There is one file worth reading."],
    ["Once there was a baker who lived by the river."],
    ["I start a slow command.", "This answer is long enough to type over.", "Second line."],
    ["Sixth line.", "End of four.", "This answers the prompt that was queued.", "End of five."],
    ["I need to create a file.", "The file is there.", "End of six."],
    ["This one will fail.", "As expected, it failed.", "End of seven.", "I ask a helper."],
    ["Stepping through it now.", "Both files are small.", "End of nine.", "Line one of a broken answer."],
    ["A plain answer.", "End of eleven.", "One more sentence, as asked.", "End of twelve."],
    ["Hello.", "What shall we do?"],
]
both_versions = pytest.mark.parametrize("version", VERSIONS)
EVENTS = 200
"""More than a tour holds."""
few = settings(max_examples=40, deadline=None)


def expected(version: str) -> list[str]:
    """Return every sentence of prose in the transcripts of the tour."""
    texts = (text for part in (1, 2) for text in replies(VERSIONS[version] / f"tour-transcript-{part}.jsonl"))
    sentences = [sentence for text in texts for sentence in speakable_sentences(text, ENGLISH)]
    return [each for each in sentences if not each.startswith(NEVER_DISPLAYED[version])]


def replies(transcript: Path) -> Iterator[str]:
    for record in map(json.loads, transcript.read_text(encoding="utf-8").splitlines()):
        if record["type"] == "assistant" and not record.get("isApiErrorMessage"):
            yield from (block["text"] for block in record["message"]["content"] if block["type"] == "text")


@both_versions
def test_the_recorded_session_is_heard_whole_in_order_and_once(version: str) -> None:
    said = Played().play(tour(version)).said()
    assert said == expected(version)
    for sentences in BY_HAND:
        at = said.index(sentences[0])
        assert said[at : at + len(sentences)] == sentences
    assert said.count("The helper is on it.") == (2 if version == "2.1.328" else 1)


@both_versions
def test_errors_and_questions_of_the_recorded_session_are_said_as_important(version: str) -> None:
    played = Played().play(tour(version))
    assert played.said(Priority.IMPORTANT) == [
        "Claude wants to run: touch third dot txt.",
        "Claude stopped: the server failed or the connection broke.",
        NOTICES.failed,
    ]
    assert played.said(Priority.NOTIFICATION) == ["Claude is waiting for your input."]
    assert not [sentence for _, sentence in played.said_at() if "API Error" in sentence]


@both_versions
def test_only_what_a_human_does_silences_the_recorded_session(version: str) -> None:
    prompts = [p for _, p in tour(version) if p["hook_event_name"] == "UserPromptSubmit"]
    by_hand = [p for p in prompts if not p["prompt"].startswith("<")]
    clear_and_exit = 2
    assert Played().play(tour(version)).silences() == len(by_hand) + clear_and_exit


@both_versions
def test_the_subagent_of_the_recorded_session_is_not_heard(version: str) -> None:
    said = " ".join(sentence for _, sentence in Played().play(tour(version)).said_at())
    assert "Nothing else to report" not in said
    assert "Summary of the conversation" not in said


@both_versions
def test_a_reply_starts_to_be_heard_before_it_has_ended(version: str) -> None:
    played = Played().play(tour(version))
    stop = next(at for at, payload in tour(version) if payload["hook_event_name"] == "Stop")
    first = next(at for at, sentence in played.said_at() if sentence.startswith("Your notes hold"))
    assert first < stop - 0.2


@both_versions
@few
@given(delays_ms=st.lists(st.integers(0, 90), min_size=EVENTS, max_size=EVENTS))
def test_deliveries_that_take_up_to_90_ms_longer_change_nothing(version: str, delays_ms: list[int]) -> None:
    delayed = with_delays(tour(version), delays_ms)
    assert Played().play(delayed).said() == expected(version)


@both_versions
@few
@given(moves=st.lists(st.sampled_from([0.0, 1.25, 2.5, 3.5]), min_size=EVENTS, max_size=EVENTS))
def test_deltas_and_stop_up_to_three_places_out_of_order_change_nothing(
    version: str, moves: list[float]
) -> None:
    move = iter(moves)
    shuffled = [each for burst in bursts(tour(version)) for each in jumbled(burst, move)]
    assert Played().play(shuffled).said() == expected(version)


@both_versions
def test_every_event_delivered_twice_is_heard_once(version: str) -> None:
    twice = ((at + late, payload) for at, payload in tour(version) for late in (0.0, 0.001))
    played = Played().play(sorted(twice, key=lambda each: each[0]))
    assert played.said() == expected(version)
    assert len(played.said(Priority.IMPORTANT)) == 3


@both_versions
@few
@given(lost=st.lists(st.booleans(), min_size=EVENTS, max_size=EVENTS))
def test_lost_deliveries_lose_no_more_than_their_text_and_never_the_order(
    version: str, lost: list[bool]
) -> None:
    events = zip(tour(version), lost, strict=False)
    arrived = [each for each, is_lost in events if not (is_lost and is_display(each))]
    said = Played().play(arrived).said()
    rest = iter(expected(version))
    assert all(sentence in rest for sentence in said if sentence != NOTICES.part_missing)
    assert {"Shall I add a third one?", "End of five.", "End of six.", "End of twelve."} <= set(said)


@both_versions
def test_with_the_gateway_down_the_text_of_every_stop_is_heard(version: str) -> None:
    played = Played().play([each for each in tour(version) if not is_display(each)])
    stops = [p["last_assistant_message"] for _, p in tour(version) if p["hook_event_name"] == "Stop"]
    if version == "2.1.197":
        del stops[SUPERSEDED_AT_ONCE]
    assert played.said() == [sentence for text in stops for sentence in speakable_sentences(text, ENGLISH)]


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: str(path.relative_to(RECORDED)))
def test_every_recorded_payload_is_understood(path: Path) -> None:
    played = Played()
    played.feed(json.loads(path.read_text(encoding="utf-8")))
    played.wait_until(60)


@both_versions
def test_the_body_of_a_recorded_http_hook_is_spoken(version: str) -> None:
    request = json.loads((VERSIONS[version] / "http-hook-request.json").read_text(encoding="utf-8"))
    played = Played()
    played.feed(request["body"])
    assert played.said() == ["I will look at the file first."]


def is_display(timed: Timed) -> bool:
    return timed[1]["hook_event_name"] == "MessageDisplay"


def is_delivery(timed: Timed) -> bool:
    return timed[1]["hook_event_name"] in ("MessageDisplay", "Stop", "StopFailure")


def with_delays(payloads: list[Timed], delays_ms: list[int]) -> list[Timed]:
    """Delay deliveries; the CLI waits for the hook of a prompt, so none is overtaken by a later prompt."""
    late: list[Timed] = []
    bound = float("inf")
    for (at, payload), delay_ms in zip(reversed(payloads), delays_ms, strict=False):
        if payload["hook_event_name"] in ("UserPromptSubmit", "SessionEnd"):
            bound = at
        delay = delay_ms / 1000 if is_delivery((at, payload)) else 0.0
        late.append((min(at + delay, bound), payload))
    late.reverse()
    return sorted(late, key=lambda each: each[0])


def bursts(payloads: list[Timed]) -> Iterator[list[Timed]]:
    """Cut a session into the deliveries of one message with the end of its turn, and single other events."""
    burst: list[Timed] = []
    for timed in in_sent_order(payloads):
        if burst and not (is_delivery(timed) and same_message(burst[0], timed)):
            yield burst
            burst = []
        burst.append(timed)
    yield burst


def in_sent_order(payloads: list[Timed]) -> list[Timed]:
    """Bring the deltas of a message together, in the order of their indexes, at the time of the first."""
    begun: dict[str, float] = {}
    for at, payload in payloads:
        begun.setdefault(payload.get("message_id", ""), at)
    closing = {"Stop", "StopFailure"}
    ends: dict[str, float] = {}
    for at, payload in payloads:
        if is_display((at, payload)):
            ends[payload["prompt_id"]] = begun[payload["message_id"]]
    keyed: list[tuple[float, int, Timed]] = []
    for at, payload in payloads:
        if is_display((at, payload)):
            keyed.append((begun[payload["message_id"]], payload["index"], (at, payload)))
        elif payload["hook_event_name"] in closing and not follows_later(payloads, at, payload):
            keyed.append((ends.get(payload["prompt_id"], at), 1000, (at, payload)))
        else:
            keyed.append((at, 0, (at, payload)))
    keyed.sort(key=lambda each: each[:2])
    return [(at + 0.001 * place, payload) for place, (at, _, (_, payload)) in enumerate(keyed)]


def follows_later(payloads: list[Timed], at: float, stop: dict[str, Any]) -> bool:
    """Return whether text of the same turn comes behind `stop`: it was blocked."""
    same = (each for each in payloads if is_display(each) and each[1]["prompt_id"] == stop["prompt_id"])
    return any(when > at and payload["index"] == 0 for when, payload in same)


def same_message(first: Timed, other: Timed) -> bool:
    return (
        is_display(first)
        and first[1]["prompt_id"] == other[1]["prompt_id"]
        and first[1]["message_id"] == other[1].get("message_id", first[1]["message_id"])
    )


def jumbled(burst: list[Timed], move: Iterator[float]) -> list[Timed]:
    """Move every delivery by up to three places; the times stay."""
    keys = [place + next(move) for place in range(len(burst))]
    order = sorted(range(len(burst)), key=lambda place: keys[place])
    return [(at, burst[place][1]) for (at, _), place in zip(burst, order, strict=True)]
