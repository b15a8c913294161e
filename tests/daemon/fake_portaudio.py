"""PortAudio as the device sink knows it, with devices that a test makes refuse, stall and go away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Callback = Callable[[NDArray[np.int16], int, None, Any], None]


class PortAudioError(Exception):
    """What sounddevice raises."""


class FakeStream:
    """One open stream; `ask` is the device wanting samples."""

    def __init__(self, portaudio: FakePortAudio, samplerate: int, channels: int, callback: Callback) -> None:
        self.samplerate, self.channels = samplerate, channels
        self.latency = 0.02
        self.active = False
        self.closed = False
        self._portaudio, self._callback = portaudio, callback

    def start(self) -> None:
        assert not self.closed
        self.active = True
        with self._portaudio.changed:
            self._portaudio.streams.append(self)
            self._portaudio.changed.notify_all()

    def close(self, ignore_errors: bool = False) -> None:
        assert not self.closed
        self.active, self.closed = False, True
        with self._portaudio.changed:
            self._portaudio.changed.notify_all()

    def ask(self, frames: int, late: bool = False) -> NDArray[np.int16]:
        assert self.active
        block = np.full((frames, self.channels), 99, np.int16)
        self._callback(block, frames, None, SimpleNamespace(output_underflow=late))
        return block


class FakePortAudio(ModuleType):
    """The module `sounddevice`; `accepted` are the (rate, channels) its one device takes."""

    def __init__(self, accepted: set[tuple[int, int]]) -> None:
        super().__init__("sounddevice")
        self.accepted = accepted
        self.devices = [
            {"name": "Mic", "index": 0, "max_output_channels": 0, "default_samplerate": 16_000.0},
            {"name": "Box", "index": 1, "max_output_channels": 6, "default_samplerate": 48_000.0},
        ]
        self.default = SimpleNamespace(device=(0, 1))
        self.PortAudioError = PortAudioError
        self.streams: list[FakeStream] = []
        self.changed = threading.Condition()

    def query_devices(self) -> list[dict[str, Any]]:
        return self.devices

    def OutputStream(
        self, samplerate: int, device: int, channels: int, dtype: str, latency: float, callback: Callback
    ) -> FakeStream:
        assert (device, dtype) == (1, "int16")
        if (samplerate, channels) not in self.accepted:
            raise PortAudioError(f"{samplerate} Hz in {channels} channels is not supported")
        return FakeStream(self, samplerate, channels, callback)

    def _terminate(self) -> None:
        assert all(stream.closed for stream in self.streams), "terminated while a stream is open"

    def _initialize(self) -> None:
        pass

    def opened(self, number: int) -> FakeStream:
        """Wait until the stream `number` is started, the first is 1, and return it."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.streams) >= number, 10)
        return self.streams[number - 1]

    def closed(self, number: int) -> None:
        """Wait until the stream `number` is closed."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.streams[number - 1].closed, 10)
