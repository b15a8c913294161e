"""A text that somebody asked to hear, or to have translated."""

from __future__ import annotations

from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.text_style import TextStyle
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Language

MAX_TEXT = 200_000
"""Characters of one text to say or translate."""


def check_text(text: str, purpose: str) -> None:
    """Refuse a text that is empty or too long; `purpose` is say or translate.

    :raises BadInput: it is.
    """
    if len(text) > MAX_TEXT:
        raise BadInput(f"the text has {len(text)} characters, more than the {MAX_TEXT} allowed")
    if not text.strip():
        raise BadInput(f"nothing to {purpose}: the text is empty")


def speakable(text: str, language: Language, style: TextStyle) -> tuple[str, ...]:
    """Return the sentences of a text that somebody asked to hear.

    :raises BadInput: too long, or nothing in it can be said.
    """
    check_text(text, "say")
    if not (sentences := speakable_sentences(text, language, style)):
        raise BadInput("nothing to say: there are no words in the text")
    return sentences
