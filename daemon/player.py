"""What is heard: sentences in order through one sink, silence at once, pause and resume at the sample."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import anyio
import numpy as np

from claude_narrator.daemon.playlist import Mark, MarkKind, Playlist
from claude_narrator.daemon.resample import StreamResampler
from claude_narrator.daemon.sinks import PLAYER_RATE, Sink
from claude_narrator.daemon.volume import Volume
from claude_narrator.models.types import AudioChunk, SampleRate, Samples, Seconds

_LOG = logging.getLogger(__name__)
_NOTHING: Samples = np.zeros(0, np.float32)
LISTENER = "listener"
"""Who pauses when nobody else is named."""
_DROPPED_KEPT = 256
"""How many dropped ids are remembered: chunks of them may still be under way."""


@dataclass(frozen=True, slots=True)
class SentenceAudible:
    """The first sample above -50 dBFS went to the output at `at_s`; a listener hears it `latency_s` later."""

    sentence_id: str
    at_s: Seconds
    latency_s: Seconds


@dataclass(frozen=True, slots=True)
class SentenceFinished:
    """The last sample went to the output at `at_s`, or the sentence was `cut` by skip or silence."""

    sentence_id: str
    at_s: Seconds
    cut: bool


PlayerEvent = SentenceAudible | SentenceFinished


@dataclass(frozen=True, slots=True)
class PlayerState:
    """What plays where.

    `sink` is `device NAME`, `file PATH` or `none`; `reason` one line on why it is not what was asked for, and
    what to do. `playing` is a sentence id or empty; `held_by` says who has paused it. `underruns` counts
    sentences that waited for their own samples, `dropouts` blocks that the device missed.
    """

    sink: str
    sample_rate: SampleRate
    playing: str
    paused: bool
    held_by: tuple[str, ...]
    buffered_s: Seconds
    underruns: int
    dropouts: int
    reason: str


@dataclass(eq=False, slots=True)
class _Waiter:
    below_s: float
    loop: asyncio.AbstractEventLoop
    room: anyio.Event


class Player:
    """One buffer of mono samples at 24 kHz and the sink that pulls from it.

    `put`, `end_sentence`, `silence`, `skip` and `drop` belong to one thread; the rest may be called from any,
    and `volume.db` may be set from any.
    `on_event` is called in the order of the events, from the sink's thread or from the one that cuts a
    sentence; it must return at once and may call back into the player.
    """

    def __init__(self, sink: Sink, on_event: Callable[[PlayerEvent], None]) -> None:
        self._sink = sink
        self._on_event = on_event
        self._lock = threading.Lock()
        self._delivery = threading.RLock()
        self._outbox: deque[PlayerEvent] = deque()
        self._playlist = Playlist(PLAYER_RATE)
        self.volume = Volume()
        self._generation = 0
        self._dropped: deque[str] = deque(maxlen=_DROPPED_KEPT)
        self._resamplers: dict[str, StreamResampler] = {}
        self._waiters: list[_Waiter] = []

    def start(self) -> None:
        """Start the sink; returns at once, `state` says what came of it."""
        self._sink.start(self)

    def close(self) -> None:
        """Drop what waits and stop the sink; whoever waits for room goes on."""
        self.silence(self._generation)
        self._sink.close()

    def wake(self) -> None:
        """Open a device that was closed for being idle, before the first samples are there."""
        self._sink.wake()

    def put(self, generation: int, sentence_id: str, chunk: AudioChunk) -> bool:
        """Append samples of a sentence; False means that no more of it are wanted.

        That is so when its generation is older than the last silence, or when it was skipped.
        """
        if self._refuses(generation, sentence_id):
            return False
        resampler = self._resamplers.setdefault(sentence_id, StreamResampler(PLAYER_RATE))
        return self._add(generation, sentence_id, resampler.feed(chunk))

    def end_sentence(self, generation: int, sentence_id: str) -> None:
        """Say that a sentence has all its samples; without any it finishes in its turn, unheard."""
        if self._refuses(generation, sentence_id):
            return
        resampler = self._resamplers.pop(sentence_id, None)
        self._add(generation, sentence_id, resampler.finish() if resampler else _NOTHING)
        with self._lock:
            self._playlist.end(sentence_id)

    def buffered_s(self) -> Seconds:
        """Return the length of what waits to be heard."""
        with self._lock:
            return self._buffered_s()

    async def room(self, below_s: float) -> None:
        """Return when less than `below_s` seconds wait to be heard."""
        waiter = _Waiter(below_s, asyncio.get_running_loop(), anyio.Event())
        with self._lock:
            if self._buffered_s() < below_s:
                return
            self._waiters.append(waiter)
        try:
            await waiter.room.wait()
        finally:
            with self._lock, contextlib.suppress(ValueError):
                self._waiters.remove(waiter)

    def silence(self, generation: int) -> None:
        """Drop everything at once and refuse what is older than `generation` from now on; a pause stays."""
        with self._lock:
            self._generation = max(self._generation, generation)
            self._post(self._playlist.clear())
            self._resamplers.clear()
            ready = self._take_ready()
        self._deliver(ready)

    def skip(self) -> None:
        """Drop the rest of the sentence that sounds, or is next to sound; go on with the one after it."""
        with self._lock:
            following = self._playlist.next_id
        self.drop({following} if following else set())

    def drop(self, sentence_ids: Collection[str]) -> None:
        """Drop these sentences, what is here of them and what is still to come; the others stay."""
        with self._lock:
            for sentence_id in sentence_ids:
                self._dropped.append(sentence_id)
                self._resamplers.pop(sentence_id, None)
                self._post(self._playlist.drop(sentence_id))
            ready = self._take_ready()
        self._deliver(ready)

    def restart(self, after_s: float) -> bool:
        """Begin the sentence that sounds again, if `after_s` of it have been heard; return whether."""
        with self._lock:
            restarted = self._playlist.restart(round(after_s * PLAYER_RATE))
        self._sink.wake()
        return restarted

    def recall(self, choose: Callable[[Sequence[str]], Sequence[str]]) -> tuple[str, ...]:
        """Play sentences again that were heard to their end, then the one that sounds, from its start.

        `choose` is given the ids of those that are kept, oldest first, and returns those that are wanted, as
        this does. It is called under the lock: it may not call the player.
        """
        with self._lock:
            recalled = self._playlist.recall(choose)
        self._sink.wake()
        return recalled

    def holds(self, sentence_id: str) -> bool:
        """Return whether a sentence sounds or waits to be heard."""
        with self._lock:
            return self._playlist.holds(sentence_id)

    def keeps(self, sentence_id: str) -> bool:
        """Return whether a sentence was heard to its end, and its samples are still here."""
        with self._lock:
            return self._playlist.keeps(sentence_id)

    def pause(self, by: str = LISTENER) -> None:
        """Hold the sound at the sample that plays."""
        with self._lock:
            self._playlist.held_by.add(by)

    def resume(self, by: str = LISTENER) -> None:
        """Go on at the sample where the sound was held, unless somebody else holds it too."""
        with self._lock:
            self._playlist.held_by.discard(by)
        self._sink.wake()

    @property
    def state(self) -> PlayerState:
        """What plays where, now."""
        sink = self._sink.state
        with self._lock:
            return PlayerState(
                sink=sink.name,
                sample_rate=PLAYER_RATE,
                playing=self._playlist.playing,
                paused=self._playlist.paused,
                held_by=tuple(sorted(self._playlist.held_by)),
                buffered_s=self._buffered_s(),
                underruns=self._playlist.underruns,
                dropouts=sink.dropouts,
                reason=sink.reason,
            )

    @property
    def idle(self) -> bool:
        """Whether only silence would be pulled."""
        with self._lock:
            return self._playlist.idle

    def pull(self, frames: int) -> Samples:
        """Return the next `frames` samples for the sink, silence where there are none."""
        with self._lock:
            samples, marks = self._playlist.pull(frames)
            self._post(marks)
            ready = self._take_ready()
        self._deliver(ready)
        return self.volume.apply(samples)

    def _refuses(self, generation: int, sentence_id: str) -> bool:
        with self._lock:
            return generation < self._generation or sentence_id in self._dropped

    def _add(self, generation: int, sentence_id: str, samples: Samples) -> bool:
        with self._lock:
            if generation < self._generation or sentence_id in self._dropped:
                return False
            self._playlist.add(sentence_id, samples)
        self._sink.wake()
        return True

    def _buffered_s(self) -> Seconds:
        return Seconds(self._playlist.buffered / PLAYER_RATE)

    def _post(self, marks: list[Mark]) -> None:
        if not marks:
            return
        now, latency_s = time.monotonic(), self._sink.state.latency_s
        for mark in marks:
            if mark.kind is MarkKind.AUDIBLE:
                delay_s = Seconds(latency_s + mark.frame / PLAYER_RATE)
                self._outbox.append(SentenceAudible(mark.sentence_id, Seconds(now), delay_s))
            else:
                cut = mark.kind is MarkKind.CUT
                self._outbox.append(SentenceFinished(mark.sentence_id, Seconds(now), cut))

    def _take_ready(self) -> list[_Waiter]:
        if not self._waiters:
            return []
        ready = [waiter for waiter in self._waiters if self._buffered_s() < waiter.below_s]
        self._waiters = [waiter for waiter in self._waiters if waiter not in ready]
        return ready

    def _deliver(self, ready: list[_Waiter]) -> None:
        for waiter in ready:
            with contextlib.suppress(RuntimeError):  # its loop is closed: nobody waits any more
                waiter.loop.call_soon_threadsafe(waiter.room.set)
        if not self._outbox:
            return
        with self._delivery:
            while self._outbox:
                self._report(self._outbox.popleft())

    def _report(self, event: PlayerEvent) -> None:
        try:
            self._on_event(event)
        except Exception:  # the sound goes on, whatever a listener does in this thread
            _LOG.exception("whoever listens to the player failed")
