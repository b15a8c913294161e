"""Measures loudness in LUFS, for voices whose engine cannot declare their gain: ITU-R BS.1770-4, one channel.

The two filters of its K weighting are given there for 48 kHz; for other rates they are the bilinear
transforms of the same analogue filters (Brecht De Man, "Evaluation of Implementations of the EBU R128
Loudness Measurement", AES 145, 2018).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.types import SampleRate, Samples

_SHELF_HZ, _SHELF_Q, _SHELF_DB, _SHELF_SLOPE = (
    1681.974450955533,
    0.7071752369554196,
    3.999843853973347,
    0.4996667741545416,
)
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773
_BLOCK_S, _STEP_S = 0.4, 0.1
_OFFSET_DB, _ABSOLUTE_GATE_DB, _RELATIVE_GATE_DB = -0.691, -70.0, -10.0
_RINGING_S = 0.2
"""After which the filters have died away."""


def loudness(samples: Samples, sample_rate: SampleRate) -> float:
    """Return the integrated loudness of mono `samples` in LUFS; -inf when all of it lies below the gate."""
    if not len(samples):
        return -np.inf
    weighted = _weighted(samples.astype(np.float64), sample_rate)
    block, step = round(_BLOCK_S * sample_rate), round(_STEP_S * sample_rate)
    starts = range(0, max(1, len(weighted) - block + 1), step)
    power = np.array([np.mean(weighted[start : start + block] ** 2) for start in starts])
    gated = power[_decibels(power) >= _ABSOLUTE_GATE_DB]
    if not len(gated):
        return -np.inf
    gated = gated[_decibels(gated) > _decibels(gated.mean()) + _RELATIVE_GATE_DB]
    return float(_decibels(gated.mean()))


def _weighted(samples: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    padded = len(samples) + round(_RINGING_S * sample_rate)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(padded))
    response = np.ones_like(z)
    for numerator, denominator in (_shelf(sample_rate), _high_pass(sample_rate)):
        response *= np.polynomial.polynomial.polyval(z, numerator)
        response /= np.polynomial.polynomial.polyval(z, denominator)
    return np.fft.irfft(np.fft.rfft(samples, padded) * response, padded)[: len(samples)]


def _shelf(sample_rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = np.tan(np.pi * _SHELF_HZ / sample_rate)
    high = 10 ** (_SHELF_DB / 20)
    band = high**_SHELF_SLOPE * k / _SHELF_Q
    numerator = np.array([high + band + k * k, 2 * (k * k - high), high - band + k * k])
    return numerator, _denominator(k, _SHELF_Q)


def _high_pass(sample_rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = np.tan(np.pi * _HIGH_PASS_HZ / sample_rate)
    denominator = _denominator(k, _HIGH_PASS_Q)
    return np.array([1.0, -2.0, 1.0]), denominator / denominator[0]


def _denominator(k: float, q: float) -> NDArray[np.float64]:
    return np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])


def _decibels(power: NDArray[np.float64] | float) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET_DB + 10 * np.log10(power))
