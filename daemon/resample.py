"""Sample-rate conversion of a sound that arrives in pieces, without a seam between them."""

from __future__ import annotations

import numpy as np
import soxr

from claude_narrator.models.types import AudioChunk, SampleRate, Samples

_NOTHING: Samples = np.zeros(0, np.float32)


class StreamResampler:
    """Turns the chunks of one sound into samples at the rate `target`; chunks of that rate pass untouched."""

    def __init__(self, target: SampleRate, quality: str = "HQ") -> None:
        """Make one for one sound; `quality` is one of soxr's: LQ holds back up to 30 ms, HQ up to 45 ms."""
        self._target = target
        self._quality = quality
        self._source = target
        self._stream: soxr.ResampleStream | None = None

    def feed(self, chunk: AudioChunk) -> Samples:
        """Return what can be said already of everything fed so far, shape (n,), n may be 0."""
        held_back = self._change_to(chunk.sample_rate) if chunk.sample_rate != self._source else _NOTHING
        fresh = self._convert(chunk.samples, last=False)
        return np.concatenate((held_back, fresh)) if held_back.size else fresh

    def finish(self) -> Samples:
        """Return what the filter still held back; what is fed next is a new sound."""
        held_back = self._convert(_NOTHING, last=True)
        self._stream, self._source = None, self._target
        return held_back

    def _change_to(self, source: SampleRate) -> Samples:
        held_back = self.finish()
        if source != self._target:
            rates = source, self._target
            self._stream = soxr.ResampleStream(*rates, 1, dtype="float32", quality=self._quality)
        self._source = source
        return held_back

    def _convert(self, samples: Samples, last: bool) -> Samples:
        if self._stream is None:
            return samples
        converted: Samples = self._stream.resample_chunk(samples, last=last)
        return converted
