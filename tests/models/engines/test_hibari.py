"""The embedded English voice says what it is given, however fast it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import hibari
from claude_narrator.models.types import Language
from tests.bench.references import LONG_ENGLISH
from tests.listening import Listener, character_error_rate, joined

EN = Language("en")


@pytest.fixture(scope="module")
def engine() -> Iterator[hibari.Hibari]:
    engine = hibari.Hibari()
    engine.load(EngineContext())
    yield engine
    engine.close()


class _Counting:
    """The voice as before; keeps the speeds that it was asked for."""

    def __init__(self, voice: Any) -> None:
        self._voice = voice
        self.speeds: list[float] = []

    def __call__(self, text: str, speed: float = 1.0) -> Any:
        self.speeds.append(speed)
        return self._voice(text, speed=speed)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0])
def test_the_model_is_trusted_with_the_pace_that_it_keeps_and_the_length_follows_the_rate(
    engine: hibari.Hibari, monkeypatch: pytest.MonkeyPatch, rate: float
) -> None:
    text = "The parser reads every line only once."
    at_one = joined(engine.synthesize(text, "heart", EN, 1.0)).samples
    counting = _Counting(engine._voice)
    monkeypatch.setattr(engine, "_voice", counting)
    sound = joined(engine.synthesize(text, "heart", EN, rate)).samples
    assert counting.speeds == [min(rate, 1.25)]
    assert len(sound) == pytest.approx(len(at_one) / rate, rel=0.15)
    assert np.abs(sound[:8]).max() < 0.01
    assert np.abs(sound[-8:]).max() < 0.01


@pytest.mark.models
def test_at_twice_the_pace_it_is_understood_as_well(engine: hibari.Hibari) -> None:
    listener, texts = Listener(), LONG_ENGLISH[:10]
    heard = [listener.hear(joined(engine.synthesize(text, "heart", EN, 2.0)), EN) for text in texts]
    wrong = [character_error_rate(*pair, EN) for pair in zip(texts, heard, strict=True)]
    assert sum(wrong) / len(wrong) < 0.03, dict(zip(texts, heard, strict=True))
