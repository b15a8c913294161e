"""What is important is heard at once; what made way for it is heard again, whole, and nothing is lost.

A real player; the test is the sound card, and knows each sentence by the level of its samples.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import pairwise

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray

from claude_narrator.daemon.player import PlayerEvent
from claude_narrator.daemon.playlist import CUT_FADE_S, SENTENCE_GAP_S
from claude_narrator.models.types import AudioChunk, Language, Priority, SampleRate
from tests.daemon.test_pipeline import RATE, FakeEngine, Line, running, until

pytestmark = pytest.mark.anyio
LEVELS = {"One.": 0.1, "Two.": 0.2, "Three.": 0.3, "Four.": 0.4, "Five.": 0.5, "Six.": 0.6, "Seven.": 0.7}
LEVELS |= {"Stop!": 0.8, "Halt!": 0.9}
NAMES = {round(level * 10): text for text, level in LEVELS.items()}
SECOND_S = pytest.approx(1.0, abs=0.001)


class Levels(FakeEngine):
    """Says a second of a level of its own for every sentence, in four chunks."""

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float
    ) -> AsyncGenerator[AudioChunk, None]:
        self.synthesized.append(text)
        self.script(text)
        for _ in range(4):
            yield AudioChunk(np.full(RATE // 4, LEVELS[text], np.float32), SampleRate(RATE))
            if self.hold is not None:
                await self.hold.wait()


class Room(Line):
    """A line whose sound is recorded."""

    def __init__(self, *engines: FakeEngine) -> None:
        self.recorded: list[NDArray[np.float32]] = []
        self.withheld: list[PlayerEvent] | None = None
        super().__init__(*engines)

    def _on_event(self, event: PlayerEvent) -> None:
        if self.withheld is None:
            super()._on_event(event)
        else:
            self.withheld.append(event)

    def hear(self, seconds: float) -> float:
        samples = self.sink.source.pull(round(seconds * RATE))
        self.recorded.append(samples)
        return float(np.count_nonzero(samples)) / RATE

    def sentences(self) -> list[tuple[str, float]]:
        """What was heard: each sentence with its seconds, without the fade of one that was cut."""
        tenths = np.concatenate(self.recorded) * 10
        levels = np.where(np.abs(tenths - np.round(tenths)) < 0.01, np.round(tenths), 0).astype(int)
        bounds = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), levels.size]
        rows = [(int(levels[begin]), (end - begin) / RATE) for begin, end in pairwise(bounds)]
        return [(NAMES[level], seconds) for level, seconds in rows if level in NAMES and seconds > CUT_FADE_S]


async def test_what_is_important_is_heard_at_once_and_the_sentence_it_cut_again_from_its_start() -> None:
    voice = Levels("voice")
    async with running(Room(voice)) as room:
        room.say("One.", "Two.")
        await until(lambda: room.player.buffered_s() > 1.5)
        room.hear(0.4)
        room.say("Stop!", priority=Priority.IMPORTANT)
        await until(lambda: room.player.buffered_s() > 0.5)
        await room.hear_all()
    heard = room.sentences()
    assert [name for name, _ in heard] == ["One.", "Stop!", "One.", "Two."]
    assert heard[0][1] == pytest.approx(0.4, abs=0.001)
    assert [seconds for _, seconds in heard[1:]] == [SECOND_S] * 3
    assert room.outcomes[0] == ("One.", "interrupted")
    assert [text for text, outcome in room.outcomes if outcome == "spoken"] == ["Stop!", "One.", "Two."]


async def test_the_cut_has_no_click_and_a_gap_before_what_is_important() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.")
        await until(lambda: room.player.buffered_s() == 1)
        room.hear(0.4)
        room.say("Stop!", priority=Priority.IMPORTANT)
        await until(lambda: room.player.buffered_s() == 1)
        room.hear(1.0)
        await room.hear_all()
    samples = np.concatenate(room.recorded)
    start = round(0.4 * RATE)
    fade = samples[start : start + round(CUT_FADE_S * RATE)]
    assert (np.diff(fade) <= 0).all()
    gap = samples[start + fade.size :][: round((SENTENCE_GAP_S - CUT_FADE_S) * RATE)]
    assert not gap.any()


async def test_two_important_ones_are_heard_one_after_the_other_and_whole() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.")
        await until(lambda: room.player.buffered_s() > 0)
        room.hear(0.2)
        room.say("Stop!", priority=Priority.IMPORTANT)
        await until(lambda: room.player.buffered_s() > 0.5)
        room.hear(0.5)
        room.say("Halt!", priority=Priority.IMPORTANT)
        await room.hear_all()
    heard = room.sentences()
    assert [name for name, _ in heard] == ["One.", "Stop!", "Halt!", "One."]
    assert [seconds for _, seconds in heard[1:]] == [SECOND_S] * 3


async def test_nothing_is_said_twice_that_was_heard_to_its_end_and_nothing_is_lost() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.", "Two.", "Three.")
        room.say("Four.")
        await until(lambda: room.player.buffered_s() > 1.5)
        room.hear(1.0 + SENTENCE_GAP_S + 0.5)
        room.say("Stop!", priority=Priority.IMPORTANT)
        await room.hear_all()
    assert [name for name, _ in room.sentences()] == ["One.", "Two.", "Stop!", "Two.", "Three.", "Four."]


async def test_a_sentence_whose_end_is_reported_late_is_not_said_again() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.")
        await until(lambda: room.player.buffered_s() == 1)
        room.withheld = late = []
        room.hear(1.1)
        room.withheld = None
        room.say("Stop!", priority=Priority.IMPORTANT)
        for event in late:
            room.pipeline.on_player_event(event)
        await room.hear_all()
    assert [name for name, _ in room.sentences()] == ["One.", "Stop!"]


async def test_work_on_what_makes_way_is_given_up() -> None:
    voice = Levels("voice")
    voice.hold = anyio.Event()
    async with running(Room(voice)) as room:
        room.say("One.")
        await until(lambda: room.player.buffered_s() > 0)
        voice.hold = None
        room.say("Stop!", priority=Priority.IMPORTANT)
        await room.hear_all()
    assert voice.synthesized == ["One.", "Stop!", "One."]
    assert [name for name, _ in room.sentences()] == ["Stop!", "One."]


async def test_a_message_waits_for_the_sentence_that_sounds_and_goes_before_those_that_wait() -> None:
    voice = Levels("voice")
    async with running(Room(voice)) as room:
        story = ["One.", "Two.", "Three.", "Four.", "Five.", "Six.", "Seven."]
        room.say(*story)
        await until(lambda: len(voice.synthesized) >= 2 and room.player.buffered_s() > 1.5)
        room.hear(0.1)
        room.say("Halt!", priority=Priority.MESSAGE)
        await room.hear_all()
    names = [name for name, _ in room.sentences()]
    assert [name for name in names if name != "Halt!"] == story
    assert names[0] == "One."
    assert names.index("Halt!") < names.index("Seven.")  # no more than five are on their way
    assert {outcome for _, outcome in room.outcomes} == {"spoken"}


async def test_a_notification_that_sounds_is_cut_by_a_reply_and_not_said_again() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("Three.", priority=Priority.NOTIFICATION)
        await until(lambda: room.player.buffered_s() > 0)
        room.hear(0.3)
        room.say("One.")
        await room.hear_all()
    assert [name for name, _ in room.sentences()] == ["Three.", "One."]
    assert room.outcomes == [("Three.", "cut"), ("One.", "spoken")]


async def test_a_notification_is_not_said_while_anything_sounds() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.")
        await until(lambda: room.player.buffered_s() == 1)
        room.hear(0.5)
        assert len(room.queue) == 0
        with pytest.raises(AssertionError):
            room.say("Three.", priority=Priority.NOTIFICATION)
        await room.hear_all()
        room.say("Three.", priority=Priority.NOTIFICATION)
        await room.hear_all()
    assert [name for name, _ in room.sentences()] == ["One.", "Three."]


async def test_a_report_that_was_cut_is_said_after_the_reply() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("Four.", priority=Priority.PROGRESS)
        await until(lambda: room.player.buffered_s() > 0)
        room.hear(0.3)
        room.say("One.", "Two.")
        await room.hear_all()
    assert [name for name, _ in room.sentences()] == ["Four.", "One.", "Two.", "Four."]


async def test_what_is_withdrawn_stops_and_the_reply_goes_on() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.")
        await until(lambda: room.player.buffered_s() > 0)
        room.hear(0.2)
        asked = [room.say(each, priority=Priority.IMPORTANT) for each in ("Stop!", "Halt!")]
        await until(lambda: room.player.buffered_s() > 0.5)
        room.hear(0.5)
        room.pipeline.withdraw(set(asked))
        await room.hear_all()
    heard = room.sentences()
    assert [name for name, _ in heard] == ["One.", "Stop!", "One."]
    assert heard[1][1] < 0.5
    assert heard[2][1] == SECOND_S


async def test_stop_while_an_important_one_sounds_drops_what_made_way_too() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.", "Two.")
        await until(lambda: room.player.buffered_s() > 0)
        room.hear(0.2)
        room.say("Stop!", priority=Priority.IMPORTANT)
        await until(lambda: room.player.buffered_s() > 0.5)
        room.hear(0.5)
        room.pipeline.silence()
        assert room.pipeline.idle
        room.hear(3.0)
    assert [name for name, _ in room.sentences()] == ["One.", "Stop!"]


async def test_a_storm_of_interruptions_loses_no_sentence() -> None:
    async with running(Room(Levels("voice"))) as room:
        room.say("One.", "Two.")
        room.say("Three.", "Four.")
        for _ in range(8):
            await anyio.lowlevel.checkpoint()
            room.hear(0.03)
            room.say("Stop!", priority=Priority.IMPORTANT)
        await room.hear_all()
    spoken = [text for text, outcome in room.outcomes if outcome == "spoken"]
    assert [text for text in spoken if text != "Stop!"] == ["One.", "Two.", "Three.", "Four."]
    assert spoken.count("Stop!") == 8
    assert room.queue.begun() == ()
