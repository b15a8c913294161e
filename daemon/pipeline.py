"""Translate, synthesize, play: three stages that work on different sentences at the same time.

Between the stages lie at most two clauses and two seconds of audio: enough to hide the work, little to throw
away when the listener says stop. A sentence that is no longer wanted leaves `_in_flight`; whatever any
stage still holds of it is then dropped.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from claude_narrator.daemon.player import Player, PlayerEvent, SentenceAudible, SentenceFinished
from claude_narrator.daemon.preceding import Preceding
from claude_narrator.daemon.pronunciation import AS_WRITTEN, Pronunciation
from claude_narrator.daemon.sentence import Cast, Clause, Reports, Sentence
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.speaking import Speaking, Synthesizers
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.timelines import Stage, Timelines
from claude_narrator.daemon.translating import Translating, Translators
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import NO_HINTS, Hints, Language, Utterance, VoiceChoice

CLAUSES_AHEAD = 2


class Engines(Translators, Synthesizers, Protocol):
    """What the pipeline needs of the engine pool."""


class Pipeline:
    """Takes utterances from the queue and brings them to the player."""

    def __init__(
        self,
        queue: SpeechQueue,
        engines: Engines,
        player: Player,
        speech_for: Callable[[str], Speech],
        timelines: Timelines,
        reports: Reports,
        glossary_for: Callable[[str, Language], Mapping[str, str]] = lambda session, target: {},
        pronunciation_for: Callable[[str], Pronunciation] = lambda session: AS_WRITTEN,
    ) -> None:
        """`speech_for`, `glossary_for` and `pronunciation_for` tell what is in force for a session."""
        self._queue, self._player = queue, player
        self._speech_for, self._timelines, self._reports = speech_for, timelines, reports
        self._translating = Translating(engines, reports)
        self._speaking = Speaking(engines, player, timelines, reports)
        self._glossary_for, self._preceding = glossary_for, Preceding()
        self._pronunciation_for = pronunciation_for
        self._taken: deque[Sentence] = deque()
        self._in_flight: dict[str, Sentence] = {}
        self._working: dict[str, list[anyio.CancelScope]] = {}
        self._wake = anyio.Event()
        self._changed = anyio.Event()
        self._ids = itertools.count(1)

    async def run(self) -> None:
        """Work until cancelled."""
        send, receive = anyio.create_memory_object_stream[Clause](CLAUSES_AHEAD)
        async with send, receive, anyio.create_task_group() as stages:
            stages.start_soon(self._translate_all, send)
            stages.start_soon(self._synthesize_all, receive)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to say."""
        return not (self._taken or self._in_flight or len(self._queue))

    def idle_of(self, session: str) -> bool:
        """Return whether nothing of `session` is left to say."""
        sentences = (*self._taken, *self._in_flight.values())
        waiting = {each.session for each in self._queue.waiting()}
        return session not in waiting | {each.session for each in sentences}

    @property
    def waiting(self) -> int:
        """How many utterances and sentences have not begun to sound."""
        return len(self._queue) + len(self._taken)

    async def wait_change(self, timeout_s: float) -> None:
        """Return when a sentence has ended, or the queue has run dry, or `timeout_s` has passed."""
        with anyio.move_on_after(timeout_s):
            await self._changed.wait()

    def wake(self) -> None:
        """Tell the pipeline that the queue has something."""
        self._wake.set()

    def silence(self, session: str = "") -> None:
        """Drop everything that is said or waits, of one session alone when it is given."""
        self._queue.silence(session)
        self._taken = deque(s for s in self._taken if session and s.session != session)
        doomed = [s for s in self._in_flight.values() if not session or s.session == session]
        if len(doomed) == len(self._in_flight):
            self._player.silence(self._queue.generation)
        else:
            self._player.drop({s.id for s in doomed})
        for sentence in doomed:
            self._end(sentence, "cut")

    def skip(self) -> None:
        """Drop the sentence that sounds and go on with the next."""
        if (current := self._player.state.playing) and (sentence := self._in_flight.get(current)):
            self._player.drop({sentence.id})
            self._end(sentence, "cut")

    def on_player_event(self, event: PlayerEvent) -> None:
        """Take what the player reports; to be called in the event loop."""
        if isinstance(event, SentenceAudible):
            self._timelines.mark(event.sentence_id, Stage.AUDIBLE, event.at_s + event.latency_s)
        elif isinstance(event, SentenceFinished) and (sentence := self._in_flight.get(event.sentence_id)):
            self._timelines.mark(sentence.id, Stage.FINISHED, event.at_s)
            self._end(sentence, "cut" if event.cut else "spoken")

    async def _translate_all(self, send: MemoryObjectSendStream[Clause]) -> None:
        while True:
            sentence = await self._next()
            with self._work_on(sentence):
                async with aclosing(self._translating.clauses(sentence)) as clauses:
                    async for clause in clauses:
                        self._timelines.mark(sentence.id, Stage.TRANSLATED, time.monotonic())
                        await send.send(clause)

    async def _synthesize_all(self, receive: MemoryObjectReceiveStream[Clause]) -> None:
        async for clause in receive:
            sentence = clause.sentence
            if sentence.id not in self._in_flight:
                continue
            with self._work_on(sentence):
                if clause.text:
                    self._timelines.add_spoken(sentence.id, clause.text)
                    await self._speaking.speak(clause)
                if clause.last:
                    self._player.end_sentence(sentence.generation, sentence.id)

    async def _next(self) -> Sentence:
        while not self._taken:
            if (utterance := self._queue.take()) is not None:
                self._taken.extend(self._sentences(utterance))
                continue
            self._tell()
            self._wake = anyio.Event()
            await self._wake.wait()
        sentence = replace(self._taken.popleft(), generation=self._queue.generation)
        self._in_flight[sentence.id] = sentence
        now = time.monotonic()
        self._timelines.begin(sentence.id, sentence.session, sentence.text, sentence.arrived_s, now)
        return sentence

    def _sentences(self, utterance: Utterance) -> Iterator[Sentence]:
        speech = self._speech_for(utterance.session)
        choice = utterance.choice or VoiceChoice(Language(speech.language), speech.voice, speech.rate)
        words, cast = self._glossary_for(utterance.session, choice.language), Cast()
        pronunciation = self._pronunciation_for(utterance.session)
        for text in utterance.sentences:
            language = detect_language(text, utterance.language)
            hints = NO_HINTS
            if not same_language(language, choice.language):
                hints = Hints(words, self._preceding.then(utterance.session, language, text))
            number, session, at_s = f"s{next(self._ids)}", utterance.session, utterance.arrived_s
            on_its_way = partial(Sentence, hints=hints, cast=cast, pronunciation=pronunciation)
            yield on_its_way(number, session, text, language, choice, speech.translator, at_s)

    @contextmanager
    def _work_on(self, sentence: Sentence) -> Iterator[None]:
        """Run the block until the sentence is no longer wanted; a failure ends that sentence alone."""
        scope = anyio.CancelScope()
        self._working.setdefault(sentence.id, []).append(scope)
        try:
            with scope:
                yield
        except NarratorError as error:
            self._player.drop({sentence.id})
            self._end(sentence, f"failed: {error.problem}")
            self._reports.failed(sentence, error, Stage.SYNTHESIZED)
        finally:
            self._working[sentence.id].remove(scope)
            if not self._working[sentence.id]:
                del self._working[sentence.id]

    def _end(self, sentence: Sentence, outcome: str) -> None:
        if self._in_flight.pop(sentence.id, None) is None:
            return
        self._timelines.end(sentence.id, outcome)
        for scope in self._working.get(sentence.id, ()):
            scope.cancel()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
