"""Reads WAV files that people have: PCM of 8 to 32 bits, floats, any number of channels.

RIFF and the codes of the format chunk: Microsoft, "Multiple Channel Audio Data and WAVE Files" (2001). The
standard library's `wave` knows neither floats nor, before Python 3.12, WAVE_FORMAT_EXTENSIBLE.
"""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import SampleRate

MAX_CHANNELS = 32
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SUBFORMAT_AT = 24
_ENDLESS = 0x7FFFFF00
"""A size that a program writes which does not know it yet: this much or more."""
_RATES = range(1_000, 768_001)
_MAGIC = {
    b"ID3": "MP3",
    b"\xff\xfb": "MP3",
    b"\xff\xf3": "MP3",
    b"\xff\xf1": "AAC",
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"FORM": "AIFF",
    b"caff": "CAF",
    b"\x1aE\xdf\xa3": "WebM",
    b"RF64": "RF64",
    b"RIFX": "RIFX",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound as it was recorded: `channels` has the shape (n, channels), in -1..1."""

    channels: NDArray[np.float32]
    sample_rate: SampleRate

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.channels) / self.sample_rate


@dataclass(frozen=True, slots=True)
class _Format:
    code: int
    channels: int
    sample_rate: int
    width: int


def read_wav(path: Path, max_seconds: float) -> Recording:
    """Return the sound in a WAV file.

    :raises BadInput: it cannot be read, is something else, is cut off, or is longer than `max_seconds`, which
        is found out before the sound is read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadInput(f"{path} is no file", "Give the path of a WAV file.")
        with path.open("rb") as file:
            return _read(file, path.name, max_seconds)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read: {error.strerror or error}", "Give the path of a WAV file."
        ) from None


def _read(file: BinaryIO, name: str, max_seconds: float) -> Recording:
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise _no_wav(name, head)
    form, size = _find_data(file, name)
    frame = form.width * form.channels
    here = _bytes_left(file)
    if size == 0 or size >= _ENDLESS:
        size = here
    if size > here + frame:
        raise BadInput(
            f"{name} is cut off: {_seconds(here, form)} of its {_seconds(size, form)} are there",
            "Copy it again.",
        )
    if size > max_seconds * form.sample_rate * frame:
        raise BadInput(
            f"{name} is {_seconds(size, form)} long, more than {max_seconds:.0f} s", "Cut out a part of it."
        )
    content = file.read(size)
    whole = len(content) // frame * frame
    samples = _decoded(content[:whole], form).reshape(-1, form.channels)
    return Recording(samples, SampleRate(form.sample_rate))


def _find_data(file: BinaryIO, name: str) -> tuple[_Format, int]:
    """Read chunks up to the sound, and return its format and declared size."""
    form = None
    while len(head := file.read(8)) == 8:
        kind, size = head[:4], int.from_bytes(head[4:], "little")
        if kind == b"data" and form is not None:
            return form, size
        if kind == b"fmt ":
            form = _format(file.read(size + size % 2), name)
        else:
            file.seek(size + size % 2, 1)
    raise BadInput(f"{name} holds no sound: it is cut off or damaged", "Copy it again.")


def _format(chunk: bytes, name: str) -> _Format:
    if len(chunk) < 16:
        raise BadInput(f"{name} is damaged: its format cannot be read", "Copy it again.")
    code, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", chunk)
    if code == _EXTENSIBLE and len(chunk) >= _SUBFORMAT_AT + 2:
        (code,) = struct.unpack_from("<H", chunk, _SUBFORMAT_AT)
    width = frame // max(channels, 1)
    known = (code == _PCM and width in (1, 2, 3, 4)) or (code == _FLOAT and width in (4, 8))
    if not known:
        problem = f"{name} holds sound in a form that is not read (format {code}, {bits} bits)"
        raise BadInput(problem, f"Convert it: ffmpeg -i {quote(name)} -c:a pcm_s16le new.wav")
    if not 1 <= channels <= MAX_CHANNELS or rate not in _RATES or frame != channels * width:
        raise BadInput(f"{name} is damaged: {channels} channels at {rate} Hz", "Copy it again.")
    return _Format(code, channels, rate, width)


def _decoded(content: bytes, form: _Format) -> NDArray[np.float32]:
    if form.code == _FLOAT:
        with np.errstate(over="ignore"):
            return np.frombuffer(content, f"<f{form.width}").astype(np.float32)
    if form.width == 1:
        return (np.frombuffer(content, np.uint8).astype(np.float32) - 128) / np.float32(128)
    if form.width == 3:
        wide = np.zeros((len(content) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(content, np.uint8).reshape(-1, 3)
        content, width = wide.tobytes(), 4
    else:
        width = form.width
    return np.frombuffer(content, f"<i{width}").astype(np.float32) / np.float32(2 ** (8 * width - 1))


def _bytes_left(file: BinaryIO) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def _seconds(size: int, form: _Format) -> str:
    return f"{size / (form.sample_rate * form.width * form.channels):.1f} s"


def _no_wav(name: str, head: bytes) -> BadInput:
    if not head:
        return BadInput(f"{name} is empty", "Give a WAV file.")
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    kind = "MP4" if head[4:8] == b"ftyp" else kind
    what = f"is {kind}, and only WAV is read" if kind else "is no WAV file"
    return BadInput(f"{name} {what}", f"Convert it: ffmpeg -i {quote(name)} new.wav")
