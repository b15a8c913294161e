"""Takes the silence off the ends of speech: a listener waits for the first sound, not the first sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from claude_narrator.models.types import AudioChunk, SampleRate, Samples

FLOOR_DB = -50.0
"""dBFS below which a sample counts as silent."""
LEAD_MS = 15.0
"""Kept before the first sound, so that a soft onset such as /h/ or /f/ is whole."""
TAIL_MS = 120.0
"""Kept after the last sound: the pause that parts two sentences."""


def trim_silence(
    samples: Samples,
    sample_rate: SampleRate,
    *,
    floor_db: float = FLOOR_DB,
    lead_ms: float = LEAD_MS,
    tail_ms: float = TAIL_MS,
) -> Samples:
    """Return the part of `samples` from `lead_ms` before the first sound to `tail_ms` after the last.

    A sample is sound when its magnitude reaches `floor_db` dBFS, that is 10 ** (floor_db / 20). All silence
    gives an empty array.
    """
    loud = _loud(samples, floor_db)
    if not len(loud):
        return samples[:0]
    start = max(0, int(loud[0]) - _count(lead_ms, sample_rate))
    return samples[start : int(loud[-1]) + 1 + _count(tail_ms, sample_rate)]


def trim_leading(
    chunks: Iterable[AudioChunk], *, floor_db: float = FLOOR_DB, lead_ms: float = LEAD_MS
) -> Iterator[AudioChunk]:
    """Yield `chunks` without the silence before the first sound; what follows it is passed on at once.

    The `lead_ms` before the sound may lie in an earlier chunk: they are kept back and joined to it. Empty
    chunks are signs of life and pass.
    """
    kept: Samples = np.zeros(0, np.float32)
    heard = False
    for chunk in chunks:
        if heard or not len(chunk.samples):
            yield chunk
            continue
        joined = np.concatenate([kept, chunk.samples])
        loud = _loud(joined, floor_db)
        lead = _count(lead_ms, chunk.sample_rate)
        heard = len(loud) > 0
        if heard:
            yield AudioChunk(joined[max(0, int(loud[0]) - lead) :], chunk.sample_rate)
        kept = joined[max(0, len(joined) - lead) :]


def trim_ends(
    chunks: Iterable[AudioChunk],
    *,
    floor_db: float = FLOOR_DB,
    lead_ms: float = LEAD_MS,
    tail_ms: float = TAIL_MS,
) -> Iterator[AudioChunk]:
    """Yield `chunks` without leading silence and with at most `tail_ms` of silence at the very end.

    A silent tail is held back until a sound follows it, so pauses inside the speech stay as they are.
    """
    held: Samples = np.zeros(0, np.float32)
    rate: SampleRate | None = None
    for chunk in trim_leading(chunks, floor_db=floor_db, lead_ms=lead_ms):
        if not len(chunk.samples):
            yield chunk
            continue
        rate = chunk.sample_rate
        joined = np.concatenate([held, chunk.samples])
        loud = _loud(joined, floor_db)
        end = int(loud[-1]) + 1 if len(loud) else 0
        if end:
            yield AudioChunk(joined[:end], rate)
        held = joined[end:]
    if rate is not None and len(tail := held[: _count(tail_ms, rate)]):
        yield AudioChunk(tail, rate)


def _loud(samples: Samples, floor_db: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.flatnonzero(np.abs(samples) >= 10 ** (floor_db / 20))


def _count(length_ms: float, sample_rate: SampleRate) -> int:
    return round(length_ms * sample_rate / 1000)
