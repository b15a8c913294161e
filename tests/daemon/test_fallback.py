"""Real workers that are killed on every sentence: others stand in, the status says so, and they come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from claude_narrator.daemon.agenda import InForce
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.narrator import Narrator
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.pipeline import Pipeline
from claude_narrator.daemon.player import Player
from claude_narrator.daemon.pronunciation import AS_WRITTEN
from claude_narrator.daemon.recording import record
from claude_narrator.daemon.settings import Speech, write_default
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.daemon.text_translation import Wanted
from claude_narrator.daemon.timelines import Timelines
from claude_narrator.daemon.troubles import Troubles
from claude_narrator.daemon.turns import Turns
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.engine_state import Deadlines
from claude_narrator.models.errors import BadInput, EngineFailed
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language, Priority, Seconds, Utterance, VoiceChoice
from tests.daemon.test_pipeline import HandSink
from tests.models.worker_bench import ROOT, SCRIPTED, until_free

pytestmark = pytest.mark.anyio
EN, JA = Language("en"), Language("ja")
FRAGILE, TONE, ECHO = (SCRIPTED.replace("Scripted", name) for name in ("Fragile", "Tone", "Echo"))
QUICK_TO_RETRY = Deadlines(retry_s=0.5)
_ENGLISH = notices_for(EN)
UNSPOKEN, OTHER_VOICE, UNTRANSLATED = _ENGLISH.unspoken, _ENGLISH.other_voice, _ENGLISH.untranslated


@pytest.fixture(autouse=True)
def _tests_importable_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _voice(name: str, entry_point: str, quality: int) -> EngineRecord:
    return _record("synthesizer", name, entry_point, quality, {EN: ("plain",), JA: ("plain",)})


def _translator(name: str, entry_point: str, quality: int) -> EngineRecord:
    return _record("translator", name, entry_point, quality, {})


def _record(
    kind: str, name: str, entry_point: str, quality: int, voices: dict[Language, tuple[str, ...]]
) -> EngineRecord:
    declaration = Declaration(kind, languages=(EN, JA), voices=voices, quality=quality)
    return EngineRecord(name, entry_point, declaration, EngineStatus.READY, models=("mended",))


class Room:
    """A pipeline over real workers; the test pulls the sound."""

    def __init__(self, pool: EnginePool, language: str) -> None:
        self.pool, self.queue, self.sink, self.timelines = pool, SpeechQueue(), HandSink(), Timelines()
        self.notices: list[str] = []
        self.troubles = Troubles(lambda about, text, language: self.notices.append(text))
        self.player = Player(self.sink, lambda event: self.pipeline.on_player_event(event))
        self.speech = Speech(language=language)
        in_force = InForce(lambda session: self.speech)
        self.pipeline = Pipeline(self.queue, pool, self.player, in_force, self.timelines, self.troubles)

    async def say(self, text: str) -> str:
        """Say a sentence and return what became of it."""
        self.queue.put(Utterance("u", "a", (text,), EN, Seconds(0.0), Priority.TEXT))
        self.pipeline.wake()
        while True:
            self.sink.source.pull(2400)
            if self.pipeline.idle:
                break
            await self.pipeline.wait_change(0.005)
        return str(self.timelines.to_json(with_text=True)[-1]["outcome"])

    @property
    def spoken(self) -> list[str]:
        """The words that were said of the last sentence."""
        return str(self.timelines.to_json(with_text=True)[-1]["spoken"]).split()

    @property
    def problems(self) -> list[str]:
        return list(self.troubles.problems.values())


@asynccontextmanager
async def _room(folder: Path, *records: EngineRecord, language: str = "en") -> AsyncIterator[Room]:
    with anyio.fail_after(30):
        async with (
            EnginePool(records, lambda model: folder / model, 1, QUICK_TO_RETRY) as pool,
            anyio.create_task_group() as tasks,
        ):
            room = Room(pool, language)
            room.player.start()
            tasks.start_soon(room.pipeline.run)
            yield room
            tasks.cancel_scope.cancel()
            room.player.close()


async def test_a_voice_that_gave_up_is_stood_in_for_and_the_reason_shown_until_it_speaks_again(
    tmp_path: Path,
) -> None:
    async with _room(tmp_path, _voice("fragile", FRAGILE, 90), _voice("tone", TONE, 10)) as room:
        await room.pool.load("fragile")
        host = room.pool.synthesizer_for(VoiceChoice(EN))[0]
        assert "twice on one sentence" in await room.say("One.")
        await room.pool.load("fragile")
        assert [await room.say("Two."), await room.say("Three.")] == ["spoken", "spoken"]
        (stand_in,) = (problem for problem in room.problems if "instead" in problem)
        assert "3 times in a row; tone speaks instead" in stand_in
        assert room.notices == [UNSPOKEN, OTHER_VOICE]
        (tmp_path / "mended").touch()
        await until_free(host)
        await room.pool.load("fragile")
        assert await room.say("Four.") == "spoken"
        assert stand_in not in room.problems


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (
            "gone/plain",
            "gone cannot run: mended is not on this machine; tone speaks instead. Run: voice models",
        ),
        ("taper/plain", "there is no voice 'taper/plain'; tone speaks instead. Did you mean tone/plain or"),
    ],
)
async def test_a_named_voice_that_is_not_there_any_more_is_stood_in_for_until_it_is(
    tmp_path: Path, wanted: str, why: str
) -> None:
    lacks = {
        "status": EngineStatus.MISSING_MODEL,
        "reason": "mended is not on this machine: voice models pull mended",
    }
    gone, tone = replace(_voice("gone", TONE, 90), **lacks), _voice("tone", TONE, 10)
    async with _room(tmp_path, gone, tone) as room:
        room.speech = replace(room.speech, voice=wanted)
        assert [await room.say("One."), await room.say("Two.")] == ["spoken", "spoken"]
        (problem,) = room.problems
        assert problem.startswith(why), problem
        assert room.notices == [OTHER_VOICE]
        room.speech = replace(room.speech, voice="tone/plain")
        assert await room.say("Three.") == "spoken"
        assert room.problems == []


async def test_a_crashed_translator_is_replaced_before_the_original_is_spoken_and_comes_back(
    tmp_path: Path,
) -> None:
    records = _translator("fragile", FRAGILE, 90), _translator("whole", SCRIPTED, 10), _voice("tone", TONE, 1)
    async with _room(tmp_path, *records, language="ja") as room:
        host = room.pool.translator_for(EN, JA)
        await room.pool.load("fragile")
        assert await room.say("say say") == "spoken"
        assert room.spoken == ["ja0", "ja1"]
        (problem,) = room.problems
        assert problem.startswith("fragile")
        assert "; whole translates instead" in problem
        assert len(room.notices) == 1
        (tmp_path / "mended").touch()
        await until_free(host)
        await room.pool.load("fragile")
        assert await room.say("say say") == "spoken"
        assert room.spoken == ["ja0", "ja1"]
        assert room.problems == []


async def test_the_original_is_spoken_when_every_translator_crashed(tmp_path: Path) -> None:
    records = _translator("one", FRAGILE, 90), _translator("two", FRAGILE, 10), _voice("tone", TONE, 1)
    async with _room(tmp_path, *records, language="ja") as room:
        assert await room.say("It works.") == "spoken"
        assert room.spoken == ["It", "works."]
        assert room.notices == [UNTRANSLATED]
        assert [problem.split()[0] for problem in room.problems] == ["one", "two"]


async def test_a_translator_that_crashed_is_shown_though_the_next_one_translated_nothing_that_passed(
    tmp_path: Path,
) -> None:
    records = _translator("fragile", FRAGILE, 90), _translator("echo", ECHO, 10), _voice("tone", TONE, 1)
    async with _room(tmp_path, *records, language="ja") as room:
        host = room.pool.translator_for(EN, JA)
        await room.pool.load("fragile")
        assert await room.say("All of the tests pass now.") == "spoken"
        crashed, unfit = room.problems
        assert crashed.startswith("fragile")
        assert "no translation passed the checks" in unfit
        assert room.notices == [notices_for(JA).unfit]
        (tmp_path / "mended").touch()
        await until_free(host)
        await room.pool.load("fragile")
        assert await room.say("say say") == "spoken"
        assert room.problems == []


async def test_a_text_to_translate_goes_to_the_next_translator_too(tmp_path: Path) -> None:
    write_default(tmp_path / "config.toml")
    records = _translator("fragile", FRAGILE, 90), _translator("whole", SCRIPTED, 10)
    async with _room(tmp_path, *records) as room:
        parts = Turns(EN), room.queue, room.pipeline, room.pool, room.player, room.troubles
        narrator = Narrator(Choices(tmp_path / "config.toml"), *parts)
        lines = await narrator.translate(Wanted("say say\n\nsay", "ja"))
        assert (lines.text, lines.left) == ("ja0 ja1\n\nja0", [])


@pytest.mark.parametrize("recorded", [False, True])
async def test_a_translator_that_failed_a_text_is_shown_until_it_has_translated_one(
    tmp_path: Path, recorded: bool
) -> None:
    write_default(tmp_path / "config.toml")
    async with _room(tmp_path, _translator("fragile", FRAGILE, 90), _voice("tone", TONE, 1)) as room:
        parts = Turns(EN), room.queue, room.pipeline, room.pool, room.player, room.troubles
        narrator = Narrator(Choices(tmp_path / "config.toml"), *parts)

        async def translate() -> None:
            if recorded:
                out, how = tmp_path / "out.wav", VoiceChoice(JA)
                await record(room.pool, ("say say",), EN, how, out, {}, AS_WRITTEN, room.troubles)
            else:
                await narrator.translate(Wanted("say say", "ja"))

        await _is_shown_until_mended(translate, room, tmp_path)


async def test_a_voice_that_failed_a_recording_is_shown_until_it_has_spoken(tmp_path: Path) -> None:
    async with _room(tmp_path, _voice("fragile", FRAGILE, 90)) as room:

        async def speak() -> None:
            out = tmp_path / "out.wav"
            await record(room.pool, ("One.",), EN, VoiceChoice(EN), out, {}, AS_WRITTEN, room.troubles)

        await _is_shown_until_mended(speak, room, tmp_path)


async def _is_shown_until_mended(attempt: Callable[[], Awaitable[None]], room: Room, folder: Path) -> None:
    """The engine `fragile` fails an attempt, and works from the next one on."""
    with pytest.raises(EngineFailed):
        await attempt()
    (problem,) = room.problems
    assert problem.startswith("fragile")
    (folder / "mended").touch()
    await attempt()
    assert room.problems == []


async def test_a_text_that_no_translator_would_take_is_no_trouble_of_one(tmp_path: Path) -> None:
    write_default(tmp_path / "config.toml")
    async with _room(tmp_path, _translator("whole", SCRIPTED, 10)) as room:
        parts = Turns(EN), room.queue, room.pipeline, room.pool, room.player, room.troubles
        narrator = Narrator(Choices(tmp_path / "config.toml"), *parts)
        with pytest.raises(BadInput):
            await narrator.translate(Wanted("refuse", "ja", is_checked=False))
        assert room.problems == []


async def test_a_text_to_translate_comes_with_the_glossary_of_the_project_and_the_lines_before(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").write_text("[glossary]\nworker = 'Worker'\nlane = 'Spur'\n")
    project = tmp_path / ".claude" / "voice.toml"
    project.parent.mkdir()
    project.write_text("[glossary.ja]\nworker = 'ワーカー'\n")
    async with _room(tmp_path, _translator("whole", SCRIPTED, 10)) as room:
        parts = Turns(EN), room.queue, room.pipeline, room.pool, room.player, room.troubles
        narrator = Narrator(Choices(tmp_path / "config.toml"), *parts)
        wanted = Wanted("say\n\nsay say\nhints", "ja", folder=tmp_path, is_checked=False)
        translation = (await narrator.translate(wanted)).text
        assert translation.endswith("\n{'worker': 'ワーカー', 'lane': 'Spur'} ('say', 'say say')")
        assert "'Worker'" in (await narrator.translate(Wanted("hints", "ja", is_checked=False))).text
