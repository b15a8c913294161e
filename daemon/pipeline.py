"""Translate, synthesize, play: three stages that work on different sentences at the same time.

Between the stages lie at most two clauses and two seconds of audio: enough to hide the work, little to throw
away when the listener says stop. A sentence that is no longer wanted leaves `_in_flight`; whatever any
stage still holds of it is then dropped. What makes way for something important is taken out in the same
manner and put back, to be said again from the start of the sentence that was interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Protocol

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from claude_narrator.daemon.agenda import Agenda, InForce, Introduces, NobodyIntroduces
from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.player import Player, PlayerEvent, SentenceAudible, SentenceFinished
from claude_narrator.daemon.rewinding import Rewinding
from claude_narrator.daemon.sentence import Clause, Reports, Sentence
from claude_narrator.daemon.speaking import Speaking, Synthesizers
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.daemon.timelines import Stage, Timelines
from claude_narrator.daemon.translating import Translating, Translators
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.types import Priority, Utterance

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
        in_force: InForce,
        timelines: Timelines,
        reports: Reports,
        introductions: Introduces | None = None,
    ) -> None:
        self._queue, self._player = queue, player
        self._timelines, self._reports = timelines, reports
        self._agenda = Agenda(queue, in_force, introductions or NobodyIntroduces())
        self._translating = Translating(engines, reports)
        self._speaking = Speaking(engines, player, timelines, reports)
        self._in_flight: dict[str, Sentence] = {}
        self._repeats: dict[str, str] = {}
        self.rewinding = Rewinding(player, self._in_flight, self._start_over)
        self._working: dict[str, list[anyio.CancelScope]] = {}
        self._wake = anyio.Event()
        self._changed = anyio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        send, receive = anyio.create_memory_object_stream[Clause](CLAUSES_AHEAD)
        async with send, receive, anyio.create_task_group() as stages:
            stages.start_soon(self._translate_all, send)
            stages.start_soon(self._synthesize_all, receive)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to say."""
        return not (self._in_flight or self.waiting)

    def idle_of(self, session: str) -> bool:
        """Return whether nothing of `session` is left to say."""
        return session not in {*self._agenda.sessions, *(each.session for each in self._in_flight.values())}

    @property
    def waiting(self) -> int:
        """How many utterances and sentences have not begun to sound."""
        return len(self._agenda.sessions)

    def waiting_of(self, session: str) -> int:
        """Return how many of them are of `session`."""
        return self._agenda.sessions.count(session)

    @property
    def speaking(self) -> str:
        """The session whose sentence sounds; empty when none does."""
        sentence = self._in_flight.get(self._player.state.playing)
        return sentence.session if sentence else ""

    async def wait_change(self, timeout_s: float) -> None:
        """Return when a sentence has ended, or the queue has run dry, or `timeout_s` has passed."""
        with anyio.move_on_after(timeout_s):
            await self._changed.wait()

    def wake(self) -> None:
        """Tell the pipeline that the queue has something; what makes way for it stops at once."""
        self._make_way()
        self._wake.set()

    def silence(self, session: str = "") -> None:
        """Drop everything that is said or waits, of one session alone when it is given."""
        waited = self._agenda.drop(session)
        doomed = [s for s in self._in_flight.values() if not session or s.session == session]
        if len(doomed) == len(self._in_flight):
            self._player.silence(self._queue.generation)
        self._cut(doomed)
        self._close_all(waited)

    def lost(self, utterance: Utterance) -> None:
        """Take note that the queue had no room for `utterance`: the listener is told."""
        self._agenda.lost(utterance)

    def withdraw(self, utterances: Collection[str]) -> None:
        """Drop what is said or waits of these utterances, by id: nobody needs it any more."""
        self._agenda.withdraw(utterances)
        self._cut([s for s in self._in_flight.values() if s.utterance in utterances])
        self._close_all(utterances)

    def take_back(self, session: str) -> list[Utterance]:
        """Take back what waits of `session` but is not important; sentences that have begun go on."""
        waiting = self._agenda.take_back(session)
        for utterance in waiting:
            self._close(utterance.id)
        return waiting

    def skip(self) -> bool:
        """Drop the sentence that sounds, or is next to sound, and go on with the one after it.

        Return False when there is none.
        """
        sentence = next(self._unheard(), None)
        if sentence is not None:
            self._cut([sentence])
        return sentence is not None

    def change_rate(self, session: str, factor: float) -> None:
        """Multiply the rate of what `session` says next; what sounds is said to its end as it was begun."""
        sounding = self._player.state.playing
        if any(each.session == session and each.id != sounding for each in self._unheard()):
            self._start_over(but=sounding)
        self._agenda.change_rate(session, factor)

    def on_player_event(self, event: PlayerEvent) -> None:
        """Take what the player reports; to be called in the event loop."""
        sentence = self._in_flight.get(event.sentence_id)
        if isinstance(event, SentenceAudible):
            self._timelines.mark(event.sentence_id, Stage.AUDIBLE, event.at_s + event.latency_s)
            if sentence is not None:
                self._note_heard(sentence)
        elif sentence is not None:
            self._finish(sentence, event)
        elif not event.cut:  # its last sample was out when it was taken back
            self._close_all(self._agenda.remove(self._repeats.pop(event.sentence_id, "")))

    def _note_heard(self, sentence: Sentence) -> None:
        self.rewinding.begun(sentence)
        if sentence.text != CHIME:
            self._agenda.introductions.heard(sentence.session)

    def _finish(self, sentence: Sentence, event: SentenceFinished) -> None:
        if self._player.holds(sentence.id):  # it was called back before its end was known here
            return
        self._timelines.mark(sentence.id, Stage.FINISHED, event.at_s)
        self._end(sentence, "cut" if event.cut else "spoken")
        if not event.cut:
            self.rewinding.ended(sentence)

    async def _translate_all(self, send: MemoryObjectSendStream[Clause]) -> None:
        while True:
            sentence = await self._next()
            with self._work_on(sentence):
                alone = len(self._in_flight) == 1
                async with aclosing(self._translating.clauses(sentence, at_once=alone)) as clauses:
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
        while (taken := self._agenda.pop(list(self._in_flight.values()))) is None:
            self._tell()
            self._wake = anyio.Event()
            await self._wake.wait()
        sentence = replace(taken, generation=self._queue.generation)
        self._in_flight[sentence.id] = sentence
        now = time.monotonic()
        self._timelines.begin(sentence.id, sentence.session, sentence.text, sentence.arrived_s, now)
        return sentence

    def _make_way(self) -> None:
        """Stop what the queue says must stop, and put back what of it is said again."""
        again = {way.utterance.id: way.again for way in self._queue.making_way()}
        if any(each.priority is Priority.IMPORTANT for each in self._queue.waiting()):
            for sentence in self._unheard():  # what is heard once more has ended for the queue
                if sentence.priority is not Priority.IMPORTANT:
                    again.setdefault(sentence.utterance, True)
        doomed = [s for s in self._unheard() if s.utterance in again]
        self._take_back([s for s in doomed if again[s.utterance]], "interrupted")
        self._agenda.insert((), but=lambda s: not again.get(s.utterance, True))
        self._cut([s for s in doomed if not again[s.utterance]])

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

    def _cut(self, sentences: list[Sentence], outcome: str = "cut") -> None:
        for sentence in sentences:
            self._end(sentence, outcome)
        self._player.drop({sentence.id for sentence in sentences})

    def _close_all(self, utterances: Collection[str]) -> None:
        for utterance in utterances:
            self._close(utterance)
        self._tell()

    def _close(self, utterance: str) -> None:
        """Tell the queue when nothing is left of an utterance."""
        if not self._agenda.holds(utterance) and not any(
            each.utterance == utterance for each in self._in_flight.values()
        ):
            self._agenda.ended(utterance)

    def _start_over(self, first: Sequence[Sentence] = (), but: str = "") -> None:
        """Say `first` next, from their texts, and after them again what is in flight, `but` for one."""
        self._take_back([each for each in self._unheard() if each.id != but], "cut", first)
        self.wake()

    def _take_back(self, begun: list[Sentence], outcome: str, first: Sequence[Sentence] = ()) -> None:
        """Stop what has `begun`; let `first` come next, from their texts, and then that again."""
        repeats = {each.id: self._agenda.anew(each) for each in begun}
        if repeats:
            self._repeats = {begun_id: repeat.id for begun_id, repeat in repeats.items()}
        self._agenda.insert([*(self._agenda.anew(each) for each in first), *repeats.values()])
        self._cut(begun, outcome)

    def _unheard(self) -> Iterator[Sentence]:
        """Yield what is in flight but for sentences that are over and whose end is not known here yet."""
        return (each for each in self._in_flight.values() if not self._player.keeps(each.id))

    def _end(self, sentence: Sentence, outcome: str) -> None:
        if self._in_flight.pop(sentence.id, None) is None:
            return
        self._close(sentence.utterance)
        self._timelines.end(sentence.id, outcome)
        for scope in self._working.get(sentence.id, ()):
            scope.cancel()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
