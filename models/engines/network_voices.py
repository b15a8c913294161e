"""What the voices have in common that a service on the network speaks with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from claude_narrator.models.engines.sound_files import read_mp3
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.phrases import pause_after_ms
from claude_narrator.models.stretch import change_tempo
from claude_narrator.models.trim import trim_silence
from claude_narrator.models.types import AudioChunk, SampleRate

ANSWER_TIMEOUT_S = 8.0
"""Without a byte: another voice should speak before the listener wonders."""
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
    spoken = change_tempo(trim_silence(raw, sample_rate), sample_rate, tempo)
    padded = np.pad(spoken, (0, sample_rate))
    kept = trim_silence(padded, sample_rate, tail_ms=pause_after_ms(piece, rate))
    return AudioChunk(np.clip(kept, -1.0, 1.0), sample_rate)
