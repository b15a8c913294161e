"""The sentences that wait to be heard and the place reached in them: no thread, no clock, no device."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from claude_narrator.models.types import Samples

SENTENCE_GAP_S = 0.25
"""Silence between two sentences, from the end of the one: another that comes later does not wait."""
CUT_FADE_S = 0.004
"""Length of the ramp that takes the click out of a cut."""
AUDIBLE_LEVEL = 10 ** (-50 / 20)
"""-50 dBFS as an amplitude: below it a listener hears nothing yet."""


class MarkKind(Enum):
    """What became of a sentence."""

    AUDIBLE = "audible"
    FINISHED = "finished"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened to a sentence `frame` samples into the block that was pulled."""

    sentence_id: str
    kind: MarkKind
    frame: int = 0


@dataclass(slots=True, eq=False)
class _Track:
    sentence_id: str
    chunks: deque[Samples] = field(default_factory=deque)
    ended: bool = False
    started: bool = False
    audible: bool = False
    starved: int = 0

    def take(self, frames: int) -> Samples:
        """Take at most `frames` samples out of the first chunk; the track is not empty."""
        chunk = self.chunks.popleft()
        if chunk.size > frames:
            self.chunks.appendleft(chunk[frames:])
        return chunk[:frames]


class Playlist:
    """Mono sentences in the order of their first call, read block by block, every sample exactly once."""

    def __init__(self, sample_rate: int) -> None:
        self._gap_frames = round(SENTENCE_GAP_S * sample_rate)
        self._fade_frames = round(CUT_FADE_S * sample_rate)
        self._tracks: deque[_Track] = deque()
        self._gap = 0
        self._tail: Samples = np.zeros(0, np.float32)
        self.paused = False
        self.buffered = 0
        self.underruns = 0

    @property
    def idle(self) -> bool:
        """Whether a pull would give silence whatever happens next to the sentences that are here."""
        return not self._tail.size and (self.paused or not self._tracks)

    @property
    def playing(self) -> str:
        """Id of the sentence that has begun and not ended, or an empty string."""
        return self._tracks[0].sentence_id if self._tracks and self._tracks[0].started else ""

    @property
    def next_id(self) -> str:
        """Id of the sentence that sounds or is next to sound, or an empty string."""
        return self._tracks[0].sentence_id if self._tracks else ""

    def add(self, sentence_id: str, samples: Samples) -> None:
        """Append samples to a sentence, which joins the end of the list when it is new."""
        track = self._track(sentence_id)
        if not samples.size:
            return
        if track.starved:
            self.underruns += 1
            track.starved = 0
        track.chunks.append(np.nan_to_num(np.ravel(samples), nan=0.0, posinf=0.0, neginf=0.0))
        self.buffered += samples.size

    def end(self, sentence_id: str) -> None:
        """Say that a sentence has all its samples; one that has none ends silently in its turn."""
        self._track(sentence_id).ended = True

    def pull(self, frames: int) -> tuple[Samples, list[Mark]]:
        """Return the next `frames` samples, silence where there are none, and what happened in them."""
        block: Samples = np.zeros(frames, np.float32)
        marks: list[Mark] = []
        at = self._pull_tail(block)
        while at < frames and not self.paused:
            if self._gap:
                step = min(self._gap, frames - at)
                self._gap -= step
            elif not self._tracks:
                break
            else:
                step = self._pull_track(block, at, marks)
            at += step
        return block, marks

    def clear(self) -> list[Mark]:
        """Drop every sentence; the one that sounds fades within CUT_FADE_S."""
        dropped = [Mark(track.sentence_id, MarkKind.CUT) for track in self._tracks]
        self._cut_head()
        self._tracks.clear()
        self._gap = self.buffered = 0
        return dropped

    def drop(self, sentence_id: str) -> list[Mark]:
        """Drop one sentence, if it is here; the one that sounds fades within CUT_FADE_S."""
        track = next((track for track in self._tracks if track.sentence_id == sentence_id), None)
        if track is None:
            return []
        if track is self._tracks[0]:
            self._cut_head()
        self._tracks.remove(track)
        self.buffered -= sum(chunk.size for chunk in track.chunks)
        self._gap = self._gap_frames if track.started else self._gap
        return [Mark(sentence_id, MarkKind.CUT)]

    def _track(self, sentence_id: str) -> _Track:
        for track in self._tracks:
            if track.sentence_id == sentence_id:
                return track
        self._tracks.append(_Track(sentence_id))
        return self._tracks[-1]

    def _pull_tail(self, block: Samples) -> int:
        count = min(self._tail.size, block.size)
        block[:count] = self._tail[:count]
        self._tail = self._tail[count:]
        return count

    def _pull_track(self, block: Samples, at: int, marks: list[Mark]) -> int:
        track, step = self._tracks[0], 0
        if track.chunks:
            taken = track.take(block.size - at)
            step = taken.size
            block[at : at + step] = taken
            self.buffered -= step
            track.started = True
            self._mark_audible(track, taken, at, marks)
        if not track.chunks and track.ended:
            self._finish_head(at + step, marks)
        elif not step:
            step = block.size - at
            track.starved += step if track.started else 0
        return step

    def _mark_audible(self, track: _Track, taken: Samples, at: int, marks: list[Mark]) -> None:
        if track.audible:
            return
        loud = np.flatnonzero(np.abs(taken) > AUDIBLE_LEVEL)
        if loud.size:
            track.audible = True
            marks.append(Mark(track.sentence_id, MarkKind.AUDIBLE, at + int(loud[0])))

    def _finish_head(self, at: int, marks: list[Mark]) -> None:
        track = self._tracks.popleft()
        if track.started:
            self._gap = max(0, self._gap_frames - track.starved)
        marks.append(Mark(track.sentence_id, MarkKind.FINISHED, at))

    def _cut_head(self) -> None:
        if self.paused or not self._tracks or not self._tracks[0].started:
            return
        rest = np.concatenate((*self._tracks[0].chunks, self._tail[:0]))[: self._fade_frames]
        self._tail = rest * np.linspace(1.0, 0.0, rest.size, endpoint=False, dtype=np.float32)
