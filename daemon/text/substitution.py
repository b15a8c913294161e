"""Whole words replaced by others, in whatever case, the longest first."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from itertools import groupby

from claude_narrator.daemon.text.characters import is_wide

_FULL_WIDTH = range(0xFF01, 0xFF5F)
_HAN = ("\u3400", "\u9fff")
_KATAKANA = ("\u30a1", "\u30ff")
_UNSPACED = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))


class Substitution:
    """A table of words.

    A word is whole where no letter, digit or accent stands beside it. Where words are written without
    spaces nothing tells their ends: there katakana may not go on, a single Chinese character stands alone,
    and everything else may follow.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` maps what is written to what takes its place."""
        self._words = {_fold(word): said for word, said in words.items() if word}
        by_first = groupby(sorted(self._words), key=lambda word: word[0])
        self._lengths = {
            first: sorted({len(word) for word in group}, reverse=True) for first, group in by_first
        }

    def apply(self, text: str) -> str:
        """Return `text` with every word of the table replaced once; what takes its place is not looked at."""
        if not self._words:
            return text
        folded, said, at = _fold(text), [], 0
        while at < len(text):
            length = self._length_at(folded, at)
            said.append(self._words[folded[at : at + length]] if length else text[at])
            at += length or 1
        return "".join(said)

    def _length_at(self, text: str, at: int) -> int:
        """The length of the longest word that begins at `at`, 0 when there is none."""
        for length in self._lengths.get(text[at], ()):
            word = text[at : at + length]
            if len(word) == length and word in self._words and _is_whole(text, at, at + length):
                return length
        return 0


def _fold(text: str) -> str:
    """`text` in small letters and narrow forms, each character in its place."""
    narrow = (chr(ord(char) - 0xFEE0) if ord(char) in _FULL_WIDTH else char for char in text)
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in narrow)


def _is_whole(text: str, start: int, end: int) -> bool:
    alone = end - start == 1
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_goes_on(before, text[start], alone) or _goes_on(after, text[end - 1], alone))


def _goes_on(beside: str, edge: str, alone: bool) -> bool:
    """Whether `beside` goes on with the word that `edge` begins or ends; `alone`: the word has no more."""
    if not beside:
        return False
    if not is_wide(edge):
        return _is_spaced(beside) and (_is_spaced(edge) or not edge.isalnum())
    if _KATAKANA[0] <= edge <= _KATAKANA[1]:
        return _KATAKANA[0] <= beside <= _KATAKANA[1] and beside != "・"
    return alone and _HAN[0] <= edge <= _HAN[1] and _HAN[0] <= beside <= _HAN[1]


def _is_spaced(char: str) -> bool:
    """Whether `char` is a letter, digit or accent of a script that parts words by spaces."""
    if is_wide(char) or any(first <= char <= last for first, last in _UNSPACED):
        return False
    return char.isalnum() or unicodedata.category(char)[0] == "M"
