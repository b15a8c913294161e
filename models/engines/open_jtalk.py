"""Open JTalk: the embedded Japanese voice, a hidden Markov model at 48 kHz, in the base install.

One call blocks until its whole text is synthesized, so the text goes in clause by clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.errors import EngineUnavailable
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples

ENGINE = {
    "kind": "synthesizer",
    "summary": "Plain but quick and intelligible Japanese voice",
    "licence": "MIT (code), BSD-3-Clause (dictionary), CC-BY-3.0 (voice mei_normal, MMDAgent Project Team)",
    "voices": {"ja": ["mei"]},
    "modules": ["pyopenjtalk"],
    "embedded": True,
    "quality": 20,
}
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 20, 60
_FULL_SCALE = 32768.0


class OpenJTalk:
    """A `Synthesizer`. The voice follows every rate from 0.5 to 3 by itself."""

    def __init__(self) -> None:
        self._engine: Any = None

    def load(self, context: EngineContext) -> Loaded:
        """Load dictionary and voice and speak a word unheard, so that the first one is quick.

        :raises EngineUnavailable: the package is missing or broken.
        """
        try:
            import pyopenjtalk

            pyopenjtalk.tts("準備。")
        except Exception as error:  # what the package raises over a broken file has no base of its own
            raise EngineUnavailable(
                f"the Open JTalk voice could not be loaded: {error}",
                "Run: pip install --force-reinstall pyopenjtalk-plus",
            ) from error
        self._engine = pyopenjtalk
        return Loaded("cpu", "fp64")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`, the first clause on its own when there is more."""
        for piece in cut_phrases(clean_text(text), _FIRST_CHARACTERS, _PIECE_CHARACTERS):
            wave, sample_rate = self._say(piece, rate)
            samples: Samples = np.asarray(wave, dtype=np.float32) / np.float32(_FULL_SCALE)
            kept = paced(samples, sample_rate, pause_after_ms(piece, rate))
            if len(kept):
                yield AudioChunk(np.clip(kept, -1.0, 1.0), sample_rate)

    def close(self) -> None:
        """Let go of the package; its dictionary stays mapped until the process ends."""
        self._engine = None

    def _say(self, piece: str, rate: float) -> tuple[Any, SampleRate]:
        """Refining the readings is done in Python behind the native front end, and fails on rare kanji."""
        try:
            wave, sample_rate = self._engine.tts(piece, speed=rate)
        except (IndexError, KeyError, ValueError, ImportError):
            wave, sample_rate = self._engine.tts(piece, speed=rate, use_vanilla=True)
        return wave, SampleRate(sample_rate)
