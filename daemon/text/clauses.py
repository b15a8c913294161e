"""A translation that still grows, cut into clauses that can be spoken already."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.boundaries import CLOSERS, ENDS, ends_sentence
from claude_narrator.models.language_file import writes_spaces
from claude_narrator.models.types import Language

_FIRST_MIN = {True: 12, False: 4}
_LATER_MIN = {True: 40, False: 12}
_LONGEST = {True: 180, False: 70}
"""Characters, for languages written with spaces and for the others."""

_CUT = re.compile(rf"[。！？｡、，；：]+(?P<wide>[」』）】”]*)|[.!?…؟,;:][{re.escape(CLOSERS)}]*(?=\s)")
_WORD = re.compile(r"\w")
_SENTENCE_MARKS = frozenset(ENDS)


class ClauseSplitter:
    """Gives the first clause as soon as it is complete, later ones as whole sentences where they are short.

    The clauses, joined, are the text without the spaces at the cuts. A full stop or comma of Latin script
    counts only when a space follows, so that `3.11` and `1,000` stay whole.
    """

    def __init__(
        self,
        language: Language,
        first_min: int | None = None,
        later_min: int | None = None,
        longest: int | None = None,
    ) -> None:
        """Start with nothing. The limits are characters; None is what suits the language."""
        spaced = writes_spaces(language)
        self._language = language
        self._first_min = _FIRST_MIN[spaced] if first_min is None else first_min
        self._later_min = _LATER_MIN[spaced] if later_min is None else later_min
        self._longest = _LONGEST[spaced] if longest is None else longest
        self._buffer = ""
        self._first = True

    def feed(self, piece: str) -> tuple[str, ...]:
        """Take the next piece and return the clauses that it closed, stripped, none without a word."""
        self._buffer = (self._buffer + piece).lstrip()
        clauses = []
        while cut := self._find_cut():
            clause = self._buffer[:cut].strip()
            self._buffer = self._buffer[cut:].lstrip()
            if _WORD.search(clause):
                clauses.append(clause)
                self._first = False
        return tuple(clauses)

    def finish(self) -> tuple[str, ...]:
        """Return what is left."""
        rest, self._buffer = self._buffer.strip(), ""
        return (rest,) if _WORD.search(rest) else ()

    def _find_cut(self) -> int:
        """Return where the next clause ends, 0 when that is not known yet."""
        last_pause = 0
        word = _WORD.search(self._buffer)
        for found in _CUT.finditer(self._buffer):
            if not word or found.end() <= word.start() or not self._is_pause(found):
                continue
            if found.end() > self._longest and last_pause:
                return last_pause
            if self._may_cut(found):
                return found.end()
            last_pause = found.end()
        if len(self._buffer) <= self._longest:
            return 0
        return last_pause or self._buffer.rfind(" ", 1, self._longest) + 1 or self._longest

    def _is_pause(self, found: re.Match[str]) -> bool:
        before = self._buffer[max(0, found.end() - 40) : found.end()]
        return found[0][0] != "." or ends_sentence(before, self._language)

    def _may_cut(self, found: re.Match[str]) -> bool:
        if self._first:
            return found.end() >= self._first_min
        return found[0][0] in _SENTENCE_MARKS and found.end() >= self._later_min
