"""The human stops a turn: what was said of it is silenced, what was to be said of it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from claude_narrator.daemon.transcript_records import Interruption, News, Records
from claude_narrator.daemon.turns import Silence
from claude_narrator.models.types import Seconds
from tests.daemon.timed_payloads import VERSIONS, Claude, Played, tour

claude = Claude()


def interruption_in(line: bytes) -> Interruption | None:
    news: News | None = Records().news_in(line)
    return news if isinstance(news, Interruption) else None


@pytest.fixture
def played() -> Played:
    return Played()


def interrupt(played: Played, prompt_id: str, session: str = "s1") -> list[Any]:
    return played.turns.interrupt(session, prompt_id, Seconds(played.now))


def test_an_interrupted_turn_is_silenced_and_its_late_deltas_stay_unsaid(played: Played) -> None:
    played.feed(claude.prompt("p"))
    played.feed(claude.shows("p", "m", 0, "One.\n"), at=1.0)
    played.feed(claude.shows("p", "m", 2, "Three.\n"))
    assert interrupt(played, "p") == [Silence("s1")]
    played.feed(claude.shows("p", "m", 1, "Two.\n"))
    played.feed(claude.shows("p", "n", 0, "Four.", final=True))
    played.wait_until(20.0)
    assert played.said() == ["One."]


def test_the_next_prompt_is_said_normally(played: Played) -> None:
    played.feed(claude.prompt("p"))
    played.feed(claude.shows("p", "m", 0, "One.\nTwo"), at=1.0)
    interrupt(played, "p")
    played.feed(claude.prompt("q"), at=2.0)
    played.feed(claude.shows("q", "n", 0, "Another.\n"), at=3.0)
    played.feed(claude.stops("q", "Another.\nEnd."))
    played.wait_until(20.0)
    assert played.said() == ["One.", "Another.", "End."]


def test_a_turn_that_is_interrupted_before_its_first_delta_stays_unsaid(played: Played) -> None:
    played.feed(claude.prompt("p"))
    interrupt(played, "p")
    played.feed(claude.shows("p", "m", 0, "Late.\n"))
    played.feed(claude.prompt("q"))
    played.feed(claude.shows("q", "n", 0, "New.\n"))
    played.wait_until(20.0)
    assert played.said() == ["New."]


def test_an_interruption_without_a_prompt_id_ends_whatever_runs(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "One.\n"))
    assert interrupt(played, "") == [Silence("s1")]
    played.feed(claude.shows("p", "m", 1, "Two.\n"))
    played.wait_until(20.0)
    assert played.said() == ["One."]


@pytest.mark.parametrize("begun", [True, False])
def test_an_interruption_that_is_noticed_late_leaves_the_next_turn_alone(played: Played, begun: bool) -> None:
    played.feed(claude.prompt("p"))
    if begun:
        played.feed(claude.shows("p", "m", 0, "One.\n"))
    played.feed(claude.prompt("q"), at=1.0)
    played.feed(claude.shows("q", "n", 0, "New.\n"), at=1.1)
    assert interrupt(played, "p") == []
    played.feed(claude.shows("q", "n", 1, "More.\n"), at=1.2)
    played.wait_until(20.0)
    assert played.said()[-2:] == ["New.", "More."]


def test_an_interruption_of_an_unknown_session_is_nothing(played: Played) -> None:
    assert interrupt(played, "p", "who") == []


@pytest.mark.parametrize("version", VERSIONS)
def test_in_the_recorded_session_the_two_interruptions_are_found_and_name_their_turns(version: str) -> None:
    lines = (VERSIONS[version] / "tour-transcript-1.jsonl").read_bytes().splitlines()
    found = [each for line in lines if (each := interruption_in(line))]
    prompts = {payload["prompt_id"] for _, payload in tour(version) if payload.get("prompt_id")}
    assert len(found) == 2
    assert {each.prompt_id for each in found} < prompts


@pytest.mark.parametrize("version", VERSIONS)
def test_of_the_recorded_turns_only_the_interrupted_ones_lose_what_comes_after(version: str) -> None:
    lines = (VERSIONS[version] / "tour-transcript-1.jsonl").read_bytes().splitlines()
    stopped = [each.prompt_id for line in lines if (each := interruption_in(line))]
    last = {payload.get("prompt_id"): at for at, payload in tour(version)}
    ends = sorted((last[prompt_id], prompt_id) for prompt_id in stopped)
    whole, cut = Played().play(tour(version)), Played()
    for at, payload in tour(version):
        while ends and at >= ends[0][0]:  # before the turn's last delta
            cut.turns.interrupt(payload["session_id"], ends.pop(0)[1], Seconds(cut.now))
        cut.feed(payload, at)
    cut.wait_until(cut.now + 60)
    assert set(cut.said()) < set(whole.said())
    lost = [text for text in whole.said() if text not in cut.said()]
    assert len(lost) <= 4, lost


def record(**changes: Any) -> bytes:
    text = changes.pop("text", "[Request interrupted by user]")
    content = changes.pop("content", [{"type": "text", "text": text}])
    body = {
        "type": "user",
        "promptId": "p",
        "isSidechain": False,
        "message": {"role": "user", "content": content},
    }
    return json.dumps({**body, **changes}).encode()


def test_an_interruption_for_tool_use_is_one() -> None:
    assert interruption_in(record(text="[Request interrupted by user for tool use]")) == Interruption("p")


@pytest.mark.parametrize(
    "line",
    [
        record(type="assistant"),
        record(isSidechain=True),
        record(origin={"kind": "human"}),
        record(content="[Request interrupted by user]"),
        record(content=[]),
        record(content=[7]),
        record(message=None),
        record(text="He wrote: [Request interrupted by user]"),
        record()[:-5],
        b"[Request interrupted by user]",
        b"\xff[Request interrupted by user",
    ],
)
def test_other_lines_with_the_same_words_are_no_interruptions(line: bytes) -> None:
    assert interruption_in(line) is None


def test_a_prompt_id_of_another_type_is_none() -> None:
    assert interruption_in(record(promptId=7)) == Interruption("")
