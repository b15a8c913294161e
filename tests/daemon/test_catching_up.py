"""The pipeline hurries and skips: at the time at which a sentence is taken."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from claude_narrator.daemon.backlog import FASTEST
from claude_narrator.daemon.settings import MAX_RATE, Speech
from claude_narrator.models.types import (
    AudioChunk,
    Language,
    Origin,
    Passage,
    Priority,
    Role,
    Seconds,
    Utterance,
)
from tests.daemon.test_pipeline import FakeEngine, Line, running, until

pytestmark = pytest.mark.anyio
LONG = "x" * 149 + "."
"""Ten seconds."""


class PacedEngine(FakeEngine):
    """Keeps the rate of every sentence."""

    def __init__(self) -> None:
        super().__init__("voice")
        self.rates: list[float] = []

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float
    ) -> AsyncGenerator[AudioChunk, None]:
        self.rates.append(rate)
        async for chunk in super().synthesize(text, voice, language, rate):
            yield chunk


def narration(number: int, text: str = LONG, message: int = 1, **fields: object) -> Utterance:
    said = Utterance(f"u{number}", "a", (text,), Language("en"), Seconds(0.0))
    known = {"roles": (Role.DETAIL,), "passage": Passage(1, message), **fields}
    return replace(said, **known)  # type: ignore[arg-type]


async def heard(line: Line, *waiting: Utterance) -> None:
    """Let `waiting` wait before the pipeline runs, and hear all."""
    for each in waiting:
        assert line.queue.put(each) == ()
    async with running(line):
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()


async def test_the_rate_rises_with_what_waits_and_comes_down_with_it() -> None:
    voice = PacedEngine()
    await heard(Line(voice), *(narration(number) for number in range(12)))
    assert voice.rates[0] == FASTEST
    assert voice.rates[-1] == 1.0
    assert voice.rates == sorted(voice.rates, reverse=True)
    assert len(voice.synthesized) == 12


async def test_little_that_waits_is_said_at_the_rate_that_is_set() -> None:
    voice = PacedEngine()
    await heard(Line(voice), *(narration(number) for number in range(3)))
    assert voice.rates == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "kind", [{"origin": Origin.USER}, {"origin": Origin.TOOL}, {"priority": Priority.MESSAGE}]
)
async def test_what_somebody_asked_to_hear_is_not_hurried(kind: dict[str, object]) -> None:
    voice = PacedEngine()
    await heard(Line(voice), *(narration(number, **kind) for number in range(12)))
    assert set(voice.rates) == {1.0}


@pytest.mark.parametrize(("rate", "fastest"), [(2.0, 2.0 * FASTEST), (2.9, MAX_RATE), (3.0, 3.0)])
async def test_the_pace_is_a_multiple_of_the_rate_that_is_set_up_to_the_fastest(
    rate: float, fastest: float
) -> None:
    voice = PacedEngine()
    await heard(Line(voice, speech=Speech(rate=rate)), *(narration(number) for number in range(40)))
    assert max(voice.rates) == pytest.approx(fastest)
    assert voice.rates[-1] == rate


async def test_old_sentences_of_a_running_turn_are_skipped_and_it_is_said() -> None:
    voice = PacedEngine()
    old = [narration(number, f"{LONG}{number}.") for number in range(9)]
    asked = narration(20, "Is it?", roles=(Role.QUESTION,))
    await heard(Line(voice), *old[:3], asked, *old[3:], narration(21, "The newest.", message=2))
    said = ["Skipped eight sentences.", "Is it?", f"{LONG}8.", "The newest."]
    assert "".join(voice.synthesized) == "".join(said)


async def test_what_found_no_room_is_told() -> None:
    voice = PacedEngine()
    line = Line(voice)
    line.pipeline.lost(narration(1, "Lost."))
    await heard(line, narration(2, "The rest."))
    assert voice.synthesized == ["Skipped one sentence.", "The rest."]


async def test_who_does_not_want_to_catch_up_hears_everything_at_his_rate() -> None:
    voice = PacedEngine()
    line = Line(voice, speech=Speech(catch_up=False))
    await heard(line, *(narration(number) for number in range(12)), narration(21, "The newest.", message=2))
    assert set(voice.rates) == {1.0}
    assert len(voice.synthesized) == 13
