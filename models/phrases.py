"""Cuts a sentence where a speaker would breathe, and takes out what makes engines stumble."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from claude_narrator.models.types import Milliseconds

MAX_WORD = 60
"""Characters of one word; longer ones crash or stall native front ends."""
_MAX_MARKS = 2
_PHRASE = re.compile(r".+?(?:[。！？、，；：।॥]+[」』）]*|[.!?…,;:—]+[\"'”’)\]]*(?=\s)|\Z)\s*", re.DOTALL)
_LONG_WORD = re.compile(rf"\S{{{MAX_WORD}}}(?=\S)")
_LONG_NUMBER = re.compile(r"\d{12}(?=\d)")
_SENTENCE_END = re.compile(r"[.!?…。！？।॥][\"'”’)\]」』）]*\s*\Z")


def clean_text(text: str) -> str:
    """Return `text` without control characters, lone surrogates and piled-up accents, its words capped.

    A word is broken with a space after 60 characters, a row of digits after 12.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        if category[0] == "C":
            kept.append(" " if category == "Cc" else "")
        elif marks <= _MAX_MARKS:
            kept.append(character)
    broken = _LONG_WORD.sub(lambda word: word[0] + " ", "".join(kept))
    return _LONG_NUMBER.sub(lambda digits: digits[0] + " ", broken).strip()


def cut_phrases(text: str, first: int, rest: int) -> Iterator[str]:
    """Yield `text` in pieces that end at sentence or clause marks; joined they are `text` but for spaces.

    The first piece holds as many whole clauses as fit into `first` characters, at least one, so that it can
    sound early; the others as many as fit into `rest`. A clause over `rest` is cut at a space, or anywhere.
    """
    piece, limit = "", first
    for phrase in _PHRASE.findall(text.strip()):
        if piece and len(piece) + len(phrase.rstrip()) > limit:
            yield piece.strip()
            piece, limit = "", rest
        piece += phrase
        while len(piece.rstrip()) > rest:
            at = piece.rfind(" ", rest // 2, rest) + 1 or rest
            yield piece[:at].strip()
            piece, limit = piece[at:], rest
    if piece.strip():
        yield piece.strip()


def pause_after_ms(piece: str, rate: float) -> Milliseconds:
    """Return how long a speaker at `rate` rests after `piece`: longer after a sentence than a clause."""
    return Milliseconds((280 if _SENTENCE_END.search(piece) else 120) / rate)
