"""Plain speakable text into sentences."""

from __future__ import annotations

import re
from itertools import pairwise

from claude_narrator.daemon.text.boundaries import sentence_ends
from claude_narrator.daemon.text.clauses import ClauseSplitter
from claude_narrator.daemon.text.named_text import NamedText
from claude_narrator.models.types import Language

__all__ = ["ClauseSplitter", "split_named", "split_sentences"]

LONGEST_CHARS = 600
"""Longer sentences are cut: no engine says them in one breath, and some do not survive them."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SPACE = re.compile(r"\s+")
_PAUSES = (". ", "; ", ": ", ", ", "、", "，", " ")


def split_sentences(text: str, language: Language) -> tuple[str, ...]:
    """Return the sentences of speakable plain `text`: stripped, none empty, none longer than `LONGEST_CHARS`.

    A blank line ends a sentence too. `language` is that of the text; the marks of all languages are known at
    once, because texts are mixed, its abbreviations are its own.
    """
    return tuple(sentence.text for sentence in split_named(NamedText(text), language))


def split_named(text: NamedText, language: Language) -> tuple[NamedText, ...]:
    """Return what `split_sentences` does, with the names that are in them."""
    blanks = [found.span() for found in _BLANK_LINE.finditer(text.text)]
    starts, ends = [0, *(end for _, end in blanks)], [*(start for start, _ in blanks), len(text.text)]
    parts = (text.part(start, end).sub(_SPACE, " ").strip() for start, end in zip(starts, ends, strict=True))
    return tuple(piece for part in parts for piece in _split_paragraph(part, language))


def _split_paragraph(text: NamedText, language: Language) -> list[NamedText]:
    ends = [0, *sentence_ends(text.text, language), len(text.text)]
    sentences = (text.part(start, end).strip() for start, end in pairwise(ends))
    return [piece for sentence in sentences if sentence.text for piece in _breaths(sentence)]


def _breaths(sentence: NamedText) -> list[NamedText]:
    """Return `sentence` in pieces that one can say, cut at the best pause before the limit."""
    pieces = []
    while len(sentence.text) > LONGEST_CHARS:
        head = sentence.text[:LONGEST_CHARS]
        cuts = (head.rfind(pause) + len(pause) for pause in _PAUSES if head.rfind(pause) > LONGEST_CHARS // 2)
        cut = next(cuts, LONGEST_CHARS)
        pieces.append(sentence.part(0, cut).strip())
        sentence = sentence.part(cut).strip()
    return [*pieces, sentence]
