"""The sound card, through PortAudio: one stream that stays open, and what happens when there is none."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claude_narrator.daemon.resample import StreamResampler
from claude_narrator.daemon.sinks import PLAYER_RATE, SinkState, Source, ThreadSink, play_paced, to_int16
from claude_narrator.models.types import AudioChunk, SampleRate, Samples

_LOG = logging.getLogger(__name__)
LATENCY_S = 0.02
"""Asked of the device. Short enough for a cut within 60 ms; PortAudio's own `low` can be less than another
thread holds the interpreter lock, and would click."""
IDLE_CLOSE_S = 60.0
HOLD_S = 60.0
"""How long speech waits for a device that went away; then it passes unheard, so that the queue moves."""
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 10.0
_STALLED_S = 2.0
_WATCH_S = 0.25
NO_PORTAUDIO = (
    "PortAudio is missing: run `apt install libportaudio2` and start again, or set audio.sink to file:PATH"
)
NO_DEVICE = "there is no sound output device: connect one, or set audio.sink to file:PATH"


class _NoDevice(Exception):
    """Nothing to play on; the message is the reason."""


class DeviceSink(ThreadSink):
    """Plays on the device whose name holds `device`, or on the default one.

    The stream is opened at the start, fed with silence between sentences, closed after an idle minute and
    opened again on demand. A device that goes away holds the speech, and is tried again with growing pauses;
    without any the samples pass unheard in real time and `state.reason` says so.
    """

    def __init__(self, device: str = "") -> None:
        self._device = device
        super().__init__(SinkState("none", reason="the sound device is being opened"))
        self._woken.set()
        self._lost_s = -HOLD_S

    def _run(self, source: Source) -> None:
        try:
            import sounddevice
        except Exception as error:  # before it is imported, PortAudio's own kind cannot be named
            self._complain(NO_PORTAUDIO if isinstance(error, OSError) else f"PortAudio cannot start: {error}")
            play_paced(source, _discard, self._woken, self._is_going)
            return
        retry_s = FIRST_RETRY_S
        while not self._closing.is_set():
            begun_s = time.monotonic()
            well = self._play(sounddevice, source)
            if well or time.monotonic() - begun_s > LAST_RETRY_S:
                retry_s = FIRST_RETRY_S
            if not well:
                self._pass_time(source, retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
            self._sleep_while_idle(source)
            if not self._closing.is_set():
                _look_again(sounddevice)

    def _play(self, sounddevice: ModuleType, source: Source) -> bool:
        """Play until idle or closing; False when there is no device, or it went away."""
        try:
            output = _Output(sounddevice, self._device, source)
        except (_NoDevice, ValueError, sounddevice.PortAudioError) as error:
            self._complain(str(error))
            return False
        name = f"device {output.name}"
        self._state = replace(self._state, name=name, latency_s=output.latency_s, reason="")
        self._lost_s = -HOLD_S
        try:
            return self._watch(output, source)
        finally:
            output.close()

    def _watch(self, output: _Output, source: Source) -> bool:
        busy_s = time.monotonic()
        while not self._closing.wait(_WATCH_S):
            self._state = replace(self._state, dropouts=self._state.dropouts + output.take_dropouts())
            now = time.monotonic()
            busy_s = busy_s if source.idle else now
            if output.lost(now):
                self._lost_s = now
                self._complain(f"the sound device {output.name} went away; trying again")
                return False
            if now - busy_s > IDLE_CLOSE_S:
                self._woken.clear()
                return True
        return True

    def _pass_time(self, source: Source, for_s: float) -> None:
        """Wait before the next try: hold the speech if a device was there a moment ago, else let it pass."""
        until_s = time.monotonic() + for_s
        if time.monotonic() < self._lost_s + HOLD_S:
            self._closing.wait(for_s)
        else:
            play_paced(source, _discard, self._woken, lambda: self._between_tries(source, until_s))

    def _between_tries(self, source: Source, until_s: float) -> bool:
        return not self._closing.is_set() and time.monotonic() < until_s

    def _sleep_while_idle(self, source: Source) -> None:
        while source.idle and not self._closing.is_set() and not self._woken.is_set():
            self._woken.wait()

    def _complain(self, reason: str) -> None:
        if reason != self._state.reason:
            _LOG.warning("%s", reason)
        self._state = replace(self._state, name="none", latency_s=0.0, reason=reason)


class _Output:
    """An open stream of PortAudio; the first of the player's rate and the device's own that it takes."""

    def __init__(self, sounddevice: ModuleType, wanted: str, source: Source) -> None:
        index, self.name, own_rate, channels = _find(sounddevice, wanted)
        self._error: type[Exception] = sounddevice.PortAudioError
        self._source = source
        self._dropouts = 0
        self._called_s = time.monotonic()
        formats = [(int(PLAYER_RATE), 1), (int(PLAYER_RATE), channels), (own_rate, 1), (own_rate, channels)]
        for rate, count in formats[:-1]:
            try:
                self._open(sounddevice, index, rate, count)
            except sounddevice.PortAudioError:
                continue
            return
        self._open(sounddevice, index, *formats[-1])

    @property
    def latency_s(self) -> float:
        """What PortAudio says lies between the callback and the sound."""
        return float(self._stream.latency)

    def lost(self, now: float) -> bool:
        """Whether the device has stopped asking for samples."""
        try:
            return not self._stream.active or now - self._called_s > _STALLED_S
        except self._error:
            return True

    def take_dropouts(self) -> int:
        """Return how many blocks came too late since the last call."""
        dropouts, self._dropouts = self._dropouts, 0
        return dropouts

    def close(self) -> None:
        """Drop what the device still holds and give it back."""
        self._stream.close(ignore_errors=True)

    def _open(self, sounddevice: ModuleType, index: int, rate: int, channels: int) -> None:
        self._pull = self._source.pull if rate == PLAYER_RATE else _Converted(self._source, rate).pull
        self._stream = sounddevice.OutputStream(
            samplerate=rate,
            device=index,
            channels=channels,
            dtype="int16",
            latency=LATENCY_S,
            callback=self._fill,
        )
        try:
            self._stream.start()
        except sounddevice.PortAudioError:
            self._stream.close(ignore_errors=True)
            raise

    def _fill(self, block: NDArray[np.int16], frames: int, _: Any, status: Any) -> None:
        self._called_s = time.monotonic()
        if status.output_underflow:
            self._dropouts += 1
        block[:] = to_int16(self._pull(frames))[:, None]


class _Converted:
    """The source at another rate, for a device that refuses the player's."""

    def __init__(self, source: Source, rate: int) -> None:
        self._source = source
        self._resampler = StreamResampler(SampleRate(rate), "LQ")
        self._ready: Samples = np.zeros(0, np.float32)

    def pull(self, frames: int) -> Samples:
        """Return the next `frames` samples at the device's rate."""
        step = round(PLAYER_RATE / 200)
        while self._ready.size < frames:
            block = AudioChunk(self._source.pull(step), PLAYER_RATE)
            self._ready = np.concatenate((self._ready, self._resampler.feed(block)))
        taken, self._ready = self._ready[:frames], self._ready[frames:]
        return taken


def _find(sounddevice: ModuleType, wanted: str) -> tuple[int, str, int, int]:
    """Return index, name, own sample rate and number of channels (1 or 2) of the output device `wanted`."""
    outputs = [d for d in sounddevice.query_devices() if d["max_output_channels"] > 0]
    if not outputs:
        raise _NoDevice(NO_DEVICE)
    if wanted:
        matching = [d for d in outputs if wanted.casefold() in d["name"].casefold()]
        if not matching:
            names = ", ".join(d["name"] for d in outputs)
            raise _NoDevice(
                f"no sound output device is called {wanted!r}: set audio.device to one of {names}"
            )
        chosen = min(matching, key=lambda d: len(d["name"]))
    else:
        default = sounddevice.default.device[1]
        chosen = next((d for d in outputs if d["index"] == default), outputs[0])
    channels = min(2, int(chosen["max_output_channels"]))
    return int(chosen["index"]), str(chosen["name"]), int(chosen["default_samplerate"]), channels


def _look_again(sounddevice: ModuleType) -> None:
    """Let PortAudio see devices that came and went: it lists them only when it is initialized."""
    with contextlib.suppress(sounddevice.PortAudioError):
        sounddevice._terminate()
    with contextlib.suppress(sounddevice.PortAudioError):  # what failed shows when devices are asked for
        sounddevice._initialize()


def _discard(_: Samples) -> None:
    pass
