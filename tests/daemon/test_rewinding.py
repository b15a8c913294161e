"""Back, replay and a change of rate in the pipeline: by the samples that are kept, else from the texts."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import numpy as np
import pytest

from claude_narrator.daemon.player import PlayerEvent
from claude_narrator.daemon.playlist import Playlist
from claude_narrator.daemon.rewinding import HARDLY_S
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.models.types import (
    AudioChunk,
    Language,
    Priority,
    SampleRate,
    Seconds,
    Utterance,
)
from tests.daemon.test_pipeline import RATE, FakeEngine, Line, running, until

pytestmark = pytest.mark.anyio


def anything(_: Sentence) -> bool:
    return True


class Voice(FakeEngine):
    """Says `length_s` of a constant for every sentence, and remembers at which rates."""

    def __init__(self) -> None:
        super().__init__("voice")
        self.length_s = 1.0
        self.rates: dict[str, list[float]] = {}

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float
    ) -> AsyncGenerator[AudioChunk, None]:
        self.synthesized.append(text)
        self.rates.setdefault(text, []).append(rate)
        for _ in range(round(self.length_s * 4)):
            yield AudioChunk(np.full(RATE // 4, 0.5, np.float32), SampleRate(RATE))


class Told:
    """What a listener does, and what is heard then."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def hear(self, *texts: str, session: str = "a") -> None:
        self.line.say(*texts, session=session)
        await until(lambda: self.line.player.buffered_s() > 0)
        await self.line.hear_all()
        self.line.hear(0.5)

    async def begin(self, *texts: str, seconds: float = 0.5, session: str = "a") -> None:
        """Let `seconds` of the first of `texts` be heard."""
        self.line.say(*texts, session=session)
        await until(lambda: self.line.player.buffered_s() >= 1)
        self.line.hear(seconds)

    async def rest(self) -> list[str]:
        """Hear all that is left, and return the texts of the sentences in the order in which they began."""
        order: list[str] = []
        on_event = self.line.pipeline.rewinding.begun

        def begun(sentence: Sentence) -> None:
            order.append(sentence.text)
            on_event(sentence)

        self.line.pipeline.rewinding.begun = begun  # type: ignore[method-assign]
        await self.line.hear_all()
        return order


@pytest.fixture
def voice() -> Voice:
    return Voice()


async def test_back_says_the_sentence_that_sounds_again_without_synthesizing(voice: Voice) -> None:
    voice.length_s = 2 * HARDLY_S
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.")
        await told.begin("Two.", "Three.", seconds=HARDLY_S)
        assert line.pipeline.rewinding.back(anything)
        assert await told.rest() == ["Two.", "Three."]
    assert voice.synthesized == ["One.", "Two.", "Three."]


async def test_back_in_a_sentence_that_has_hardly_begun_says_the_one_before(voice: Voice) -> None:
    voice.length_s = 2 * HARDLY_S
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.")
        await told.begin("Two.", "Three.", seconds=HARDLY_S - 0.01)
        assert line.pipeline.rewinding.back(anything)
        assert await told.rest() == ["One.", "Two.", "Three."]
    assert voice.synthesized == ["One.", "Two.", "Three."]


async def test_back_again_goes_further_back_each_time(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.", "Two.", "Three.")
        await told.begin("Four.")
        for _ in range(2):
            assert line.pipeline.rewinding.back(anything)
        assert await told.rest() == ["Two.", "Three.", "Four."]
    assert voice.synthesized == ["One.", "Two.", "Three.", "Four."]


async def test_back_when_all_is_said_says_the_last_sentence(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.", "Two.")
        assert line.pipeline.rewinding.back(anything)
        assert not line.pipeline.idle
        assert await told.rest() == ["Two."]
        assert line.pipeline.idle


async def test_back_before_anything_was_heard_does_nothing_and_says_so(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        assert not line.pipeline.rewinding.back(anything)
        assert not line.pipeline.rewinding.replay(anything)


async def test_back_in_the_first_sentence_of_all_begins_it_again(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.begin("One.")
        assert line.pipeline.rewinding.back(anything)
        assert line.player.buffered_s() == pytest.approx(1.0)
        assert await told.rest() == ["One."]


async def test_beyond_what_is_kept_as_samples_the_text_is_said_again_in_its_place(voice: Voice) -> None:
    line = Line(voice)
    line.player._playlist = Playlist(RATE, history_s=1.2)
    async with running(line):
        told = Told(line)
        await told.hear("One.", "Two.", "Three.")
        await told.begin("Four.", "Five.")
        for _ in range(2):
            assert line.pipeline.rewinding.back(anything)
        await until(lambda: line.player.buffered_s() > 0)
        assert await told.rest() == ["Two.", "Three.", "Four.", "Five."]
    assert voice.synthesized.count("Two.") == 2
    assert voice.synthesized.count("One.") == 1


async def test_what_is_not_wanted_is_passed_over(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.")
        await told.hear("Secret.", session="b")
        assert line.pipeline.rewinding.back(lambda sentence: sentence.session == "a")
        assert await told.rest() == ["One."]


async def test_what_was_silenced_or_skipped_is_never_said_again(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.")
        await told.begin("Skipped.", "Next.")
        line.pipeline.skip()
        line.hear(0.5)
        await told.begin("Silenced.", "Never begun.")
        line.pipeline.silence()
        assert line.pipeline.rewinding.back(anything)
        assert await told.rest() == ["One."]
        assert line.pipeline.rewinding.replay(anything)
        assert await told.rest() == ["One."]


async def test_silence_ends_what_is_said_again_too(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.", "Two.")
        line.pipeline.rewinding.replay(anything)
        line.hear(0.2)
        line.pipeline.silence("a")
        line.hear(0.1)
        assert line.hear(5) == 0
        assert line.pipeline.idle


async def test_skip_goes_on_from_a_sentence_that_is_said_again(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.", "Two.")
        line.pipeline.rewinding.replay(anything)
        line.hear(0.2)
        line.pipeline.skip()
        assert await told.rest() == ["Two."]


async def test_replay_says_the_last_reply_from_its_start(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("Old.")
        line.pipeline.silence("a")
        await told.hear("One.")
        await told.hear("Other session.", session="b")
        await told.hear("Two.")
        await told.begin("Three.", "Four.")
        assert line.pipeline.rewinding.replay(anything)
        assert await told.rest() == ["One.", "Two.", "Three.", "Four."]
    assert len(voice.synthesized) == 6


async def test_replay_after_stop_says_what_was_heard_of_the_reply(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.hear("One.", "Two.")
        line.pipeline.silence()
        assert line.pipeline.rewinding.replay(anything)
        assert await told.rest() == ["One.", "Two."]


async def test_a_text_that_somebody_asked_to_hear_is_replayed_alone(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        for name in ("One.", "Two."):
            utterance = Utterance(name, "a", (name,), Language("en"), Seconds(0.0), group=name)
            line.queue.put(utterance)
            await told.hear()
        assert line.pipeline.rewinding.replay(anything)
        assert await told.rest() == ["Two."]


async def test_a_long_reply_is_replayed_from_its_texts_when_its_start_is_not_kept(voice: Voice) -> None:
    line = Line(voice)
    line.player._playlist = Playlist(RATE, history_s=1.2)
    async with running(line):
        told = Told(line)
        await told.hear("One.", "Two.")
        assert line.pipeline.rewinding.replay(anything)
        await until(lambda: line.player.buffered_s() > 0)
        assert await told.rest() == ["One.", "Two."]
    assert voice.synthesized == ["One.", "Two.", "One.", "Two."]


async def test_a_new_rate_holds_from_the_next_sentence_on(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.begin("One.", "Two.", "Three.")
        line.pipeline.change_rate("a", 2.0)
        assert await told.rest() == ["Two.", "Three."]
    assert voice.rates["One."] == [1.0]
    assert voice.rates["Two."][-1] == voice.rates["Three."][-1] == 2.0


async def test_a_new_rate_of_another_session_changes_nothing(voice: Voice) -> None:
    async with running(Line(voice)) as line:
        told = Told(line)
        await told.begin("One.", "Two.")
        line.pipeline.change_rate("b", 2.0)
        await told.rest()
    assert voice.synthesized == ["One.", "Two."]


async def test_a_sentence_is_not_said_twice_when_its_end_is_not_reported_yet(voice: Voice) -> None:
    line = Line(voice)
    late: list[PlayerEvent] = []
    line.player._on_event = late.append
    async with running(line):
        line.say("One.", "Two.")
        await until(lambda: line.player.buffered_s() >= 2)
        line.hear(1.1)
        assert line.player.keeps("s1")
        line.pipeline.change_rate("a", 2.0)
        line.pipeline.skip()
        await until(lambda: len(line.outcomes) == 3)
    assert [text for text, _ in line.outcomes] == ["One.", "Two.", "Two."]


async def test_a_sentence_called_back_before_its_end_was_reported_is_said_and_then_over(voice: Voice) -> None:
    line = Line(voice)
    late: list[PlayerEvent] = []
    line.player._on_event = late.append
    async with running(line):
        line.say("One.")
        await until(lambda: line.player.buffered_s() >= 1)
        line.hear(1.1)
        assert line.pipeline.rewinding.back(anything)
        for event in late:
            line.pipeline.on_player_event(event)
        assert not line.pipeline.idle
        line.player._on_event = line.pipeline.on_player_event
        assert line.hear(1.5) == pytest.approx(1.0)
        assert line.pipeline.idle


async def test_a_sentence_whose_end_comes_after_it_was_put_back_is_over_for_the_queue_too(
    voice: Voice,
) -> None:
    line = Line(voice)
    late: list[PlayerEvent] = []
    line.player._on_event = late.append
    async with running(line):
        line.say("One.")
        await until(lambda: line.player.buffered_s() >= 1)
        line.hear(1.1)
        line.player._playlist._history.clear()  # as of one that is longer than what is kept
        line.pipeline.change_rate("a", 2.0)
        for event in late:
            line.pipeline.on_player_event(event)
        assert line.pipeline.idle
        assert line.queue.begun() == ()
        assert left_of(line) == []


async def test_nothing_is_kept_of_what_was_interrupted_and_then_silenced(voice: Voice) -> None:
    line = Line(voice)
    async with running(line):
        line.say("One.", "Two.", session="a")
        await until(lambda: line.player.buffered_s() > 0)
        more = [f"More {n}." for n in range(8)]  # so that none of what waits behind is in flight again
        important = line.say("Now!", *more, session="b", priority=Priority.IMPORTANT)
        await until(lambda: "Now!" in voice.synthesized)
        line.pipeline.silence("a")
        assert left_of(line) == [important]
        line.pipeline.withdraw({important})
        assert left_of(line) == []
        assert line.pipeline.idle


async def test_what_is_replayed_from_its_text_may_lose_the_floor(voice: Voice) -> None:
    line = Line(voice)
    told = Told(line)
    async with running(line):
        await told.hear("One.", "Two.")
        line.player._playlist._history.clear()
        assert line.pipeline.rewinding.replay(anything)
        assert line.pipeline.take_back("a") == []
        await line.hear_all()
        assert line.queue.begun() == ()


def left_of(line: Line) -> list[str]:
    """Return the utterances of which the agenda remembers what was in them."""
    return list(line.pipeline._agenda._sources)
