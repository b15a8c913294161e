"""What a recogniser hears in synthesized samples, and how far that is from the text."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import soxr

from claude_narrator.models.types import AudioChunk
from tests.models_home import ensure

_HEARING_RATE = 16_000


def hear(chunks: Iterable[AudioChunk], language: str) -> str:
    """Return what the recogniser makes of the chunks, all of one rate."""
    all_chunks = list(chunks)
    samples = np.concatenate([chunk.samples for chunk in all_chunks])
    heard = soxr.resample(samples, all_chunks[0].sample_rate, _HEARING_RATE)
    segments, _ = _recogniser().transcribe(heard, language=language, beam_size=5)
    return " ".join(segment.text.strip() for segment in segments)


def kana_error_rate(expected: str, heard: str) -> float:
    """Return the edit distance of two Japanese texts, read as kana, over the length of the first."""
    return _error_rate(_kana(expected), _kana(heard))


def letter_error_rate(expected: str, heard: str) -> float:
    """Return the edit distance of the letters of two texts over the length of the first."""
    return _error_rate(_letters(expected), _letters(heard))


def _error_rate(expected: str, heard: str) -> float:
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(expected, 1):
        before, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (wanted != got))
    return row[-1] / len(expected)


def _kana(text: str) -> str:
    import pyopenjtalk

    return re.sub(r"[^ァ-ヶ]", "", pyopenjtalk.g2p(unicodedata.normalize("NFKC", text), kana=True))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


@cache
def _recogniser() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the recogniser's own dependencies
        from faster_whisper import WhisperModel

        folder = ensure("whisper-base") / "whisper-base"
        return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
