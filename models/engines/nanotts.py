"""SVOX Pico: small, plain voices in five languages, 16 kHz, in the extra `nanotts` (Linux).

One call blocks until its whole text is synthesized, so the text goes in clause by clause. Pico follows a rate
of its own only roughly (2.0 gives 1.5 in English), so rates are reached by changing the tempo.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownVoice
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples

ENGINE = {
    "kind": "synthesizer",
    "summary": "SVOX Pico: plain but quick voices in English, German, Spanish, French, Italian (Linux)",
    "licence": "Apache-2.0 (code and voices)",
    "voices": {
        "en-US": ["lh0"],
        "en-GB": ["kh0"],
        "de": ["gl0"],
        "es": ["zl0"],
        "fr": ["nk0"],
        "it": ["cm0"],
    },
    "modules": ["py_nanotts"],
    "extra": "nanotts",
    "embedded": False,
    "quality": 10,
    "gain_db": {"gl0": -0.8, "zl0": -0.9, "nk0": 1.1, "cm0": 2.2},
}
_LOCALES = {"lh0": "en-US", "kh0": "en-GB", "gl0": "de-DE", "zl0": "es-ES", "nk0": "fr-FR", "cm0": "it-IT"}
_SAMPLE_RATE = SampleRate(16_000)
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 60, 200
_FULL_SCALE = 32768.0
_VOLUME = 0.5
"""Pico's own volume: at 1.0 it clips some hundred samples of a sentence."""
_FLOOR_DB, _LEAD_MS = -38.0, 30.0
"""Pico hums at -55 dBFS and clicks at up to -41 before and after the speech."""
_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 20
_MARKUP = re.compile(r"[<>\\]")
"""What Pico takes for a command: tags such as <volume level="500">."""


class NanoTTS:
    """A `Synthesizer`."""

    def __init__(self) -> None:
        self._pico: Any = None

    def load(self, context: EngineContext) -> Loaded:
        """Load the voices and speak a word unheard.

        :raises EngineUnavailable: the package is missing or broken.
        """
        try:
            import py_nanotts

            _give_clean_memory()
            self._pico = py_nanotts.NanoTTS()
            self._pico.speak("OK.", "en-US")
        except Exception as error:  # what the package raises over a broken file has no base of its own
            raise EngineUnavailable(
                f"the Pico voices could not be loaded: {error}",
                "Run: pip install --force-reinstall py-nanotts",
            ) from error
        return Loaded("cpu", "int16")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`, the first clause on its own when there is more.

        :raises EngineFailed: not loaded.
        :raises UnknownVoice: no voice of that name.
        """
        if self._pico is None:
            raise EngineFailed("nanotts is not loaded")
        if voice not in _LOCALES:
            raise UnknownVoice(f"nanotts has no voice {voice!r}", f"It has {', '.join(_LOCALES)}.")
        return self._pieces(_MARKUP.sub(" ", clean_text(text)), _LOCALES[voice], rate)

    def close(self) -> None:
        """Let go of the package; it keeps nothing between calls."""
        self._pico = None

    def _pieces(self, text: str, locale: str, rate: float) -> Iterator[AudioChunk]:
        for piece in cut_phrases(text, _FIRST_CHARACTERS, _PIECE_CHARACTERS):
            raw = np.frombuffer(self._pico.speak(piece, locale, volume=_VOLUME), "<i2").astype(np.float32)
            samples: Samples = raw / np.float32(_FULL_SCALE)
            pause_ms = pause_after_ms(piece, rate)
            kept = paced(samples, _SAMPLE_RATE, pause_ms, tempo=rate, floor_db=_FLOOR_DB, lead_ms=_LEAD_MS)
            if len(kept):
                yield AudioChunk(kept, _SAMPLE_RATE)


def _give_clean_memory() -> None:
    """Have every large block come from the system, zeroed, and not from the heap.

    Pico reads some of its 2.5 MB before it writes them: with leavings there, the same sentence comes out
    up to a tenth longer or shorter. Holds for the process; glibc alone has the call (mallopt(3)).
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
