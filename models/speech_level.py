"""How loud the speech in a recording is, how loud the noise behind it, and where the speech is.

Frames of 20 ms are sorted by power. The quietest tenth is the noise: speech has pauses and closures that
short everywhere. What stands out from it is speech. Frames of digital silence, which a noise gate or an
editor leaves, tell nothing of the noise and do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.types import SampleRate, Samples

FRAME_MS = 20.0
MAX_SNR_DB = 80.0
_DIGITAL_SILENCE = 1e-10
_NOISE_SHARE = 0.1
_ABOVE_NOISE = 4.0
_BELOW_LOUDEST = 1e-4
"""Power of the quietest speech against the loudest frames: 40 dB."""
_BRIDGED_S = 0.3
"""A shorter pause belongs to the speech around it."""


@dataclass(frozen=True, slots=True)
class SpeechLevel:
    """Levels in dBFS (RMS; -inf when there is none), and `is_speech` for each frame of 20 ms."""

    speech_db: float
    noise_db: float
    is_speech: NDArray[np.bool_]

    @property
    def snr_db(self) -> float:
        """Speech above noise, at most MAX_SNR_DB."""
        return min(MAX_SNR_DB, self.speech_db - self.noise_db) if self.is_speech.any() else 0.0

    @property
    def speech_s(self) -> float:
        """How long there is speech, pauses between its words included."""
        frames = np.flatnonzero(self.is_speech)
        gaps = np.diff(frames) - 1
        bridged = gaps[gaps * FRAME_MS / 1000 < _BRIDGED_S].sum()
        return float((len(frames) + bridged) * FRAME_MS / 1000)


def measure(samples: Samples, sample_rate: SampleRate) -> SpeechLevel:
    """Return the levels of mono `samples`."""
    length = round(FRAME_MS * sample_rate / 1000)
    frames = samples[: len(samples) // length * length].astype(np.float64).reshape(-1, length)
    power = np.mean(frames**2, axis=1)
    sounding = np.sort(power[power > _DIGITAL_SILENCE])
    if not len(sounding):
        return SpeechLevel(-np.inf, -np.inf, np.zeros(len(power), np.bool_))
    noise = float(np.mean(sounding[: max(1, round(len(sounding) * _NOISE_SHARE))]))
    loudest = float(np.percentile(sounding, 95))
    is_speech = power > max(noise * _ABOVE_NOISE, loudest * _BELOW_LOUDEST)
    speech = float(np.mean(power[is_speech])) - noise if is_speech.any() else 0.0
    return SpeechLevel(_decibels(speech), _decibels(noise), is_speech)


def _decibels(power: float) -> float:
    return float(10 * np.log10(power)) if power > 0 else -np.inf
