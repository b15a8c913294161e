"""Plain speakable text into sentences."""

from __future__ import annotations

import re
from itertools import pairwise

from claude_narrator.daemon.text.boundaries import sentence_ends
from claude_narrator.daemon.text.clauses import ClauseSplitter
from claude_narrator.models.types import Language

__all__ = ["ClauseSplitter", "split_sentences"]

LONGEST_CHARS = 600
"""Longer sentences are cut: no engine says them in one breath, and some do not survive them."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_PAUSES = (". ", "; ", ": ", ", ", "、", "，", " ")


def split_sentences(text: str, language: Language) -> tuple[str, ...]:
    """Return the sentences of speakable plain `text`: stripped, none empty, none longer than `LONGEST_CHARS`.

    A blank line ends a sentence too. `language` is that of the text; the marks of all languages are known at
    once, because texts are mixed, its abbreviations are its own.
    """
    parts = (" ".join(part.split()) for part in _BLANK_LINE.split(text))
    return tuple(piece for part in parts for piece in _split_paragraph(part, language))


def _split_paragraph(text: str, language: Language) -> list[str]:
    ends = [0, *sentence_ends(text, language), len(text)]
    sentences = (text[start:end].strip() for start, end in pairwise(ends))
    return [piece for sentence in sentences if sentence for piece in _breaths(sentence)]


def _breaths(sentence: str) -> list[str]:
    """Return `sentence` in pieces that one can say, cut at the best pause before the limit."""
    pieces = []
    while len(sentence) > LONGEST_CHARS:
        head = sentence[:LONGEST_CHARS]
        cuts = (head.rfind(pause) + len(pause) for pause in _PAUSES if head.rfind(pause) > LONGEST_CHARS // 2)
        cut = next(cuts, LONGEST_CHARS)
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*pieces, sentence]
