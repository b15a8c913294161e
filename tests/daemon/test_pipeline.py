"""Translate, synthesize, play: overlapped, cancelled at once, and no failure costs more than its sentence."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest

from claude_narrator.daemon.agenda import InForce
from claude_narrator.daemon.pipeline import Pipeline
from claude_narrator.daemon.player import Player, PlayerEvent
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.sinks import SinkState, Source
from claude_narrator.daemon.speaking import AUDIO_AHEAD_S
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.daemon.timelines import Stage, Timelines
from claude_narrator.models.engine_state import SentenceSkipped
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, NarratorError
from claude_narrator.models.types import (
    AudioChunk,
    Hints,
    Language,
    Priority,
    SampleRate,
    Seconds,
    Utterance,
    VoiceChoice,
)

pytestmark = pytest.mark.anyio
RATE = 24000
LETTERS = {"ja": "ね", "zh": "中"}
"""What the words of a translation begin with, so that it is one into that language."""


class HandSink:
    """A sink from which the test pulls."""

    state = SinkState("by hand")

    def start(self, source: Source) -> None:
        self.source = source

    def wake(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeEngine:
    """An engine host that says a second of a constant for every sentence; `script` may make it misbehave."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.synthesized: list[str] = []
        self.translated: list[str] = []
        self.hinted: list[Hints] = []
        self.script: Callable[[str], None] = lambda text: None
        self.hold: anyio.Event | None = None
        self.closed_early = 0
        self.is_instructed = False

    async def translate(
        self, text: str, source: Language, target: Language, hints: Hints
    ) -> AsyncGenerator[str, None]:
        assert source != target
        self.translated.append(text)
        self.hinted.append(hints)
        self.script(text)
        for word in text.split():
            await anyio.lowlevel.checkpoint()
            yield f"{LETTERS[target]}{word} "

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float
    ) -> AsyncGenerator[AudioChunk, None]:
        assert voice == f"{self.name}-voice"
        self.synthesized.append(text)
        self.script(text)
        finished = False
        try:
            for _ in range(4):
                yield AudioChunk(np.full(RATE // 4, 0.5, np.float32), SampleRate(RATE))
                if self.hold is not None:
                    await self.hold.wait()
            finished = True
        finally:
            self.closed_early += not finished


class FakePool:
    def __init__(self, *synthesizers: FakeEngine, translators: tuple[FakeEngine, ...] = ()) -> None:
        self.synthesizers, self.translators = synthesizers, translators
        self.quick: FakeEngine | None = None

    def prefer(self, engine: FakeEngine) -> None:
        """Put it before all others from now on."""
        self.synthesizers = tuple(sorted(self.synthesizers, key=lambda each: each is not engine))
        self.translators = tuple(sorted(self.translators, key=lambda each: each is not engine))

    def translators_for(
        self, source: Language, target: Language, name: str = "auto", at_once: bool = False
    ) -> list[FakeEngine]:
        if not self.translators:
            raise EngineUnavailable("no translator", "Run: voice models pull qwen2.5-coder-1.5b")
        return sorted(self.translators, key=lambda each: not (at_once and each is self.quick))

    def synthesizers_for(self, choice: VoiceChoice) -> list[tuple[FakeEngine, str]]:
        return [(engine, f"{engine.name}-voice") for engine in self.synthesizers]


class Line:
    """A pipeline with all its parts; the engines are fakes and the test is the sound card."""

    def __init__(
        self,
        *synthesizers: FakeEngine,
        translators: tuple[FakeEngine, ...] = (),
        to: str = "en",
        speech: Speech | None = None,
    ) -> None:
        self.failures: list[tuple[str, str]] = []
        self.replacements: list[tuple[str, str, str]] = []
        self.queue, self.timelines, self.sink = SpeechQueue(), Timelines(), HandSink()
        self.player = Player(self.sink, self._on_event)
        self.pool = FakePool(*synthesizers, translators=translators)
        self.pipeline = Pipeline(
            self.queue,
            self.pool,
            self.player,
            InForce(
                lambda session: speech or Speech(language=to),
                lambda session, target: {"of": f"{session} {target}"},
            ),
            self.timelines,
            self,
        )
        self._ids = itertools.count()

    def _on_event(self, event: PlayerEvent) -> None:
        self.pipeline.on_player_event(event)

    def failed(self, sentence: Sentence, error: NarratorError, stage: Stage) -> None:
        self.failures.append((sentence.text, str(stage)))

    def broke_off(self, sentence: Sentence, engine: str, error: NarratorError) -> None:
        self.failures.append((sentence.text, "broke off"))

    def replaced(self, sentence: Sentence, engine: str, error: NarratorError, by: str, stage: Stage) -> None:
        self.replacements.append((engine, by, str(stage)))

    def unable(self, engine: str, error: NarratorError) -> None:
        self.failures.append((engine, error.problem))

    def answered(self, engine: str) -> None:
        pass

    def worked(self, sentence: Sentence, engine: str, stage: Stage) -> None:
        pass

    def say(self, *sentences: str, session: str = "a", priority: Priority = Priority.TEXT) -> str:
        """Put sentences into the queue and return the id of their utterance."""
        number = f"u{next(self._ids)}"
        utterance = Utterance(number, session, sentences, Language("en"), Seconds(0.0), priority)
        assert self.queue.put(utterance) == ()
        self.pipeline.wake()
        return number

    def hear(self, seconds: float) -> float:
        """Pull so much sound and return how many seconds of it were not silent."""
        samples = self.sink.source.pull(round(seconds * RATE))
        return float(np.count_nonzero(samples)) / RATE

    async def hear_all(self) -> float:
        """Pull until nothing is left to say."""
        heard = 0.0
        with anyio.fail_after(10):
            while not self.pipeline.idle:
                heard += self.hear(0.1)
                await anyio.lowlevel.checkpoint()
        return heard

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(entry["text"], entry["outcome"]) for entry in self.timelines.to_json(with_text=True)]


@asynccontextmanager
async def running(line: Line) -> AsyncIterator[Line]:
    line.player.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(line.pipeline.run)
        yield line
        tasks.cancel_scope.cancel()
    line.player.close()


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not condition():
            await anyio.lowlevel.checkpoint()


async def test_sentences_are_heard_in_order_and_whole() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice)) as line:
        line.say("One.", "Two.")
        line.say("Three.")
        await until(lambda: line.player.buffered_s() > 0)
        assert await line.hear_all() == pytest.approx(3.0)
    assert voice.synthesized == ["One.", "Two.", "Three."]
    assert line.outcomes == [("One.", "spoken"), ("Two.", "spoken"), ("Three.", "spoken")]


async def test_every_stage_is_stamped_in_order() -> None:
    async with running(Line(FakeEngine("voice"))) as line:
        line.say("One.")
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()
    (entry,) = line.timelines.to_json(with_text=False)
    stages = ["arrived", "taken", "translated", "synthesized", "audible", "finished"]
    assert list(entry["at_s"]) == stages
    assert sorted(entry["at_s"].values()) == list(entry["at_s"].values())
    assert "text" not in entry


async def test_no_more_is_made_ahead_than_hides_the_work() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice)) as line:
        line.say(*(f"Sentence {number}." for number in range(20)))
        await until(lambda: line.player.buffered_s() >= AUDIO_AHEAD_S)
        for _ in range(50):
            await anyio.lowlevel.checkpoint()
        assert line.player.buffered_s() <= AUDIO_AHEAD_S + 1
        assert len(voice.synthesized) <= 4


async def test_a_sentence_in_another_language_is_translated_first_and_by_clauses() -> None:
    voice, translator = FakeEngine("voice"), FakeEngine("translator")
    async with running(Line(voice, translators=(translator,), to="zh")) as line:
        line.say("It works now.")
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()
    assert translator.translated == ["It works now."]
    assert "".join(voice.synthesized).split() == ["中It", "中works", "中now."]


async def test_a_translator_is_told_the_glossary_and_the_two_sentences_before_of_the_same_session() -> None:
    translator = FakeEngine("translator")
    async with running(Line(FakeEngine("voice"), translators=(translator,), to="ja")) as line:
        line.say("The worker died.", "It left a lock.")
        line.say("Another session says this.", session="b")
        line.say("これは日本語の文です。", "I removed it.", "It runs.")
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()
    before = {
        text: hints.before for text, hints in zip(translator.translated, translator.hinted, strict=True)
    }
    assert before == {
        "The worker died.": (),
        "It left a lock.": ("The worker died.",),
        "Another session says this.": (),
        "I removed it.": ("The worker died.", "It left a lock."),
        "It runs.": ("It left a lock.", "I removed it."),
    }
    assert [hints.glossary["of"] for hints in translator.hinted] == ["a ja", "a ja", "b ja", "a ja", "a ja"]


async def test_a_missing_translator_is_told_and_the_original_is_said() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice, to="ja")) as line:
        line.say("It works.")
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()
    assert voice.synthesized == ["It works."]
    assert line.failures == [("It works.", "translated")]
    assert line.outcomes == [("It works.", "spoken")]


@pytest.mark.parametrize("failure", [EngineFailed("it crashed"), EngineUnavailable("it cannot be loaded")])
async def test_an_engine_that_fails_before_its_first_sample_is_replaced_within_the_sentence(
    failure: NarratorError,
) -> None:
    broken, spare = FakeEngine("broken"), FakeEngine("spare")

    def fail(text: str) -> None:
        raise failure

    broken.script = fail
    async with running(Line(broken, spare)) as line:
        line.say("One.")
        await until(lambda: line.player.buffered_s() > 0)
        assert await line.hear_all() == pytest.approx(1.0)
    assert spare.synthesized == ["One."]
    assert line.outcomes == [("One.", "spoken")]
    assert (line.failures, line.replacements) == ([], [("broken", "spare", "synthesized")])


@pytest.mark.parametrize("failure", [SentenceSkipped("it crashed twice"), EngineUnavailable("not loaded")])
async def test_a_translator_that_fails_before_its_first_clause_is_replaced_within_the_sentence(
    failure: NarratorError,
) -> None:
    voice, broken, spare = FakeEngine("voice"), FakeEngine("broken"), FakeEngine("spare")

    def fail(text: str) -> None:
        raise failure

    broken.script = fail
    async with running(Line(voice, translators=(broken, spare), to="zh")) as line:
        line.say("It works.")
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()
    assert "".join(voice.synthesized).split() == ["中It", "中works."]
    assert (line.failures, line.replacements) == ([], [("broken", "spare", "translated")])


async def test_the_original_is_said_when_every_translator_fails() -> None:
    voice, one, two = FakeEngine("voice"), FakeEngine("one"), FakeEngine("two")

    def fail(text: str) -> None:
        raise EngineFailed("it crashed")

    one.script = two.script = fail
    async with running(Line(voice, translators=(one, two), to="ja")) as line:
        line.say("It works.")
        await until(lambda: line.player.buffered_s() > 0)
        await line.hear_all()
    assert (one.translated, two.translated) == (["It works."], ["It works."])
    assert voice.synthesized == ["It works."]
    assert line.failures == [("one", "it crashed"), ("It works.", "translated")]
    assert line.replacements == []


async def test_a_sentence_that_brings_engines_down_is_not_given_to_the_next() -> None:
    broken, spare = FakeEngine("broken"), FakeEngine("spare")

    def fail_on_two(text: str) -> None:
        if text == "Two.":
            raise SentenceSkipped("it crashed twice")

    broken.script = fail_on_two
    async with running(Line(broken, spare)) as line:
        line.say("One.", "Two.", "Three.")
        await until(lambda: line.player.buffered_s() > 0)
        assert await line.hear_all() == pytest.approx(2.0)
    assert spare.synthesized == []
    assert line.failures == [("Two.", "synthesized")]


async def test_a_sentence_that_nobody_can_say_ends_alone() -> None:
    voice = FakeEngine("voice")

    def fail_on_two(text: str) -> None:
        if text == "Two.":
            raise EngineFailed("it crashed")

    voice.script = fail_on_two
    async with running(Line(voice)) as line:
        line.say("One.", "Two.", "Three.")
        await until(lambda: line.player.buffered_s() > 0)
        assert await line.hear_all() == pytest.approx(2.0)
    assert line.outcomes == [("One.", "spoken"), ("Two.", "failed: it crashed"), ("Three.", "spoken")]
    assert line.failures == [("Two.", "synthesized")]


@pytest.mark.parametrize("error", [EngineFailed("it crashed too"), SentenceSkipped("it crashed twice")])
async def test_why_the_first_voice_could_not_say_a_sentence_is_kept_when_the_next_one_cannot_either(
    error: NarratorError,
) -> None:
    one, two = FakeEngine("one"), FakeEngine("two")

    def fail(text: str) -> None:
        raise EngineFailed("it crashed")

    def fail_too(text: str) -> None:
        raise error

    one.script, two.script = fail, fail_too
    async with running(Line(one, two)) as line:
        line.say("One.")
        await until(lambda: line.pipeline.idle)
    assert line.failures == [("one", "it crashed"), ("One.", "synthesized")]


async def test_silence_drops_what_sounds_what_is_made_and_what_waits() -> None:
    voice = FakeEngine("voice")
    voice.hold = anyio.Event()
    async with running(Line(voice)) as line:
        line.say("One.", "Two.", "Three.")
        line.say("Four.")
        await until(lambda: line.player.buffered_s() > 0)
        assert line.hear(0.1) == pytest.approx(0.1)
        line.pipeline.silence()
        await until(lambda: voice.closed_early == 1)
        assert line.pipeline.idle
        line.hear(0.01)
        assert line.hear(2.0) == 0
        voice.hold = None
        line.say("Five.")
        await until(lambda: line.player.buffered_s() > 0)
        assert await line.hear_all() == pytest.approx(1.0)
    assert voice.synthesized == ["One.", "Five."]


async def test_silencing_one_session_leaves_the_others_whole() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice)) as line:
        line.say("Mine one.", session="mine")
        line.say("Yours.", session="yours")
        line.say("Mine two.", session="mine")
        await until(lambda: len(voice.synthesized) == 3)
        line.hear(0.3)
        line.pipeline.silence("mine")
        heard = await line.hear_all()
    assert heard == pytest.approx(1.0, abs=0.01)
    assert line.outcomes == [("Mine one.", "cut"), ("Yours.", "spoken"), ("Mine two.", "cut")]


async def test_skip_goes_on_with_the_next_sentence() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice)) as line:
        line.say("One.", "Two.")
        await until(lambda: line.player.buffered_s() > 1.5)
        line.hear(0.2)
        line.pipeline.skip()
        assert await line.hear_all() == pytest.approx(1.0, abs=0.01)
    assert line.outcomes == [("One.", "cut"), ("Two.", "spoken")]


async def test_a_storm_of_stops_leaves_no_sound_and_no_work_behind() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice)) as line:
        for number in range(300):
            line.say(f"Sentence {number}.")
            if number % 3 == 0:
                await anyio.lowlevel.checkpoint()
            line.pipeline.silence()
        await until(lambda: line.pipeline.idle)
        line.hear(0.05)
        assert line.hear(1.0) == 0
        line.say("Last.")
        await until(lambda: line.player.buffered_s() > 0)
        assert await line.hear_all() == pytest.approx(1.0)
    assert line.outcomes[-1] == ("Last.", "spoken")
