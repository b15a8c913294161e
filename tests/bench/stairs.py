"""An engine whose sound tells where in a sentence it is: a level that rises by one every 10 ms, never zero.

Whatever a control does to such a sound is a step of more than LARGEST_STEP in 16-bit samples, at the very
sample; a gain of a few dB makes two or three of the one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LOWEST = 8000
LARGEST_STEP = 3
SENTENCE_S = 20.0
_ENGINE = f"""
import numpy as np
from claude_narrator.models.base import Loaded
from claude_narrator.models.types import AudioChunk

ENGINE = {{
    "kind": "synthesizer",
    "summary": "a level that rises",
    "languages": ["en"],
    "voices": {{"en": ["one"]}},
    "quality": 1,
}}


class Stairs:
    def load(self, context):
        return Loaded("cpu", "fp32")

    def synthesize(self, text, voice, language, rate):
        levels = np.repeat(np.arange({LOWEST}, {LOWEST} + {SENTENCE_S} * 100), 240)
        for chunk in np.split(levels.astype(np.float32) / 32768, 4 * {round(SENTENCE_S)}):
            yield AudioChunk(chunk, 24000)

    def close(self):
        pass
"""


def install(folder: Path) -> dict[str, str]:
    """Install the engine `stairs` below `folder`; return the environment in which Python finds it."""
    info = folder / "stairs_engine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stairs-engine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[claude_narrator.engines]\nstairs = stairs_engine:Stairs\n")
    (folder / "stairs_engine.py").write_text(_ENGINE)
    return {"PYTHONPATH": str(folder)}


def is_changed(samples: NDArray[np.int16]) -> bool:
    """Return whether a sample does not go on from the one before."""
    return bool((np.abs(np.diff(samples.astype(np.int32))) > LARGEST_STEP).any())
