"""Translators that say what a test tells them to, and a witness that remembers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence

import anyio

from claude_narrator.daemon.translation.attempts import Task
from claude_narrator.daemon.translation.checked import translated
from claude_narrator.daemon.translation.faults import Kind
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.types import Hints, Language

EN, JA = Language("en"), Language("ja")


class Teller:
    """Gives its answers in turn, character by character; one that is an error is raised."""

    def __init__(
        self, *answers: str | NarratorError, name: str = "teller", is_instructed: bool = True
    ) -> None:
        self.name, self.is_instructed = name, is_instructed
        self.answers = list(answers)
        self.hints: list[Hints] = []
        self.asked: list[str] = []
        self.told = 0
        self.is_open = False

    async def translate(
        self, text: str, source: Language, target: Language, hints: Hints
    ) -> AsyncGenerator[str, None]:
        assert not self.is_open, "asked while an answer is open"
        self.hints.append(hints)
        self.asked.append(text)
        answer = self.answers.pop(0)
        self.is_open = True
        try:
            for character in str(answer.problem if isinstance(answer, NarratorError) else answer):
                await anyio.lowlevel.checkpoint()
                self.told += 1
                yield character
            if isinstance(answer, NarratorError):
                raise answer
        finally:
            self.is_open = False


class Remembering:
    """A `Witness`."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.rejections: list[tuple[str, set[str]]] = []
        self.at_work: list[str] = []

    def failed(self, engine: str, error: NarratorError) -> None:
        self.failures.append(engine)

    def rejected(self, engine: str, faults: Collection[Kind]) -> None:
        self.rejections.append((engine, set(map(str, faults))))

    def worked(self, engine: str) -> None:
        if self.at_work[-1:] != [engine]:
            self.at_work.append(engine)


async def heard(
    text: str, translators: Sequence[Teller], witness: Remembering | None = None, streams: bool = False
) -> list[str]:
    """Return the clauses of a translation into Japanese."""
    task = Task(text, EN, JA, streams=streams)
    return [clause async for clause in translated(task, translators, witness or Remembering())]
