"""Markdown into sentences that one can say: docs/speakable-text.md is the table of the rules."""

from __future__ import annotations

from collections.abc import Iterator

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import texts_of
from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.types import Language


def speakable_sentences(
    markdown: str, language: Language, style: TextStyle = DEFAULT_STYLE
) -> tuple[str, ...]:
    """Return what is said of `markdown`, which is in `language`: no markup, no secrets, none empty.

    It is what a `GrowingText` gives, however the text is cut into deltas.
    """
    return tuple(iterate_sentences(markdown, language, style))


def iterate_sentences(markdown: str, language: Language, style: TextStyle = DEFAULT_STYLE) -> Iterator[str]:
    """Yield the same one by one: the first costs no more for a long text than for a short one."""
    text = GrowingText(language, style)
    for line in markdown.splitlines(keepends=True):
        yield from texts_of(text.append(line))
    yield from texts_of(text.finish())
