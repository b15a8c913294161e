"""Turns a sentence into clauses of the language that is heard, by the first translator that can."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from claude_narrator.daemon.sentence import Attempts, Clause, Reports, Sentence
from claude_narrator.daemon.timelines import Stage
from claude_narrator.daemon.translation.attempts import Task
from claude_narrator.daemon.translation.checked import translated
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.host import EngineHost
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import Language


class Translators(Protocol):
    """Who could translate."""

    def translators_for(self, source: Language, target: Language, name: str = "auto") -> list[EngineHost]:
        """Return the translators for a pair, the one of choice first."""


class Translating:
    """Brings sentences into the language that is heard."""

    def __init__(self, engines: Translators, reports: Reports) -> None:
        self._engines, self._reports = engines, reports

    async def clauses(self, sentence: Sentence) -> AsyncGenerator[Clause, None]:
        """Yield the clauses of a sentence, the last one marked; what nobody can translate stays as it is."""
        target = sentence.choice.language
        if same_language(sentence.language, target):
            yield Clause(sentence, sentence.text, target, last=True)
            return
        try:
            async with aclosing(self._translated(sentence)) as clauses:
                async for clause in clauses:
                    yield clause
        except NarratorError as error:
            self._reports.failed(sentence, error, Stage.TRANSLATED)
            yield Clause(sentence, sentence.text, sentence.language, last=True)

    async def _translated(self, sentence: Sentence) -> AsyncGenerator[Clause, None]:
        target = sentence.choice.language
        attempts = Attempts(self._reports, sentence, Stage.TRANSLATED)
        task = Task(sentence.text, sentence.language, target, sentence.hints, streams=True)
        async with aclosing(translated(task, self._translators(sentence), attempts)) as clauses:
            async for clause in clauses:
                sentence.cast.translator = attempts.at_work or sentence.cast.translator
                yield Clause(sentence, clause, target)
        yield Clause(sentence, "", target, last=True)

    def _translators(self, sentence: Sentence) -> list[EngineHost]:
        """Who translates: first who has done so in this utterance."""
        target = sentence.choice.language
        able = self._engines.translators_for(sentence.language, target, sentence.translator)
        return sorted(able, key=lambda host: host.name != sentence.cast.translator)
