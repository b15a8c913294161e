"""A sentence a language, to hear what a voice is like."""

from __future__ import annotations

from claude_narrator.models.language_file import language_file
from claude_narrator.models.types import Language


def sample_sentence(language: Language) -> str:
    """Return a sentence in `language`; digits, which every voice reads, where there is none."""
    return str(language_file(language)["sample"])
