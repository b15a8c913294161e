"""The sentences that wait to be heard and the place reached in them: no thread, no clock, no device."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
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
HISTORY_S = 180.0
"""How much of what was heard is kept to be heard again: 17 MB at 24 kHz, whatever came out of the engines."""
_NOTHING: Samples = np.zeros(0, np.float32)


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
    ended: bool = False
    started: bool = False
    audible: bool = False
    starved: int = 0
    played: int = 0
    frames: int = 0
    _chunks: list[Samples] = field(default_factory=list)
    _chunk: int = 0
    _offset: int = 0

    @property
    def waiting(self) -> int:
        """How many of the samples that are here have not been taken."""
        return self.frames - self.played

    def append(self, samples: Samples) -> None:
        """Add samples at the end."""
        self._chunks.append(samples)
        self.frames += samples.size

    def take(self, frames: int) -> Samples:
        """Take at most `frames` samples out of one chunk; some are waiting."""
        chunk = self._chunks[self._chunk]
        taken: Samples = chunk[self._offset : self._offset + frames]
        self._offset += taken.size
        self.played += taken.size
        if self._offset == chunk.size:
            self._chunk, self._offset = self._chunk + 1, 0
        return taken

    def rest(self) -> Samples:
        """Return what `take` has not taken."""
        return np.concatenate((_NOTHING, *self._chunks[self._chunk :]))[self._offset :]

    def rewind(self) -> None:
        """Begin again at the first sample."""
        self.started = self.audible = False
        self.starved = self.played = self._chunk = self._offset = 0


class Playlist:
    """Mono sentences in the order of their first call, read block by block, every sample exactly once."""

    def __init__(self, sample_rate: int, history_s: float = HISTORY_S) -> None:
        """Start empty; the sentences heard last stay here, `history_s` of them at most."""
        self._gap_frames = round(SENTENCE_GAP_S * sample_rate)
        self._fade_frames = round(CUT_FADE_S * sample_rate)
        self._tracks: deque[_Track] = deque()
        self._history: deque[_Track] = deque()
        self._history_frames = round(history_s * sample_rate)
        self._gap = 0
        self._tail = _NOTHING
        self.held_by: set[str] = set()
        self.buffered = 0
        self.underruns = 0

    @property
    def idle(self) -> bool:
        """Whether a pull would give silence whatever happens next to the sentences that are here."""
        return not self._tail.size and (self.paused or not self._tracks)

    @property
    def paused(self) -> bool:
        """Whether somebody holds the sound where it is."""
        return bool(self.held_by)

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
        track.append(np.nan_to_num(np.ravel(samples), nan=0.0, posinf=0.0, neginf=0.0))
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
        self.buffered -= track.waiting
        self._gap = self._gap_frames if track.started else self._gap
        return [Mark(sentence_id, MarkKind.CUT)]

    def holds(self, sentence_id: str) -> bool:
        """Return whether a sentence sounds or waits."""
        return any(track.sentence_id == sentence_id for track in self._tracks)

    def keeps(self, sentence_id: str) -> bool:
        """Return whether a sentence was heard to its end, and its samples are still here."""
        return any(track.sentence_id == sentence_id for track in self._history)

    def restart(self, after_frames: int) -> bool:
        """Begin the sentence that sounds again, if `after_frames` of it have been heard; return whether."""
        if not self._tracks or not self._tracks[0].started or self._tracks[0].played < after_frames:
            return False
        self._rewind_head()
        return True

    def recall(self, choose: Callable[[Sequence[str]], Sequence[str]]) -> tuple[str, ...]:
        """Play sentences again that were heard to their end, then the one that sounds, from its start.

        `choose` is given the ids of those that are kept, in the order in which they ended, and returns those
        that are wanted in the order in which they shall be heard; it is this that is returned.
        """
        kept = {track.sentence_id: track for track in self._history}
        wanted = tuple(choose(tuple(kept)))
        self._rewind_head()
        self._gap = 0
        for sentence_id in reversed(wanted):
            track = kept[sentence_id]
            self._history.remove(track)
            track.rewind()
            self.buffered += track.frames
            self._tracks.appendleft(track)
        return wanted

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
        if track.waiting:
            taken = track.take(block.size - at)
            step = taken.size
            block[at : at + step] = taken
            self.buffered -= step
            track.started = True
            self._mark_audible(track, taken, at, marks)
        if not track.waiting and track.ended:
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
            self._keep(track)
        marks.append(Mark(track.sentence_id, MarkKind.FINISHED, at))

    def _keep(self, track: _Track) -> None:
        self._history.append(track)
        while sum(kept.frames for kept in self._history) > self._history_frames:
            self._history.popleft()

    def _rewind_head(self) -> None:
        if not self._tracks:
            return
        self._cut_head()
        self.buffered += self._tracks[0].played
        self._tracks[0].rewind()

    def _cut_head(self) -> None:
        if self.paused or not self._tracks or not self._tracks[0].started:
            return
        rest = self._tracks[0].rest()[: self._fade_frames]
        self._tail = rest * np.linspace(1.0, 0.0, rest.size, endpoint=False, dtype=np.float32)
