"""Which of a pool's engines speak or translate, in which order, by records, policy and readiness now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from claude_narrator.models import chain
from claude_narrator.models.chain import Candidate, FactsOf, Standing, by_standing
from claude_narrator.models.choice import explain_no_engine, find_voice
from claude_narrator.models.languages import check_language
from claude_narrator.models.policy import Policy, order_for
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language, VoiceChoice


class Selection:
    """Chooses; loads nothing. The callables tell what holds at the moment."""

    def __init__(
        self,
        records: Callable[[], Sequence[EngineRecord]],
        policy: Callable[[], Policy],
        facts_of: FactsOf,
    ) -> None:
        self._records, self._policy, self._facts_of = records, policy, facts_of

    def speakers(self, language: Language) -> list[Candidate]:
        """Return every engine that speaks `language`, who is preferred first; see `chain.by_standing`."""
        named = order_for(language, self._policy().voices)
        return chain.synthesizers(language, self._records(), named, self._facts_of)

    def interpreters(self, source: Language, target: Language) -> list[Candidate]:
        """Return every engine that translates `source` into `target`, who is preferred first."""
        named = order_for(target, self._policy().translators)
        return chain.translators((source, target), self._records(), named, self._facts_of)

    def speaking_order(self, choice: VoiceChoice) -> list[tuple[str, str]]:
        """Return engine and voice in the order in which they are tried for `choice`.

        A voice that is named comes first, but behind those that are ready while its engine recovers from a
        failure.

        :raises UnknownVoice: no such voice, or it does not speak the language.
        :raises UnknownLanguage: no tag, or a language that no engine here speaks.
        :raises EngineUnavailable, ModelMissing: what speaks it is not installed; the hint says how to.
        """
        language = check_language(choice.language)
        able = by_standing(self.speakers(language))
        order = [(each.engine, each.voice) for each in able]
        if choice.voice != "auto":
            named = find_voice(choice.voice, language, self._records())
            order = [pair for pair in order if pair[0] != named[0]]
            recovering = self._facts_of(self._record(named[0])).state.recovering
            ready = sum(each.standing is Standing.READY and each.engine != named[0] for each in able)
            order.insert(ready if recovering else 0, named)
        if not order:
            raise explain_no_engine(self._records(), "synthesizer", language)
        return order

    def named_engine(self, choice: VoiceChoice) -> tuple[str, ...]:
        """Return the engine of the voice that is named, if one is.

        :raises NarratorError: as `speaking_order`.
        """
        if choice.voice == "auto":
            return ()
        return (find_voice(choice.voice, check_language(choice.language), self._records())[0],)

    def translating_order(
        self, source: Language, target: Language, name: str = "auto", at_once: bool = False
    ) -> list[str]:
        """Return the engines in the order in which they are tried for a pair, `name` first if it is one.

        With `at_once`, and unless the user said who translates, one that is quick and ready comes first.

        :raises UnknownLanguage: no tag, or a pair that no engine here translates.
        :raises EngineUnavailable, ModelMissing: what translates it is not installed.
        """
        able = self.interpreters(check_language(source), check_language(target))
        chosen = [name] if self._is_ready_among(able, name) else []
        order = [*chosen, *(each.engine for each in by_standing(able) if each.engine != name)]
        if at_once and not chosen and not order_for(target, self._policy().translators):
            quick = [each.engine for each in able if each.quick and each.standing is Standing.READY]
            order = [*quick, *(engine for engine in order if engine not in quick)]
        if not order or name not in ("auto", *chosen):
            raise explain_no_engine(self._records(), "translator", source, target, name=name)
        return order

    def _record(self, name: str) -> EngineRecord:
        return next(record for record in self._records() if record.name == name)

    def _is_ready_among(self, able: Iterable[Candidate], name: str) -> bool:
        """Whether a translator that is named can run: one of the network too."""
        ready = {r.name for r in self._records() if r.status is EngineStatus.READY}
        return name in ready and name in {candidate.engine for candidate in able}
