"""A Markdown text that still grows, and the sentences in it that nothing can change any more."""

from __future__ import annotations

import re
from copy import deepcopy

from claude_narrator.daemon.text.blocks import Block, BlockScanner
from claude_narrator.daemon.text.boundaries import BRACKETS, sentence_ends
from claude_narrator.daemon.text.characters import without_unsayable
from claude_narrator.daemon.text.outline import Outline, Spoken
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.daemon.text.redact import Redactor
from claude_narrator.daemon.text.spoken_blocks import say_block
from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.types import Language, Role

LONGEST_CHARS = 200_000
"""What follows is not said, but that there is more."""
LONGEST_AHEAD_CHARS = 4_000
"""Of a longer open line nothing is said ahead: each delta costs a look at all of it."""
SETTLED_CHARS = 24
"""What follows a sentence by more than this cannot change where it ends."""

_CAN_CHANGE = re.compile(rf"[`*_~\[\]<>|\\&$(){BRACKETS}]|://")
"""What may mean something else once more of its line is there."""


class GrowingText:
    """Collects deltas and gives every sentence once, as soon as it is closed.

    Work is done line by line, so the sentences do not depend on how the text is cut. A line is looked
    at once, when its newline has come, unless `ahead` is asked for what can be said of it before.
    """

    def __init__(self, language: Language, style: TextStyle = DEFAULT_STYLE) -> None:
        """Start with an empty text in `language`, for a listener who wants `style`."""
        self._language, self._style = language, style
        self._deltas: list[str] = []
        self._chars = 0
        self._line: list[str] = []
        self._redactor = Redactor(language)
        self._scanner = BlockScanner(language)
        self._outline = Outline()
        self._ahead: list[Spoken] = []
        self._looked_at = 0

    @property
    def source(self) -> str:
        """The Markdown so far, whole."""
        return "".join(self._deltas)

    def append(self, delta: str) -> tuple[Spoken, ...]:
        """Add `delta` and return the sentences that it closed."""
        self._deltas.append(delta)
        room = max(0, LONGEST_CHARS - self._chars)
        self._chars += len(delta)
        *lines, rest = delta[:room].split("\n")
        said: list[Spoken] = []
        for line in lines:
            said += self._take("".join([*self._line, line]))
            self._line, self._looked_at = [], 0
        self._line.append(rest)
        return tuple(said)

    def finish(self) -> tuple[Spoken, ...]:
        """Return what is left; nothing may be appended after."""
        line, self._line = "".join(self._line), []
        said = self._take(line) if line else []
        said += self._not_said_ahead(self._say_blocks(self._scanner.finish(), self._outline))
        if self._chars > LONGEST_CHARS and (notice := phrases_for(self._language).rest_skipped):
            said.append(Spoken(notice, Role.WARNING))
        return tuple(said)

    def ahead(self) -> tuple[Spoken, ...]:
        """Return the sentences of the open line that nothing in the rest of it can change.

        They are plain prose, and the next one has begun; they are not given again when the line is closed.
        """
        line = "".join(self._line)
        if len(line) > LONGEST_AHEAD_CHARS or len(line) < self._looked_at:
            return ()
        settled = [end for end in sentence_ends(line, self._language) if end + SETTLED_CHARS <= len(line)]
        if not settled or settled[-1] <= self._looked_at or _CAN_CHANGE.search(line[: settled[-1]]):
            return ()
        self._looked_at = settled[-1]
        said = self._would_say(line[: settled[-1]])
        known = len(self._ahead)
        if said[:known] != self._ahead or self._would_say(line, whole=True)[: len(said)] != said:
            return ()
        self._ahead = said
        return tuple(said[known:])

    def _would_say(self, line: str, whole: bool = False) -> list[Spoken]:
        """Return the sentences that `line` would close, or all of it, and leave everything as it was."""
        redacted = deepcopy(self._redactor).line(without_unsayable(line))
        if redacted is None:
            return []
        scanner = deepcopy(self._scanner)
        blocks = scanner.feed(redacted) + (scanner.finish() if whole else [])
        return self._say_blocks(blocks, deepcopy(self._outline))

    def _take(self, line: str) -> list[Spoken]:
        """Return the sentences that the complete `line` closes."""
        redacted = self._redactor.line(without_unsayable(line))
        if redacted is None:
            return []
        return self._not_said_ahead(self._say_blocks(self._scanner.feed(redacted), self._outline))

    def _say_blocks(self, blocks: list[Block], outline: Outline) -> list[Spoken]:
        said = ((block, say_block(block, self._language, self._style)) for block in blocks)
        return [each for block, texts in said for each in outline.read(block, texts, self._language)]

    def _not_said_ahead(self, sentences: list[Spoken]) -> list[Spoken]:
        """Leave out what `ahead` has given; should the two differ, the rest of that is forgotten."""
        fresh: list[Spoken] = []
        for sentence in sentences:
            if self._ahead and self._ahead[0].text == sentence.text:
                del self._ahead[0]
                continue
            self._ahead.clear()
            fresh.append(sentence)
        return fresh
