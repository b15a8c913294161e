"""Makes speech faster or slower at the same pitch, for the rates that a voice cannot speak by itself.

WSOLA: W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high
quality time-scale modification of speech", ICASSP 1993. Output frames overlap by half; each is taken from
near the place where the tempo puts it, at the offset that continues the frame before it best.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from claude_narrator.models.types import AudioChunk, SampleRate, Samples

_FRAME_MS = 20.0
_SEARCH_MS = 8.0


def change_tempo(samples: Samples, sample_rate: SampleRate, tempo: float) -> Samples:
    """Return `samples` at `tempo` times their pace, about len / tempo long; `tempo` 0.5-3.

    Audio shorter than two frames of 20 ms comes back as it is.
    """
    hop = _hop(sample_rate)
    if abs(tempo - 1.0) < 0.01 or len(samples) < 4 * hop:
        return samples
    changer = TempoChanger(sample_rate, tempo)
    return np.concatenate([changer.push(samples), changer.finish()])


def change_tempo_of(chunks: Iterable[AudioChunk], tempo: float) -> Iterator[AudioChunk]:
    """Yield `chunks`, which follow each other, at `tempo` times their pace, without an edge between them.

    Empty chunks are signs of life and pass. What is held back, some 40 ms, comes with the chunk after.
    """
    changer: TempoChanger | None = None
    rate = SampleRate(0)
    for chunk in chunks:
        if changer is None and len(chunk.samples):
            rate, changer = chunk.sample_rate, TempoChanger(chunk.sample_rate, tempo)
        samples = chunk.samples if changer is None else changer.push(chunk.samples)
        yield AudioChunk(samples, chunk.sample_rate)
    if changer is not None and len(rest := changer.finish()):
        yield AudioChunk(rest, rate)


class TempoChanger:
    """Changes the tempo of a stream; what comes out does not depend on how the stream is cut."""

    def __init__(self, sample_rate: SampleRate, tempo: float) -> None:
        self._hop = _hop(sample_rate)
        self._search = round(_SEARCH_MS * sample_rate / 1000)
        self._window = np.hanning(2 * self._hop + 1)[:-1].astype(np.float32)
        self._tempo = tempo
        self._unchanged = abs(tempo - 1.0) < 0.01
        self._input: Samples = np.zeros(0, np.float32)
        self._dropped = 0
        self._frame = 0
        self._at = 0
        self._half: Samples = np.zeros(0, np.float32)

    def push(self, samples: Samples) -> Samples:
        """Take the next samples and return what is certain by now."""
        if self._unchanged:
            return samples
        self._input = np.concatenate([self._input, samples])
        end = self._dropped + len(self._input)
        return self._frames(self._last_frame(end), end)

    def finish(self) -> Samples:
        """Return the rest; the stream has ended."""
        end = self._dropped + len(self._input)
        if self._frame == 0 and end < 4 * self._hop:
            return self._input
        self._input = np.pad(self._input, (0, 2 * self._search + 4 * self._hop))
        made = self._frames(self._last_frame(end), self._dropped + len(self._input))
        return np.concatenate([made, self._half])

    def _last_frame(self, end: int) -> int:
        return int((end - 2 * self._hop) / (self._hop * self._tempo)) if end >= 4 * self._hop else -1

    def _frames(self, last: int, end: int) -> Samples:
        """The first halves of the frames up to `last` that lie, with all that is searched, before `end`."""
        made = [np.zeros(0, np.float32)]
        while self._frame <= last and self._reach() <= end:
            here = self._input[self._at - self._dropped :]
            if self._frame == 0:
                self._half = here[: self._hop] * self._window[self._hop :]
            made.append(self._half + here[: self._hop] * self._window[: self._hop])
            self._half = here[self._hop : 2 * self._hop] * self._window[self._hop :]
            self._step(here[self._hop : 3 * self._hop])
        return np.concatenate(made)

    def _start(self) -> int:
        return max(0, round((self._frame + 1) * self._hop * self._tempo) - self._search)

    def _reach(self) -> int:
        return max(self._at + 3 * self._hop, self._start() + 2 * self._search + 2 * self._hop)

    def _step(self, wanted: Samples) -> None:
        """Go to the next frame, and let go of what lies before it."""
        start = self._start()
        region = self._input[start - self._dropped :][: 2 * self._search + 2 * self._hop]
        self._at = start + _best_offset(region, wanted)
        self._frame += 1
        spent = min(self._at, self._start()) - self._dropped
        self._input, self._dropped = self._input[spent:], self._dropped + spent


def _hop(sample_rate: SampleRate) -> int:
    return round(_FRAME_MS * sample_rate / 2000)


def _best_offset(region: Samples, wanted: Samples) -> int:
    """Where in `region` a frame lies that looks most like `wanted`, by normalised cross-correlation."""
    likeness = np.correlate(region, wanted, "valid")
    power = np.concatenate([np.zeros(1), np.cumsum(region.astype(np.float64) ** 2)])
    energy = power[len(wanted) :] - power[: len(power) - len(wanted)]
    return int(np.argmax(likeness / np.sqrt(energy + 1e-6)))
