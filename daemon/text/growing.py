"""A Markdown text that still grows, and the sentences in it that nothing can change any more."""

from __future__ import annotations

from claude_narrator.daemon.text.blocks import BlockScanner
from claude_narrator.daemon.text.characters import without_unsayable
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.daemon.text.redact import Redactor
from claude_narrator.daemon.text.spoken_blocks import say_block
from claude_narrator.models.types import Language

LONGEST_CHARS = 200_000
"""What follows is not said, but that there is more."""


class GrowingText:
    """Collects deltas and gives every sentence once, as soon as it is closed.

    Work is done line by line, so the sentences do not depend on how the text is cut. A line is looked
    at once, when its newline has come.
    """

    def __init__(self, language: Language) -> None:
        """Start with an empty text in `language`."""
        self._language = language
        self._deltas: list[str] = []
        self._chars = 0
        self._line: list[str] = []
        self._redactor = Redactor(language)
        self._scanner = BlockScanner()

    @property
    def source(self) -> str:
        """The Markdown so far, whole."""
        return "".join(self._deltas)

    def append(self, delta: str) -> tuple[str, ...]:
        """Add `delta` and return the sentences that it closed."""
        self._deltas.append(delta)
        room = max(0, LONGEST_CHARS - self._chars)
        self._chars += len(delta)
        *lines, rest = delta[:room].split("\n")
        said: list[str] = []
        for line in lines:
            said += self._take("".join([*self._line, line]))
            self._line = []
        self._line.append(rest)
        return tuple(said)

    def finish(self) -> tuple[str, ...]:
        """Return what is left; nothing may be appended after."""
        line, self._line = "".join(self._line), []
        said = self._take(line) if line else []
        said += [each for block in self._scanner.finish() for each in say_block(block, self._language)]
        if self._chars > LONGEST_CHARS:
            said.append(phrases_for(self._language).rest_skipped)
        return tuple(said)

    def _take(self, line: str) -> list[str]:
        """Return the sentences that the complete `line` closes."""
        redacted = self._redactor.line(without_unsayable(line))
        if redacted is None:
            return []
        return [each for block in self._scanner.feed(redacted) for each in say_block(block, self._language)]
