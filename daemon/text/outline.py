"""What each sentence of a text is to a listener who does not want to hear all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claude_narrator.daemon.text.blocks import Block, Prose
from claude_narrator.daemon.text.named_text import NamedText
from claude_narrator.daemon.text.urgency import asks, warns
from claude_narrator.models.types import Language, Name, Role

_CALLOUT = re.compile(r"\s*\[!([A-Za-z]{1,20})\]")
_WARNING_CALLOUTS = frozenset({"warning", "caution", "important", "danger", "error"})
_COLONS = (":", "：")
_CLOSERS = "*_`~)]\"'”’」』） "


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence as it is said, and the names in it."""

    text: str
    role: Role
    names: tuple[Name, ...] = ()


def texts_of(spoken: Iterable[Spoken]) -> tuple[str, ...]:
    """Return the sentences without their roles."""
    return tuple(each.text for each in spoken)


@dataclass(slots=True)
class Outline:
    """Gives roles to the sentences of one text, block by block.

    A list is one block. Behind a text that ends with a colon, a list, a table or code belongs to its block.
    The items of a list behind a question are what one can answer: all are questions.
    """

    _leaf: int = 0
    _list: int = 0
    _of_items: Role = Role.DETAIL
    _announced: bool = False
    _asked: bool = False
    _warned_quote: int = 0

    def read(self, block: Block, sentences: Sequence[NamedText], language: Language) -> tuple[Spoken, ...]:
        """Return what is said of `block`, whose `sentences` are in `language`, in order."""
        if not sentences:
            return ()
        first, rest = self._roles(block)
        openings = 2 if isinstance(block, Prose) and _CALLOUT.match(block.text) else 1
        base = [first if at < openings else rest for at in range(len(sentences))]
        said = tuple(
            Spoken(each.text, self._role(each.text, role, block, language), each.names)
            for each, role in zip(sentences, base, strict=True)
        )
        self._remember(block, said)
        return said

    def _roles(self, block: Block) -> tuple[Role, Role]:
        """Return the role of the first sentence of `block`, and of the others, by where it stands alone."""
        place = block.place
        if place.list and place.list == self._list:
            return self._of_items, self._of_items
        if place.list:
            self._of_items = Role.QUESTION if self._asked else Role.DETAIL
            return (self._of_items if self._asked or self._announced else Role.OPENING), self._of_items
        announced = self._announced and not isinstance(block, Prose)
        goes_on = place.leaf == self._leaf
        return (Role.DETAIL if announced or goes_on else Role.OPENING), Role.DETAIL

    def _role(self, sentence: str, role: Role, block: Block, language: Language) -> Role:
        if role is Role.QUESTION or asks(sentence, language):
            return Role.QUESTION
        return Role.WARNING if self._warns(block) or warns(sentence, language) else role

    def _warns(self, block: Block) -> bool:
        if not block.place.quote:
            return False
        callout = _CALLOUT.match(block.text) if isinstance(block, Prose) else None
        if callout and callout[1].lower() in _WARNING_CALLOUTS:
            self._warned_quote = block.place.quote
        return block.place.quote == self._warned_quote

    def _remember(self, block: Block, said: Sequence[Spoken]) -> None:
        self._leaf, self._list = block.place.leaf, block.place.list
        self._announced = isinstance(block, Prose) and block.text.rstrip(_CLOSERS).endswith(_COLONS)
        self._asked = isinstance(block, Prose) and said[-1].role is Role.QUESTION
