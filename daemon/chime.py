"""Two soft notes that say something happened, for who does not want to be told in words."""

from __future__ import annotations

import numpy as np

from claude_narrator.models.types import AudioChunk, SampleRate

CHIME = "\a"
"""The text that is heard as the chime; no speakable text holds this character."""
_RATE = SampleRate(24_000)
_NOTES_HZ = (880.0, 659.26)
_NOTE_S = 0.18
_AMPLITUDE = 0.2
_DECAY_PER_S = 12.0
_ATTACK_S = 0.005


def chime() -> AudioChunk:
    """Return a falling fourth, A5 to E5, of 0.36 seconds."""
    at_s = np.arange(round(_NOTE_S * _RATE)) / _RATE
    shape = np.minimum(at_s / _ATTACK_S, 1) * np.exp(-_DECAY_PER_S * at_s)
    shape *= np.minimum((_NOTE_S - at_s) / _ATTACK_S, 1)
    notes = [_AMPLITUDE * shape * np.sin(2 * np.pi * hertz * at_s) for hertz in _NOTES_HZ]
    return AudioChunk(np.concatenate(notes).astype(np.float32), _RATE)
