"""Reads whole sound files: WAV with the standard library, MP3 with miniaudio."""

from __future__ import annotations

import io
import wave

import numpy as np

from claude_narrator.models.types import SampleRate, Samples

_RATES = range(8_000, 192_001)
_FULL_SCALE = np.float32(32768)
_MAX_MP3_BYTES = 1 << 22
"""Ten minutes at 48 kbit/s; a few hundred characters were asked for."""


def read_wav(content: bytes) -> tuple[Samples, SampleRate]:
    """Return the samples of a 16-bit WAV file, of several channels the first, and their rate.

    :raises ValueError: it is no such file, or it breaks off; the message says which, without a subject.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            form, data = file.getparams(), file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise ValueError("is no WAV file") from None
    if form.sampwidth != 2 or form.framerate not in _RATES:
        raise ValueError("is a WAV file of another form than 16 bit")
    if len(data) != form.nframes * form.nchannels * 2:
        raise ValueError("breaks off")
    samples = np.frombuffer(data, "<i2")[:: form.nchannels].astype(np.float32) / _FULL_SCALE
    return samples, SampleRate(form.framerate)


def read_mp3(content: bytes) -> tuple[Samples, SampleRate]:
    """Return the samples of an MP3 stream, of several channels their mean, and their rate.

    :raises ValueError: it is none, or too long; the message says which, without a subject.
    :raises ImportError: miniaudio is not installed.
    """
    import miniaudio

    if len(content) > _MAX_MP3_BYTES:
        raise ValueError("is longer than anything that was to be said")
    try:
        sound = miniaudio.mp3_read_f32(content)
    except miniaudio.MiniaudioError:
        raise ValueError("is no MP3 sound") from None
    samples = np.asarray(sound.samples, np.float32).reshape(-1, sound.nchannels).mean(axis=1)
    if not len(samples) or sound.sample_rate not in _RATES:
        raise ValueError("is no MP3 sound")
    return samples, SampleRate(sound.sample_rate)
