"""Where samples go: what a sink is, how one keeps the pace of real time, and which one the settings want."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from claude_narrator.daemon.settings import Audio
from claude_narrator.models.types import SampleRate, Samples

PLAYER_RATE = SampleRate(24_000)
"""The rate of most neural voices: theirs is played without conversion."""
BLOCK_S = 0.01
_FULL_SCALE = 32768
_LATE_S = 1.0
_LONG_IDLE_S = 1.0
_IDLE_CHECK_S = 0.5


class Source(Protocol):
    """What a sink plays."""

    def pull(self, frames: int) -> Samples:
        """Return the next `frames` samples at PLAYER_RATE, silence where there are none; never raises."""

    @property
    def idle(self) -> bool:
        """Whether only silence would be pulled."""


@dataclass(frozen=True, slots=True)
class SinkState:
    """`name` is `device NAME`, `file PATH` or `none`; `reason` one line on why, and what to do, or empty.

    `latency_s` passes between a pull and the sound; `dropouts` counts blocks that the device missed.
    """

    name: str
    latency_s: float = 0.0
    dropouts: int = 0
    reason: str = ""


class Sink(Protocol):
    """Pulls samples in a thread of its own, at the pace of real time, from `start` to `close`."""

    @property
    def state(self) -> SinkState:
        """What it plays on, now."""

    def start(self, source: Source) -> None:
        """Begin to pull; returns at once and never raises for want of a device or a file: `state` says so."""

    def wake(self) -> None:
        """Say that there is something to play; from any thread."""

    def close(self) -> None:
        """Stop pulling and give everything back. Safe to call more than once."""


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Return 16-bit samples; those that came from 16-bit ones divided by 32768 are the same again."""
    scaled = np.clip(np.rint(samples * np.float32(_FULL_SCALE)), -_FULL_SCALE, _FULL_SCALE - 1)
    rounded: NDArray[np.int16] = scaled.astype(np.int16)
    return rounded


def play_paced(
    source: Source, write: Callable[[Samples], None], woken: threading.Event, going: Callable[[], bool]
) -> None:
    """Pull blocks of BLOCK_S at the pace of real time into `write` while `going`; sleep once long idle.

    Long is a second; `going` is asked at least twice a second all the same.
    """
    frames = round(BLOCK_S * PLAYER_RATE)
    due_s = busy_s = time.monotonic()
    while going():
        now = time.monotonic()
        busy_s = busy_s if source.idle else now
        if now - busy_s > _LONG_IDLE_S:
            woken.clear()
            if source.idle:
                woken.wait(_IDLE_CHECK_S)
            due_s = time.monotonic()
            continue
        if now - due_s > _LATE_S:  # the machine slept: what was missed then is not made up for in a rush
            due_s = now
        time.sleep(max(0.0, due_s - now))
        write(source.pull(frames))
        due_s += BLOCK_S


class ThreadSink(ABC):
    """A sink whose work is `_run`, in a thread of its own, until `_closing` is set."""

    def __init__(self, state: SinkState) -> None:
        self._state = state
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> SinkState:
        """What it plays on, now."""
        return self._state

    def start(self, source: Source) -> None:
        """Begin to pull in the thread."""
        self._thread = threading.Thread(target=self._run, args=(source,), name="sink", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to play."""
        self._woken.set()

    def close(self) -> None:
        """Stop the thread and give back what it holds."""
        self._closing.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    @abstractmethod
    def _run(self, source: Source) -> None:
        """Pull from `source` until `_closing` is set."""

    def _is_going(self) -> bool:
        return not self._closing.is_set()


class PacedSink(ThreadSink):
    """Lets samples pass in real time, unheard, so that what waits is used up as if it were heard."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(SinkState("none", reason=reason))

    def _run(self, source: Source) -> None:
        play_paced(source, self._write, self._woken, self._is_going)

    def _write(self, samples: Samples) -> None:
        pass


def open_sink(audio: Audio) -> Sink:
    """Return the sink that the settings describe; nothing is opened before its `start`."""
    if audio.sink.startswith("file:"):
        from claude_narrator.daemon.file_sink import FileSink

        return FileSink(Path(audio.sink.removeprefix("file:")).expanduser())
    from claude_narrator.daemon.device_sink import DeviceSink

    return DeviceSink(audio.device)
