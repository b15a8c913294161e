"""A player whose sink is pulled by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from claude_narrator.daemon.player import Player, PlayerEvent, SentenceAudible, SentenceFinished
from claude_narrator.daemon.sinks import SinkState, Source, to_int16
from tests.sounds import chunk


class HandSink:
    """Pulls when the test says so; complains about a call before `start` or after `close`."""

    def __init__(self) -> None:
        self.source: Source | None = None
        self.closed = False
        self.woken = 0
        self.state = SinkState("device by hand", latency_s=0.02)

    def start(self, source: Source) -> None:
        assert self.source is None
        self.source = source

    def wake(self) -> None:
        self.woken += 1

    def close(self) -> None:
        self.closed = True

    def hear(self, frames: int) -> NDArray[np.int16]:
        assert self.source is not None
        assert not self.closed
        samples = self.source.pull(frames)
        assert samples.shape == (frames,)
        assert samples.dtype == np.float32
        return to_int16(samples)


class Stage:
    """A player, its sink, and what it reported."""

    def __init__(self) -> None:
        self.events: list[PlayerEvent] = []
        self.sink = HandSink()
        self.player = Player(self.sink, self.events.append)
        self.player.start()

    def say(self, sentence_id: str, samples: NDArray[np.int16], generation: int = 0) -> None:
        assert self.player.put(generation, sentence_id, chunk(samples))
        self.player.end_sentence(generation, sentence_id)

    def endings(self) -> list[tuple[str, bool]]:
        return [(e.sentence_id, e.cut) for e in self.events if isinstance(e, SentenceFinished)]

    def audible(self) -> list[str]:
        return [e.sentence_id for e in self.events if isinstance(e, SentenceAudible)]
