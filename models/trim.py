"""Takes the silence off the ends of speech: a listener waits for the first sound, not the first sample.

What is kept rises from zero and falls to zero within `EDGE_MS`, so that pieces join without a click wherever
they were cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from claude_narrator.models.types import AudioChunk, SampleRate, Samples

FLOOR_DB = -50.0
"""dBFS below which a sample counts as silent."""
LEAD_MS = 15.0
"""Kept before the first sound, so that a soft onset such as /h/ or /f/ is whole."""
TAIL_MS = 120.0
"""Kept after the last sound: the pause that parts two sentences."""
EDGE_MS = 3.0
"""Length of the ramps at both ends."""


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
    whole = [AudioChunk(samples, sample_rate)]
    kept = [chunk.samples for chunk in trim_ends(whole, floor_db=floor_db, lead_ms=lead_ms, tail_ms=tail_ms)]
    return np.concatenate(kept) if kept else samples[:0]


def trim_ends(
    chunks: Iterable[AudioChunk],
    *,
    floor_db: float = FLOOR_DB,
    lead_ms: float = LEAD_MS,
    tail_ms: float = TAIL_MS,
) -> Iterator[AudioChunk]:
    """Yield `chunks` without leading silence and with at most `tail_ms` of silence at the very end.

    What follows the first sound is passed on at once, but for a silent tail and EDGE_MS, which are held back
    until a sound follows; so pauses inside the speech stay as they are. Empty chunks are signs of life and
    pass.
    """
    led = _without_lead(chunks, floor_db, lead_ms)
    yield from _falling(_rising(_without_tail(led, floor_db, tail_ms)))


def _without_lead(chunks: Iterable[AudioChunk], floor_db: float, lead_ms: float) -> Iterator[AudioChunk]:
    """The `lead_ms` before the sound may lie in an earlier chunk: they are kept back and joined to it."""
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


def _without_tail(chunks: Iterable[AudioChunk], floor_db: float, tail_ms: float) -> Iterator[AudioChunk]:
    def sounding(joined: Samples, rate: SampleRate) -> int:
        loud = _loud(joined, floor_db)
        return int(loud[-1]) + 1 if len(loud) else 0

    return _holding_back(chunks, sounding, lambda held, rate: held[: _count(tail_ms, rate)])


def _falling(chunks: Iterable[AudioChunk]) -> Iterator[AudioChunk]:
    def before_ramp(joined: Samples, rate: SampleRate) -> int:
        return max(0, len(joined) - len(_ramp(rate)))

    return _holding_back(chunks, before_ramp, lambda held, rate: held * _ramp(rate)[: len(held)][::-1])


def _holding_back(
    chunks: Iterable[AudioChunk],
    certain: Callable[[Samples, SampleRate], int],
    last: Callable[[Samples, SampleRate], Samples],
) -> Iterator[AudioChunk]:
    """Yield of what has come the first `certain` samples, and at the end what `last` makes of the others."""
    held: Samples = np.zeros(0, np.float32)
    rate: SampleRate | None = None
    for chunk in chunks:
        if not len(chunk.samples):
            yield chunk
            continue
        rate = chunk.sample_rate
        joined = np.concatenate([held, chunk.samples])
        end = certain(joined, rate)
        if end:
            yield AudioChunk(joined[:end], rate)
        held = joined[end:]
    if rate is not None and len(rest := last(held, rate)):
        yield AudioChunk(rest, rate)


def _rising(chunks: Iterable[AudioChunk]) -> Iterator[AudioChunk]:
    done = 0
    for chunk in chunks:
        ramp = _ramp(chunk.sample_rate)[done : done + len(chunk.samples)]
        done += len(ramp)
        if not len(ramp):
            yield chunk
            continue
        samples = chunk.samples.copy()
        samples[: len(ramp)] *= ramp
        yield AudioChunk(samples, chunk.sample_rate)


def _ramp(sample_rate: SampleRate) -> Samples:
    """From 0 to almost 1: half a period of a raised cosine."""
    count = _count(EDGE_MS, sample_rate)
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))).astype(np.float32)


def _loud(samples: Samples, floor_db: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.flatnonzero(np.abs(samples) >= 10 ** (floor_db / 20))


def _count(length_ms: float, sample_rate: SampleRate) -> int:
    return round(length_ms * sample_rate / 1000)
