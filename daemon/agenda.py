"""What is said next, sentence by sentence: utterances become sentences when their turn has come. No I/O."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from claude_narrator.daemon.backlog import Backlog, Hearing, may_hurry, narration_s, pace, speech_s
from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.heard import Replies
from claude_narrator.daemon.preceding import Preceding
from claude_narrator.daemon.pronunciation import AS_WRITTEN, Pronunciation
from claude_narrator.daemon.sentence import Cast, Sentence
from claude_narrator.daemon.settings import MAX_RATE, MIN_RATE, Speech
from claude_narrator.daemon.speech_queue import SpeechQueue, place_of
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import (
    NO_HINTS,
    Hints,
    Language,
    Priority,
    Seconds,
    Utterance,
    VoiceChoice,
)


class Introduces(Protocol):
    """Who says whose words follow."""

    def heard(self, session: str) -> None:
        """Note whose words sounded last."""

    def before(self, session: str, on_their_way: list[str], language: Language) -> str:
        """Return what to say before words of `session`, empty when nothing."""


class NobodyIntroduces:
    """Where words of one session alone are heard."""

    def heard(self, session: str) -> None:
        """Note nothing."""

    def before(self, session: str, on_their_way: list[str], language: Language) -> str:
        """Say nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class InForce:
    """What is set for a session, its glossary for a language too; asked anew for every utterance."""

    speech_for: Callable[[str], Speech]
    glossary_for: Callable[[str, Language], Mapping[str, str]] = lambda session, target: {}
    pronunciation_for: Callable[[str], Pronunciation] = lambda session: AS_WRITTEN


class Agenda:
    """The sentences that come next, taken from the queue or put back because they were interrupted."""

    def __init__(self, queue: SpeechQueue, in_force: InForce, introductions: Introduces) -> None:
        self._queue, self._in_force, self.introductions = queue, in_force, introductions
        self._preceding, self._replies, self._backlog = Preceding(), Replies(), Backlog(self._hearing_of)
        self._next: list[Sentence] = []
        self._sources: dict[str, Utterance] = {}
        self._ids = itertools.count(1)

    def __len__(self) -> int:
        """Return how many sentences have been taken from the queue."""
        return len(self._next)

    @property
    def sessions(self) -> list[str]:
        """The session of every utterance that waits and every sentence that comes next."""
        return [each.session for each in self._queue.waiting()] + [each.session for each in self._next]

    def holds(self, utterance: str) -> bool:
        """Return whether a sentence of the utterance is still to come."""
        return any(each.utterance == utterance for each in self._next)

    def pop(self, ahead: Sequence[Sentence]) -> Sentence | None:
        """Take the next sentence; `ahead` are those that will be heard before it.

        Where they are another session's, a sentence that says whose words follow is made and comes first.
        """
        self._take()
        while self._next and self._next[0].introduces:
            self._forget_introduction(ahead)
        if self._next and (introduction := self._introduction(self._next[0], ahead)):
            return introduction
        return self._paced() if self._next else None

    def lost(self, utterance: Utterance) -> None:
        """Tell in place of `utterance`, for which there was no room, that it is skipped."""
        self._backlog.lost(utterance)

    def anew(self, sentence: Sentence) -> Sentence:
        """Return a sentence as one that has not begun."""
        return replace(sentence, id=self._new_id())

    def arrange(self, *rows: Iterable[Sentence]) -> None:
        """Let the sentences of `rows` come next, in this order, by priority first."""
        self._next = sorted((s for row in rows for s in row), key=lambda s: place_of(s.priority))

    def insert(self, first: Iterable[Sentence], but: Callable[[Sentence], bool] = lambda s: False) -> None:
        """Let `first` come before the others, and leave those out for which `but` holds."""
        self.arrange(first, [each for each in self._next if not but(each)])

    def remove(self, sentence_id: str) -> set[str]:
        """Leave one sentence out, and return its utterance."""
        return self._leave_out(lambda each: each.id == sentence_id)

    def drop(self, session: str = "") -> set[str]:
        """Forget what comes next, of one session alone when it is given; then it begins another reply.

        Return the utterances of it, of which sentences may still be in flight.
        """
        self._replies.silence(session)
        self._queue.silence(session)
        return self._leave_out(lambda each: session in ("", each.session))

    def withdraw(self, utterances: Collection[str]) -> None:
        """Forget what waits of these utterances, by id."""
        self._queue.withdraw(utterances)
        self._leave_out(lambda each: each.utterance in utterances)

    def take_back(self, session: str) -> list[Utterance]:
        """Return what waits of `session` but is not important, as utterances, and forget it here.

        What was to be said once more has been heard, and is forgotten alone.
        """
        own = [s for s in self._next if s.session == session and s.priority is not Priority.IMPORTANT]
        self._next = [each for each in self._next if each not in own]
        known = dict.fromkeys(each.utterance for each in own if each.utterance in self._sources)
        begun = [self._rest_of(key, own) for key in known]
        return [each for each in begun if each.sentences] + list(self._queue.take_back(session))

    def change_rate(self, session: str, factor: float) -> None:
        """Multiply the rate of what `session` says next."""
        self._next = [_at_rate(s, factor) if s.session == session else s for s in self._next]

    def ended(self, utterance: str) -> None:
        """Forget an utterance of which nothing is left."""
        self._sources.pop(utterance, None)
        self._queue.ended(utterance)

    def _take(self) -> None:
        """Take from the queue what is said before all that has been taken; a long backlog is cut."""
        self._queue.rearrange(self._backlog.thin(self._queue.waiting()))
        before = self._next[0].priority if self._next else None
        while (utterance := self._queue.take(before)) is not None:
            self._sources[utterance.id] = utterance
            self.arrange(self._next, self._sentences(utterance))
            if not self.holds(utterance.id):
                self.ended(utterance.id)
            before = self._next[0].priority if self._next else None

    def _sentences(self, utterance: Utterance) -> Iterator[Sentence]:
        speech = self._in_force.speech_for(utterance.session)
        choice = utterance.choice or VoiceChoice(Language(speech.language), speech.voice, speech.rate)
        words, cast = self._in_force.glossary_for(utterance.session, choice.language), Cast()
        group = utterance.group or self._replies.name_of(utterance.session)
        of = partial(Sentence, utterance=utterance.id, priority=utterance.priority, group=group, cast=cast)
        of = partial(of, pronunciation=self._in_force.pronunciation_for(utterance.session))
        hurries = speech.catch_up and may_hurry(utterance)
        said = partial(of, choice=choice, translator=speech.translator, arrived_s=utterance.arrived_s)
        names = utterance.names or ((),) * len(utterance.sentences)
        for text, named in zip(utterance.sentences, names, strict=True):
            language = detect_language(text, utterance.language, choice.language)
            hints = NO_HINTS
            if not same_language(language, choice.language):
                hints = Hints(words, self._preceding.then(utterance.session, language, text))
            sentence = said(self._new_id(), utterance.session, text, language=language, hints=hints)
            yield replace(sentence, may_hurry=hurries, names=named)

    def _introduction(self, first: Sentence, ahead: Sequence[Sentence]) -> Sentence | None:
        """Return what names who says `first`, when who speaks before it is another session."""
        if first.text == CHIME:
            return None
        sessions = [each.session for each in ahead if each.text != CHIME]
        language = first.choice.language
        text = self.introductions.before(first.session, sessions, language)
        of = partial(replace, first, id=self._new_id(), language=language, hints=NO_HINTS, may_hurry=False)
        return of(text=text, names=(), introduces=True) if text else None

    def _forget_introduction(self, ahead: Sequence[Sentence]) -> None:
        """Leave out one that was interrupted: it is made anew where it is still needed."""
        utterance = self._next.pop(0).utterance
        if not self.holds(utterance) and utterance not in [each.utterance for each in ahead]:
            self.ended(utterance)

    def _rest_of(self, utterance: str, sentences: Sequence[Sentence]) -> Utterance:
        """Return an utterance without those of its sentences that have been said; they are its first."""
        source = self._sources[utterance]
        count = sum(each.utterance == utterance and not each.introduces for each in sentences)
        said = max(0, len(source.sentences) - count)  # those to be said once more are counted twice
        left = replace(source, sentences=source.sentences[said:], roles=source.roles[said:])
        return replace(left, names=source.names[said:])

    def _paced(self) -> Sentence:
        """Take the next sentence, at the pace that what waits asks for."""
        waiting_s = self._narration_s()
        sentence = self._next.pop(0)
        if not sentence.may_hurry:
            return sentence
        return replace(sentence, pace=pace(Seconds(waiting_s / sentence.choice.rate)))

    def _narration_s(self) -> float:
        """Return about how long it takes to say the narration that waits, at the rate 1."""
        taken = (speech_s((each.text,), each.language) for each in self._next if each.may_hurry)
        return sum(taken) + narration_s(self._queue.waiting())

    def _hearing_of(self, session: str) -> Hearing:
        speech = self._in_force.speech_for(session)
        return Hearing(Language(speech.language), speech.rate, speech.catch_up)

    def _leave_out(self, doomed: Callable[[Sentence], bool]) -> set[str]:
        gone = {each.utterance for each in self._next if doomed(each)}
        self._next = [each for each in self._next if not doomed(each)]
        return gone

    def _new_id(self) -> str:
        return f"s{next(self._ids)}"


def _at_rate(sentence: Sentence, factor: float) -> Sentence:
    rate = min(MAX_RATE, max(MIN_RATE, sentence.choice.rate * factor))
    return replace(sentence, choice=replace(sentence.choice, rate=rate))
