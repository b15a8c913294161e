"""What the voices have in common that a service on the network speaks with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import pause_after_ms
from claude_narrator.models.types import AudioChunk, SampleRate, Samples

ANSWER_TIMEOUT_S = 8.0
"""Without a byte: another voice should speak before the listener wonders."""
_MAX_MP3_BYTES = 1 << 22
"""Ten minutes at 48 kbit/s; a few hundred characters were asked for."""
_RATES = range(8_000, 192_001)
SIGN_OF_LIFE = AudioChunk(np.zeros(0, np.float32), SampleRate(24_000))


def check_allowed(engine: str, options: Mapping[str, str]) -> None:
    """Return if the user has said that text may leave the machine.

    :raises EngineUnavailable: they have not.
    """
    said = options.get("allow", "")
    if said.strip().lower() != "yes":
        raise EngineUnavailable(
            f"engines.{engine}.allow is {said[:20]!r}, so that no text is sent",
            f"Run: voice settings set engines.{engine}.allow yes",
        )


def chunk_of(service: str, mp3: bytes, piece: str, tempo: float, rate: float) -> AudioChunk:
    """Return what the service spoke for `piece`: trimmed, `tempo` times as fast, with the pause of `rate`.

    :raises EngineFailed: it is no sound.
    """
    try:
        raw, sample_rate = read_mp3(mp3)
    except ValueError as error:
        raise EngineFailed(f"what {service} sent {error}") from None
    kept = paced(raw, sample_rate, pause_after_ms(piece, rate), tempo=tempo)
    return AudioChunk(np.clip(kept, -1.0, 1.0), sample_rate)


def read_mp3(content: bytes) -> tuple[Samples, SampleRate]:
    """Return the samples of an MP3 stream, of several channels their mean, and their rate.

    :raises ValueError: it is none, or too long; the message says which, without a subject.
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
