"""Speech gets faster or slower and keeps its pitch."""

from __future__ import annotations

import numpy as np
import pytest

from claude_narrator.models.stretch import change_tempo
from claude_narrator.models.types import SampleRate

RATE = SampleRate(16_000)
TONE = (0.5 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("tempo", [0.5, 0.8, 1.2, 1.5, 2.0, 3.0])
def test_the_length_follows_the_tempo_and_the_pitch_does_not(tempo: float) -> None:
    faster = change_tempo(TONE, RATE, tempo)
    assert len(faster) == pytest.approx(len(TONE) / tempo, rel=0.06)
    spectrum = np.abs(np.fft.rfft(faster))
    assert np.argmax(spectrum) * RATE / len(faster) == pytest.approx(220, abs=4)
    middle = faster[len(faster) // 4 : -len(faster) // 4]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    assert np.abs(faster).max() <= 0.55


def test_tempo_one_and_a_snippet_come_back_as_they_are() -> None:
    assert change_tempo(TONE, RATE, 1.0) is TONE
    assert len(change_tempo(TONE[:500], RATE, 2.0)) == 500
    assert len(change_tempo(TONE[:0], RATE, 2.0)) == 0


def test_silence_stays_silence() -> None:
    assert not change_tempo(np.zeros(RATE, np.float32), RATE, 2.0).any()
