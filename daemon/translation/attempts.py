"""What one translator is asked for one sentence: to translate it, and if need be once more, strictly."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from claude_narrator.daemon.text.clauses import ClauseSplitter
from claude_narrator.daemon.translation import repair
from claude_narrator.daemon.translation.drafts import Draft, draft_of
from claude_narrator.daemon.translation.faults import MINOR, Kind, Pair, of_clause, of_sentence
from claude_narrator.daemon.translation.kept import missing_in
from claude_narrator.daemon.translation.masks import Masks
from claude_narrator.daemon.translation.terms import with_terms
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.types import NO_HINTS, Hints, Language, Name

STREAMS_FROM_CHARS = 72
"""Of the source: what is shorter is checked whole before a word of it leaves."""
_LOOK_EVERY_CHARS = 40


class Translator(Protocol):
    """What is needed of an engine's host."""

    name: str

    @property
    def is_instructed(self) -> bool:
        """Whether it heeds `Hints.strict`."""

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints
    ) -> AsyncGenerator[str, None]:
        """Yield the translation in pieces.

        :raises NarratorError: it could not.
        """


class Witness(Protocol):
    """Who is told how the translators fare with a sentence."""

    def failed(self, engine: str, error: NarratorError) -> None:
        """`engine` could not translate it."""

    def rejected(self, engine: str, faults: Collection[Kind]) -> None:
        """`engine` translated it with these faults."""

    def worked(self, engine: str) -> None:
        """What is heard of it, or a part of that, comes from `engine`."""


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence to translate, and the names in it that are known.

    `streams` lets a long one leave clause by clause. Without `is_checked` it is taken as it comes.
    """

    text: str
    source: Language
    target: Language
    hints: Hints = NO_HINTS
    streams: bool = False
    is_checked: bool = True
    names: tuple[Name, ...] = ()


class Attempts:
    """The attempts of one translator; `drafts` are those that did not pass, `is_done` once one has."""

    def __init__(self, task: Task, pair: Pair, translator: Translator, witness: Witness) -> None:
        self._task, self._pair, self._translator, self._witness = task, pair, translator, witness
        self._masks = Masks(task.text, pair.kept)
        self.drafts: list[Draft] = []
        self.is_done = False

    async def run(self, may_stream: bool) -> AsyncGenerator[str, None]:
        """Yield what passes.

        :raises NarratorError: the translator could not.
        """
        if not self._task.is_checked:
            async with aclosing(self._pieces(is_strict=False)) as pieces:
                async for piece in pieces:
                    yield piece
            self.is_done = True
            return
        streams = may_stream and self._task.streams and len(self._task.text) >= STREAMS_FROM_CHARS
        for is_strict in (False, True) if self._translator.is_instructed else (False,):
            clauses = self._clauses() if streams and not is_strict else self._whole(is_strict)
            async with aclosing(clauses):
                async for clause in clauses:
                    yield clause
            if self.is_done:
                return

    async def _whole(self, is_strict: bool) -> AsyncGenerator[str, None]:
        """Yield the whole translation if it passes; one that can only become worse is not waited for."""
        text, looked_at = "", 0
        async with aclosing(self._pieces(is_strict)) as pieces:
            async for piece in pieces:
                text += piece
                if len(text) - looked_at >= _LOOK_EVERY_CHARS:
                    looked_at = len(text)
                    if of_clause(text, self._pair) - {Kind.SCRIPT}:
                        break
        draft = draft_of(self._translator.name, self._masks.unmasked(text), self._pair)
        if draft.faults:
            self._reject(draft)
            return
        self._witness.worked(self._translator.name)
        yield draft.text
        self.is_done = True

    async def _clauses(self) -> AsyncGenerator[str, None]:
        """Yield clauses as they come, each once it has passed; then what must come back and has not."""
        splitter, said = ClauseSplitter(self._task.target), ""
        async with aclosing(self._pieces(is_strict=False)) as pieces:
            async for piece in pieces:
                for clause in splitter.feed(piece):
                    said = self._next(said, spelt := self._spelt(clause))
                    if self.drafts:
                        return
                    yield spelt
        for clause in splitter.finish():
            said = self._next(said, spelt := self._spelt(clause))
            if not self.drafts:
                yield spelt
        if faults := of_sentence(said, self._pair) - MINOR:
            self._reject(Draft(self._translator.name, "", faults))
        elif not self.drafts:
            if missing := missing_in(said, self._pair.kept, self._pair.theirs):
                yield repair.aside(missing, self._pair.theirs).strip()
            self.is_done = True

    def _next(self, said: str, clause: str) -> str:
        """All that was said with `clause`, which is a draft when it does not pass."""
        said = f"{said} {clause}".strip()
        if faults := of_clause(said, self._pair):
            self._reject(Draft(self._translator.name, "", faults))
        else:
            self._witness.worked(self._translator.name)
        return said

    def _spelt(self, clause: str) -> str:
        names = tuple(each for each in self._pair.kept if not each.is_number)
        clause = self._masks.unmasked(clause)
        return repair.mended(self._pair.source, clause, names, self._pair.ours, self._pair.theirs)

    def _pieces(self, is_strict: bool) -> AsyncGenerator[str, None]:
        task, hints = self._task, self._task.hints
        if not task.is_checked:
            return self._translator.translate(task.text, task.source, task.target, hints)
        words = with_terms(hints.glossary, task.text, task.source, task.target)
        hints = replace(hints, glossary=words, strict=is_strict)
        return self._translator.translate(self._masks.masked, task.source, task.target, hints)

    def _reject(self, draft: Draft) -> None:
        self._witness.rejected(draft.engine, draft.faults)
        self.drafts.append(draft)
