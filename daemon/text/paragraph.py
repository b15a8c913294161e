"""A paragraph that may still grow, and whether what it holds can be said already."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.boundaries import ends_sentence
from claude_narrator.daemon.text.lines import is_definition
from claude_narrator.models.types import Language

LONGEST_CHARS = 8_000
"""A paragraph is given away in pieces of this size, so that hostile text costs no more than prose."""

_MARKS = re.compile(r"\\.|`+|\*+|~~|\[|\]|<!--|-->", re.S)
_CLOSERS = "*_`~\"')]”’」』）】»"


class _Balance:
    """Counts what inline markup is still open: code, brackets, emphasis, comments. May err to "open" only."""

    def __init__(self) -> None:
        self._code = 0
        self._brackets = 0
        self._emphases = 0
        self._strongs = 0
        self._strikes = 0
        self._comment = False

    def feed(self, line: str) -> None:
        for found in _MARKS.finditer(line):
            self._mark(found[0])

    def _mark(self, mark: str) -> None:
        if self._comment:
            self._comment = mark != "-->"
        elif mark[0] == "`":
            self._code = 0 if self._code == len(mark) else self._code or len(mark)
        elif not self._code:
            self._comment = mark == "<!--"
            self._brackets = max(0, self._brackets + {"[": 1, "]": -1}.get(mark, 0))
            self._emphases += mark[0] == "*" and len(mark) % 2 == 1
            self._strongs += mark[0] == "*" and len(mark) > 1
            self._strikes += mark == "~~"

    @property
    def closed(self) -> bool:
        uneven = self._emphases % 2 or self._strongs % 2 or self._strikes % 2
        return not (self._code or self._brackets or self._comment or uneven)


class Paragraph:
    """Lines of inline Markdown; `take` gives them away and leaves the paragraph open for more."""

    def __init__(self, language: Language) -> None:
        """Start without a line of `language`."""
        self._language = language
        self._lines: list[str] = []
        self._chars = 0
        self._balance = _Balance()

    @property
    def last_line(self) -> str:
        """The line that a table's delimiter row would make a header; empty when it has been taken."""
        return self._lines[-1].rstrip() if self._lines else ""

    @property
    def is_taken(self) -> bool:
        """True when all lines so far have been given away."""
        return not self._lines

    def add(self, line: str) -> None:
        """Add a line; two spaces at its end stay, they are a line break."""
        self._lines.append(line.strip() + ("  " if line.endswith("  ") else ""))
        self._chars += len(line)
        self._balance.feed(line)

    def drop_last_line(self) -> None:
        """Remove the last line: it is a table's header."""
        if self._lines:
            self._chars -= len(self._lines.pop())

    @property
    def can_be_said(self) -> bool:
        """True when no later line can change what the lines so far say."""
        if self._chars >= LONGEST_CHARS:
            return True
        line = self.last_line
        if "|" in line or not self._balance.closed:
            return False
        bare = line.rstrip(_CLOSERS)
        return ends_sentence(bare, self._language) or bare.endswith((":", "："))

    def take(self) -> str:
        """Return the text so far without definitions of links and footnotes, and forget it."""
        kept = [line for line in self._lines if not is_definition(line)]
        self._lines, self._chars, self._balance = [], 0, _Balance()
        return "\n".join(kept).rstrip()
