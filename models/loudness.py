"""Brings voices of different engines to one loudness: -18 LUFS as ITU-R BS.1770-4 and EBU R 128 measure it.

An engine declares the gain of each of its voices; nothing is measured while it speaks, so that a word sounds
the same wherever it stands. `tests/models/test_loudness.py` measures what comes out.
"""

from __future__ import annotations

import numpy as np

from claude_narrator.models.types import Samples

TARGET_LUFS = -18.0
_KNEE = 0.8
"""Magnitude above which peaks are bent; below it samples are only scaled."""


def amplify(samples: Samples, gain_db: float) -> Samples:
    """Return `samples` times 10 ** (gain_db / 20); when that is louder, softly limited to below 1.

    The limiter has no memory: above the knee k a magnitude x becomes k + (1 - k) tanh((x - k) / (1 - k)),
    which continues the straight line below it without an edge. Shape and dtype stay.
    """
    if not gain_db:
        return samples
    scaled: Samples = samples * np.float32(10 ** (gain_db / 20))
    return _limited(scaled) if gain_db > 0 else scaled


def _limited(samples: Samples) -> Samples:
    magnitude = np.abs(samples)
    room = np.float32(1 - _KNEE)
    bent = _KNEE + room * np.tanh((magnitude - np.float32(_KNEE)) / room)
    limited: Samples = np.where(magnitude > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)
    return limited
