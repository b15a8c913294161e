"""Loudness is what the reference implementation measures, at any rate."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.types import SampleRate, Samples
from tests.models.recordings import at_rate, speech


def _noise(rate: int) -> Samples:
    return (np.random.default_rng(5).standard_normal(2 * rate) * 0.1).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_speech_and_noise_measure_as_they_do_by_the_reference(rate: int) -> None:
    quiet_half = np.concatenate([at_rate(speech(), rate), at_rate(speech(), rate) * np.float32(0.05)])
    for samples in (at_rate(speech(), rate), quiet_half, _noise(rate)):
        expected = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(
            samples.astype(np.float64)
        )
        assert loudness(samples, SampleRate(rate)) == pytest.approx(expected, abs=0.05)


def test_a_sine_of_1_khz_at_full_scale_is_the_standards_3_lufs_below() -> None:
    sine = np.sin(2 * np.pi * 997 * np.arange(48_000 * 2) / 48_000).astype(np.float32)
    assert loudness(sine, SampleRate(48_000)) == pytest.approx(-3.01, abs=0.05)


def test_silence_has_no_loudness_and_a_moment_has_one() -> None:
    assert loudness(np.zeros(48_000, np.float32), SampleRate(48_000)) == -np.inf
    assert loudness(np.zeros(0, np.float32), SampleRate(48_000)) == -np.inf
    assert -30 < loudness(_noise(48_000)[:4_800], SampleRate(48_000)) < -10
