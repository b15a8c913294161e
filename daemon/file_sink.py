"""The sink that writes what would be heard into a WAV file."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from claude_narrator.daemon.sinks import PLAYER_RATE, PacedSink, SinkState, Source, to_int16
from claude_narrator.models.types import SampleRate, Samples

MAX_FILE_SILENCE_S = 1.0
_WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class FileSink(PacedSink):
    """Writes a 16-bit mono WAV of exactly what would have been heard, in real time.

    The header is right after every block, so the file can be read while it grows and after a kill. A silence
    of more than a second becomes one second; the file begins with the first sound. A file that was there is
    replaced.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._state = SinkState(f"file {path}")
        self._wav: GrowingWav | None = None
        self._shorten = SilenceShortener(round(MAX_FILE_SILENCE_S * PLAYER_RATE))

    def _run(self, source: Source) -> None:
        try:
            self._open()
            super()._run(source)
        finally:
            if self._wav is not None:
                self._wav.close()

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._wav = GrowingWav(self._path, PLAYER_RATE)
        except OSError as error:
            self._state = SinkState("none", reason=self._complaint(error))

    def _write(self, samples: Samples) -> None:
        kept = self._shorten(to_int16(samples))
        if self._wav is None or not kept.size:
            return
        try:
            self._wav.append(kept)
            reason = ""
        except OSError as error:
            reason = self._complaint(error)
        if reason != self._state.reason:
            self._state = replace(self._state, reason=reason)

    def _complaint(self, error: OSError) -> str:
        problem = error.strerror or str(error)
        return f"the sound file {self._path} cannot be written: {problem}. Change audio.sink in the settings."


class SilenceShortener:
    """Takes out of a stream of blocks what a run of zeros has beyond `limit` samples, and leading zeros."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._run = limit

    def __call__(self, block: NDArray[np.int16]) -> NDArray[np.int16]:
        """Return what is kept of `block`, which is not longer than `limit`."""
        sounding = np.flatnonzero(block)
        lead = int(sounding[0]) if sounding.size else block.size
        dropped = min(lead, max(0, self._run + lead - self._limit))
        self._run = block.size - 1 - int(sounding[-1]) if sounding.size else self._run + block.size
        return block[dropped:]


class GrowingWav:
    """A 16-bit mono WAV file whose header is right after every append.

    Format: RIFF/WAVE with a 16-byte PCM `fmt ` chunk, IBM and Microsoft, "Multimedia Programming Interface
    and Data Specifications 1.0", 1991.
    """

    def __init__(self, path: Path, sample_rate: SampleRate) -> None:
        """Create or empty the file, mode 0600.

        :raises OSError: it cannot be made.
        """
        self._rate = sample_rate
        self._size = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.pwrite(self._file, self._header(), 0)

    def append(self, samples: NDArray[np.int16]) -> None:
        """Write samples at the end; one that failed is written over by the next.

        :raises OSError: the disk is full or gone.
        """
        data = samples.astype("<i2").tobytes()
        if os.pwrite(self._file, data, _WAV_HEADER.size + self._size) != len(data):
            raise OSError("no space left on device")
        self._size += len(data)
        os.pwrite(self._file, self._header(), 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _header(self) -> bytes:
        size = min(self._size, 0xFFFFFFFF - 36)
        rate = int(self._rate)
        return _WAV_HEADER.pack(
            b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", size
        )
