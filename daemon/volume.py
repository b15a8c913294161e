"""How loud the output is: a gain in dB that changes without a click and limits what it makes too loud."""

from __future__ import annotations

import numpy as np

from claude_narrator.models.loudness import amplify
from claude_narrator.models.types import Samples


class Volume:
    """A gain on blocks of samples that follow each other; `db` may be set from any thread, at any time."""

    def __init__(self, db: float = 0.0) -> None:
        self.db = self._applied_db = db

    def apply(self, samples: Samples) -> Samples:
        """Return the next block at its gain; at 0 dB it comes back as it is.

        A new gain fades in over one block. Above 0 dB peaks are softly limited.
        """
        before_db, self._applied_db = self._applied_db, self.db
        now = amplify(samples, self._applied_db)
        if before_db == self._applied_db or not samples.size:
            return now
        ramp = np.linspace(0.0, 1.0, samples.size, dtype=np.float32)
        mixed: Samples = amplify(samples, before_db) * (1 - ramp) + now * ramp
        return mixed
