"""Plain text into sentences, streamed translations into clauses."""

from __future__ import annotations

import re

from claude_narrator.models.types import Language

_BOUNDARY = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])(?![」』）])\s*")


def split_sentences(text: str, language: Language) -> tuple[str, ...]:
    """Return the sentences of speakable plain `text`, stripped, none empty."""
    return tuple(part.strip() for part in _BOUNDARY.split(text) if part.strip())


class ClauseSplitter:
    """Cuts the pieces of a growing translation into clauses that can be spoken already."""

    def __init__(self, language: Language, first_min: int | None = None, longest: int | None = None) -> None:
        """Start with nothing; `first_min` and `longest` are characters, None for what suits the language."""
        self._buffer = ""
        self._language = language

    def feed(self, piece: str) -> tuple[str, ...]:
        """Take the next piece and return the clauses that it closed."""
        self._buffer += piece
        *closed, self._buffer = _BOUNDARY.split(self._buffer)
        return tuple(part.strip() for part in closed if part.strip())

    def finish(self) -> tuple[str, ...]:
        """Return what is left."""
        rest, self._buffer = self._buffer.strip(), ""
        return (rest,) if rest else ()
