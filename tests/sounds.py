"""Sounds for tests: noise without a single zero, so that every sample can be told from silence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.types import AudioChunk, SampleRate

RATE = SampleRate(24_000)


def noise(frames: int, seed: int = 1) -> NDArray[np.int16]:
    """Return loud 16-bit noise, no sample of it 0."""
    random = np.random.default_rng(seed)
    return (random.integers(1000, 20_000, frames) * random.choice((-1, 1), frames)).astype(np.int16)


def chunk(samples: NDArray[np.int16], rate: int = RATE) -> AudioChunk:
    """Return 16-bit samples as an engine would give them."""
    return AudioChunk(samples.astype(np.float32) / np.float32(32768), SampleRate(rate))
