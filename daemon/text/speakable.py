"""Markdown into sentences that one can say."""

from __future__ import annotations

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.models.types import Language


def speakable_sentences(markdown: str, language: Language) -> tuple[str, ...]:
    """Return what is said of `markdown`, which is in `language`: no markup, no secrets, none empty."""
    text = GrowingText(language)
    return text.append(markdown) + text.finish()
