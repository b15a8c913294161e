"""What is heard of one piece of text: its speech at the pace that was asked for, then the pause behind it."""

from __future__ import annotations

import numpy as np

from claude_narrator.models.stretch import change_tempo
from claude_narrator.models.trim import FLOOR_DB, LEAD_MS, trim_silence
from claude_narrator.models.types import Milliseconds, SampleRate, Samples


def paced(
    raw: Samples,
    sample_rate: SampleRate,
    pause_ms: Milliseconds,
    *,
    tempo: float = 1.0,
    floor_db: float = FLOOR_DB,
    lead_ms: float = LEAD_MS,
) -> Samples:
    """Return the speech in `raw` at `tempo` times its pace, followed by `pause_ms` of silence.

    The silence that an engine puts around it is left out; `floor_db` and `lead_ms` are those of
    `trim_silence`. All silence gives an empty array.
    """
    edges = {"floor_db": floor_db, "lead_ms": lead_ms}
    spoken = change_tempo(trim_silence(raw, sample_rate, **edges), sample_rate, tempo)
    return trim_silence(np.pad(spoken, (0, sample_rate)), sample_rate, tail_ms=pause_ms, **edges)
