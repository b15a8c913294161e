"""A Markdown text that still grows, and the sentences in it that nothing can change any more."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.sentences import split_sentences
from claude_narrator.models.types import Language

_MARKUP = re.compile(r"[*_`#|<>\[\]{}~\\]")


class GrowingText:
    """Collects deltas and gives every sentence once, as soon as it is closed."""

    def __init__(self, language: Language) -> None:
        """Start with an empty text in `language`."""
        self._language = language
        self._deltas: list[str] = []
        self._partial_line = ""

    @property
    def source(self) -> str:
        """The Markdown so far."""
        return "".join(self._deltas)

    def append(self, delta: str) -> tuple[str, ...]:
        """Add `delta` and return the sentences that it closed."""
        self._deltas.append(delta)
        *lines, self._partial_line = (self._partial_line + delta).split("\n")
        return tuple(sentence for line in lines for sentence in self._say(line))

    def finish(self) -> tuple[str, ...]:
        """Return what is left; nothing may be appended after."""
        line, self._partial_line = self._partial_line, ""
        return self._say(line)

    def _say(self, line: str) -> tuple[str, ...]:
        return split_sentences(_MARKUP.sub("", redact(line, self._language)), self._language)
