"""What a host asks of its worker and gets back, as headers and payloads of `framing.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from claude_narrator.models.framing import Frame
from claude_narrator.models.types import AudioChunk, Hints, Language, SampleRate


def translate_job(text: str, source: Language, target: Language, hints: Hints) -> dict[str, Any]:
    """Return the request for a translation."""
    also = {"glossary": dict(hints.glossary), "before": list(hints.before), "strict": hints.strict}
    return {"op": "translate", "text": text, "source": source, "target": target, **also}


def hints_of(request: dict[str, Any]) -> Hints:
    """Return the hints in such a request."""
    return Hints(request["glossary"], tuple(request["before"]), request["strict"])


def synthesize_job(text: str, voice: str, language: Language, rate: float, gain_db: float) -> dict[str, Any]:
    """Return the request for speech; `gain_db` is what makes the voice as loud as every other."""
    how = {"voice": voice, "language": language, "rate": rate, "gain_db": gain_db}
    return {"op": "synthesize", "text": text, **how}


def chunk_of(frame: Frame) -> AudioChunk:
    """Return the samples that came in a frame."""
    samples = np.frombuffer(frame.payload, dtype="<f4").astype(np.float32, copy=False)
    return AudioChunk(samples, SampleRate(frame.header["sample_rate"]))
