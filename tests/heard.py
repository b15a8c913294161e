"""What a listener would say of recorded samples: when it begins, how loud it is, where it is silent."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

AUDIBLE_DBFS = -50.0


def read_wav(path: Path) -> tuple[NDArray[np.int16], int]:
    """Return the samples of a 16-bit mono WAV, shape (n,), and its rate."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def first_audible_s(samples: NDArray[np.int16], rate: int, above_dbfs: float = AUDIBLE_DBFS) -> float | None:
    """Return the time of the first sample louder than the threshold, or None when there is none."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 32768 * 10 ** (above_dbfs / 20))
    return float(loud[0]) / rate if loud.size else None


def speech_spans(
    samples: NDArray[np.int16], rate: int, apart_s: float = 0.2, above_dbfs: float = AUDIBLE_DBFS
) -> list[tuple[float, float]]:
    """Return begin and end in seconds of every stretch of sound; less than `apart_s` of silence joins two."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 32768 * 10 ** (above_dbfs / 20))
    if not loud.size:
        return []
    breaks = np.flatnonzero(np.diff(loud) > apart_s * rate)
    begins = np.concatenate((loud[:1], loud[breaks + 1]))
    ends = np.concatenate((loud[breaks], loud[-1:])) + 1
    return [(float(begin) / rate, float(end) / rate) for begin, end in zip(begins, ends, strict=True)]
