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

    def translators_for(
        self, source: Language, target: Language, name: str = "auto", at_once: bool = False
    ) -> list[EngineHost]:
        """Return the translators for a pair, the one of choice first; with `at_once` one that is quick."""


class Translating:
    """Brings sentences into the language that is heard."""

    def __init__(self, engines: Translators, reports: Reports) -> None:
        self._engines, self._reports = engines, reports

    async def clauses(self, sentence: Sentence, at_once: bool = False) -> AsyncGenerator[Clause, None]:
        """Yield the clauses of a sentence, the last one marked; what nobody can translate stays as it is.

        `at_once` says that nothing is heard until the first of them is there.
        """
        target = sentence.choice.language
        if same_language(sentence.language, target):
            yield Clause(sentence, sentence.text, target, last=True)
            return
        try:
            async with aclosing(self._translated(sentence, at_once)) as clauses:
                async for clause in clauses:
                    yield clause
        except NarratorError as error:
            self._reports.failed(sentence, error, Stage.TRANSLATED)
            yield Clause(sentence, sentence.text, sentence.language, last=True)

    async def _translated(self, sentence: Sentence, at_once: bool) -> AsyncGenerator[Clause, None]:
        target = sentence.choice.language
        attempts = Attempts(self._reports, sentence, Stage.TRANSLATED)
        pair = sentence.language, target
        task = Task(sentence.text, *pair, sentence.hints, streams=True, names=sentence.names)
        try:
            hosts, stand_in = self._translators(sentence, at_once)
            async with aclosing(translated(task, hosts, attempts)) as clauses:
                async for clause in clauses:
                    if attempts.at_work not in ("", stand_in):
                        sentence.cast.translator = attempts.at_work
                    yield Clause(sentence, clause, target)
        except NarratorError as error:
            attempts.nobody_did(error)
            raise
        yield Clause(sentence, "", target, last=True)

    def _translators(self, sentence: Sentence, at_once: bool) -> tuple[list[EngineHost], str]:
        """Who translates, first who has done so in this utterance; and who is only the first to be heard.

        Another one goes on behind the latter, whose name is "" where the first goes on itself.
        """
        so_far, pair = sentence.cast.translator, (sentence.language, sentence.choice.language)
        able = self._engines.translators_for(*pair, sentence.translator)
        able = sorted(able, key=lambda host: host.name != so_far)
        if so_far or not at_once:
            return able, ""
        quick = self._engines.translators_for(*pair, sentence.translator, at_once)
        return quick, quick[0].name if quick[0] is not able[0] else ""
