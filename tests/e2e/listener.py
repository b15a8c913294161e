"""A speech recogniser: reads back what the narrator has played."""

from __future__ import annotations

import warnings
from pathlib import Path

from tests.models_home import ensure


def transcribe(wav: Path, language: str) -> str:
    """Return the words of a WAV file, in lower case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the recogniser's own dependencies
        from faster_whisper import WhisperModel

        model = WhisperModel(str(ensure("whisper-base") / "whisper-base"), device="cpu", compute_type="int8")
        segments, _ = model.transcribe(str(wav), language=language, beam_size=5)
        return " ".join(segment.text for segment in segments).lower()
