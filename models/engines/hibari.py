"""Hibari: the embedded English voice, 6 million parameters distilled from Kokoro, 24 kHz."""

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
    "summary": "Small, natural English voice; speaks within milliseconds",
    "licence": "Apache-2.0 (code and weights)",
    "voices": {"en": ["heart"]},
    "modules": ["hibari", "onnxruntime"],
    "embedded": True,
    "quality": 50,
    "gain_db": 8.0,
}
_SAMPLE_RATE = SampleRate(24_000)
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 60, 200
FASTEST_SPEED = 1.25
"""Above it the model swallows sounds, which a changed tempo keeps: `python -m tests.bench.rates`."""


class Hibari:
    """A `Synthesizer`. Rates above FASTEST_SPEED are reached by changing the tempo of the model's output."""

    def __init__(self) -> None:
        self._voice: Any = None

    def load(self, context: EngineContext) -> Loaded:
        """Load the voice in the package and speak a word unheard, so that the first one is quick.

        :raises EngineUnavailable: the package is missing or broken.
        """
        try:
            import hibari

            self._voice = hibari.Hibari(threads=context.threads)
            self._voice("Ready.")
        except Exception as error:  # what the package raises over a broken file has no base of its own
            raise EngineUnavailable(
                f"the Hibari voice could not be loaded: {error}",
                "Run: pip install --force-reinstall hibari-tts",
            ) from error
        return Loaded("cpu", "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`, the first clause on its own when there is more."""
        for piece in cut_phrases(clean_text(text), _FIRST_CHARACTERS, _PIECE_CHARACTERS):
            samples = self._say(piece, rate)
            if len(samples):
                yield AudioChunk(samples, _SAMPLE_RATE)

    def close(self) -> None:
        """Free the model."""
        self._voice = None

    def _say(self, piece: str, rate: float) -> Samples:
        speed = min(rate, FASTEST_SPEED)
        raw = np.asarray(self._voice(piece, speed=speed), dtype=np.float32)
        return paced(raw, _SAMPLE_RATE, pause_after_ms(piece, rate), tempo=rate / speed)
