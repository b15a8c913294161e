"""Who has begun an utterance goes on with it; when it fails in the middle, another one says it again."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import numpy as np
import pytest

from claude_narrator.daemon.chime import CHIME, chime
from claude_narrator.daemon.sentence import Cast, Sentence
from claude_narrator.daemon.translating import Translating
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, NarratorError
from claude_narrator.models.types import AudioChunk, Hints, Language, VoiceChoice
from tests.daemon.test_pipeline import RATE, FakeEngine, Line, running, until

pytestmark = pytest.mark.anyio


class Breaking(FakeEngine):
    """Fails after its first chunk, or its first piece."""

    error: NarratorError = EngineFailed("it broke")

    async def translate(
        self, text: str, source: Language, target: Language, hints: Hints
    ) -> AsyncGenerator[str, None]:
        self.translated.append(text)
        yield f"{text.split()[0]}, "
        raise self.error

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float
    ) -> AsyncGenerator[AudioChunk, None]:
        self.synthesized.append(text)
        yield AudioChunk(np.full(RATE // 4, 0.5, np.float32), chime().sample_rate)
        raise self.error


async def _heard(line: Line) -> float:
    await until(lambda: line.player.buffered_s() > 0)
    return await line.hear_all()


async def test_a_better_voice_that_becomes_ready_takes_over_with_the_next_utterance() -> None:
    embedded, better, translator = FakeEngine("embedded"), FakeEngine("better"), FakeEngine("translator")
    async with running(Line(embedded, better, translators=(translator,), to="zh")) as line:
        embedded.script = lambda text: line.pool.prefer(better)
        line.say("One two, three four. Five.", "Six seven, eight.")
        await _heard(line)
        first = len(embedded.synthesized)
        assert first > 1
        assert better.synthesized == []
        line.say("Nine.")
        await _heard(line)
    assert len(embedded.synthesized) == first
    assert "".join(better.synthesized) == "中Nine."


async def test_a_better_translator_that_becomes_ready_takes_over_with_the_next_utterance() -> None:
    voice, quick, careful = FakeEngine("voice"), FakeEngine("quick"), FakeEngine("careful")
    async with running(Line(voice, translators=(quick, careful), to="zh")) as line:
        quick.script = lambda text: line.pool.prefer(careful)
        line.say("One.", "Two.")
        await _heard(line)
        line.say("Three.")
        await _heard(line)
    assert (quick.translated, careful.translated) == (["One.", "Two."], ["Three."])


async def test_a_quick_translator_gives_what_is_waited_for_and_the_better_one_all_that_follows() -> None:
    voice, quick, careful = FakeEngine("voice"), FakeEngine("quick"), FakeEngine("careful")
    async with running(Line(voice, translators=(careful, quick), to="zh")) as line:
        line.pool.quick = quick
        line.say("One.", "Two.", "Three.")
        await until(lambda: line.player.buffered_s() > 0)
        line.say("Four.")
        await line.hear_all()
        line.say("Five.")
        await _heard(line)
    assert (quick.translated, careful.translated) == (["One.", "Five."], ["Two.", "Three.", "Four."])


async def test_who_has_begun_to_translate_goes_on_though_nothing_is_heard_and_another_is_quick() -> None:
    voice, quick, careful = FakeEngine("voice"), FakeEngine("quick"), FakeEngine("careful")
    line = Line(voice, translators=(careful, quick), to="zh")
    line.pool.quick, zh = quick, VoiceChoice(Language("zh"))
    begun = Sentence("s1", "a", "Two.", Language("en"), zh, "auto", 0.0, cast=Cast("careful"))
    clauses = [clause async for clause in Translating(line.pool, line).clauses(begun, at_once=True)]
    assert [clause.text for clause in clauses] == ["中Two.", ""]
    assert (quick.translated, careful.translated) == ([], ["Two."])


async def test_a_better_translator_stands_in_where_the_quick_one_fails_and_goes_on() -> None:
    voice, quick, careful = FakeEngine("voice"), Breaking("quick"), FakeEngine("careful")
    async with running(Line(voice, translators=(careful, quick), to="zh")) as line:
        line.pool.quick = quick
        line.say("It works now.", "Two.")
        await _heard(line)
    assert careful.translated == ["It works now.", "Two."]
    assert line.replacements == [("quick", "careful", "translated")]


async def test_who_stood_in_for_a_failed_voice_speaks_until_the_end_of_the_utterance() -> None:
    failing, spare = FakeEngine("failing"), FakeEngine("spare")

    def fail_once(text: str) -> None:
        if text == "One.":
            raise EngineFailed("it crashed")

    failing.script = fail_once
    async with running(Line(failing, spare)) as line:
        line.say("One.", "Two.")
        await _heard(line)
        line.say("Three.")
        await _heard(line)
    assert (failing.synthesized, spare.synthesized) == (["One.", "Three."], ["One.", "Two."])


@pytest.mark.parametrize("error", [EngineFailed("it broke"), EngineUnavailable("its server is gone")])
async def test_a_voice_that_fails_in_the_middle_is_stood_in_for_from_the_start_of_the_clause(
    error: NarratorError,
) -> None:
    breaking, spare = Breaking("breaking"), FakeEngine("spare")
    breaking.error = error
    async with running(Line(breaking, spare)) as line:
        line.say("One.", "Two.")
        assert await _heard(line) == pytest.approx(2.25)
    assert spare.synthesized == ["One.", "Two."]
    assert line.replacements == [("breaking", "spare", "synthesized")]
    assert line.failures == []
    assert [outcome for _, outcome in line.outcomes] == ["spoken", "spoken"]


async def test_what_was_heard_stays_when_nobody_can_go_on_and_the_next_sentence_is_tried() -> None:
    breaking = Breaking("breaking")
    async with running(Line(breaking)) as line:
        line.say("One.", "Two.")
        assert await _heard(line) == pytest.approx(0.5)
    assert breaking.synthesized == ["One.", "Two."]
    assert line.failures == [("One.", "broke off"), ("Two.", "broke off")]
    assert line.replacements == []


async def test_a_translator_that_fails_in_the_middle_is_stood_in_for_with_the_whole_sentence() -> None:
    voice, breaking, spare = FakeEngine("voice"), Breaking("breaking"), FakeEngine("spare")
    async with running(Line(voice, translators=(breaking, spare), to="zh")) as line:
        line.say("It works now.")
        await _heard(line)
    assert "".join(voice.synthesized).split()[-3:] == ["中It", "中works", "中now."]
    assert line.replacements == [("breaking", "spare", "translated")]


async def test_the_original_is_said_whole_when_the_only_translator_fails_in_the_middle() -> None:
    voice, breaking = FakeEngine("voice"), Breaking("breaking")
    async with running(Line(voice, translators=(breaking,), to="zh")) as line:
        line.say("It works now.")
        await _heard(line)
    assert voice.synthesized[-1] == "It works now."
    assert line.failures == [("It works now.", "translated")]
    assert line.outcomes == [("It works now.", "spoken")]


async def test_a_chime_is_heard_without_any_engine() -> None:
    voice = FakeEngine("voice")
    async with running(Line(voice)) as line:
        line.say(CHIME)
        assert await _heard(line) == pytest.approx(len(chime().samples) / chime().sample_rate, abs=0.01)
    assert voice.synthesized == []
    assert float(np.max(np.abs(chime().samples))) < 0.25
