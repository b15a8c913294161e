"""A translator and a voice that do not fit into memory together: one stays, who stands in is told once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import pytest

from claude_narrator.daemon.notices import notices_for
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.policy import Policy
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language
from tests.daemon.test_fallback import EN, JA, Room
from tests.models.worker_bench import ROOT, SCRIPTED

pytestmark = pytest.mark.anyio
HOARDER = SCRIPTED.replace("Scripted", "Hoarder")
TONE_HOARDER = SCRIPTED.replace("Scripted", "ToneHoarder")
LIMIT = Policy(memory_limit_bytes=500 * 10**6)
_JAPANESE = notices_for(JA)


@pytest.fixture(autouse=True)
def _tests_importable_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _record(name: str, megabytes: int, quality: int, **declared: object) -> EngineRecord:
    """An engine that takes `megabytes`, and about 50 more for its process."""
    declaration = Declaration(languages=(EN, JA), quality=quality, memory_mb=megabytes + 50)
    declaration = replace(declaration, **declared)  # type: ignore[arg-type]
    options = {"megabytes": str(megabytes)}
    entry_point = TONE_HOARDER if declaration.voices else HOARDER
    return EngineRecord(name, entry_point, declaration, EngineStatus.READY, options=options)


def _translator(name: str, megabytes: int, quality: int) -> EngineRecord:
    return _record(name, megabytes, quality, kind="translator")


def _voice(name: str, megabytes: int, quality: int) -> EngineRecord:
    voices: dict[Language, tuple[str, ...]] = {EN: ("plain",), JA: ("plain",)}
    return _record(name, megabytes, quality, kind="synthesizer", voices=voices)


@asynccontextmanager
async def _room(*records: EngineRecord, voice: str = "auto", translator: str = "auto") -> AsyncIterator[Room]:
    with anyio.fail_after(30):
        async with (
            EnginePool(records, lambda model: None, 1, policy=LIMIT) as pool,  # type: ignore[arg-type,return-value]
            anyio.create_task_group() as tasks,
        ):
            room = Room(pool, "ja")
            room.speech = replace(room.speech, voice=voice, translator=translator)
            room.player.start()
            tasks.start_soon(room.pipeline.run)
            yield room
            tasks.cancel_scope.cancel()
            room.player.close()


def _in_memory(room: Room) -> dict[str, int]:
    return {state.name: state.pid for state in room.pool.states() if state.pid}


async def _settled(room: Room) -> dict[str, int]:
    """Say two sentences, in which who stays finds itself, then three that load and unload nothing."""
    for _ in range(2):
        assert await room.say("say say") == "spoken"
    settled = _in_memory(room)
    for _ in range(3):
        assert await room.say("say say") == "spoken"
        assert _in_memory(room) == settled
    return settled


async def test_the_voice_that_is_named_stays_and_a_smaller_translator_stands_in() -> None:
    engines = _translator("big", 300, 90), _translator("small", 20, 10), _voice("mine", 200, 10)
    async with _room(*engines, _voice("plain", 20, 50), voice="mine/plain") as room:
        assert set(await _settled(room)) == {"small", "mine"}
        assert room.spoken == ["ja0", "ja1"]
        (problem,) = room.problems
        assert re.match(
            r"big needs 3\d\d MB of memory beside 2\d\d MB of mine, and engines may take 500 MB", problem
        )
        assert "; small translates instead." in problem
        assert room.notices == [_JAPANESE.other_translator]


async def test_the_translator_that_is_named_stays_and_a_smaller_voice_stands_in() -> None:
    engines = _translator("mine", 300, 10), _translator("small", 20, 90), _voice("large", 200, 90)
    async with _room(*engines, _voice("plain", 20, 10), translator="mine") as room:
        assert set(await _settled(room)) == {"mine", "plain"}
        assert room.spoken == ["ja0", "ja1"]
        assert room.notices == [_JAPANESE.other_voice]


async def test_where_both_are_named_the_translator_stays() -> None:
    engines = _translator("big", 300, 90), _translator("small", 20, 10), _voice("mine", 200, 10)
    async with _room(*engines, _voice("plain", 20, 50), voice="mine/plain", translator="big") as room:
        assert set(await _settled(room)) == {"big", "plain"}


async def test_the_only_translator_stays_rather_than_the_voice_that_is_named() -> None:
    engines = _translator("big", 300, 90), _voice("mine", 200, 10)
    async with _room(*engines, _voice("plain", 20, 50), voice="mine/plain") as room:
        assert set(await _settled(room)) == {"big", "plain"}
        assert room.spoken == ["ja0", "ja1"]
        assert room.notices == [_JAPANESE.other_voice]


async def test_where_neither_has_anything_behind_it_they_take_turns_and_every_sentence_is_heard() -> None:
    async with _room(_translator("big", 300, 90), _voice("mine", 200, 10)) as room:
        for _ in range(2):
            assert await room.say("say say") == "spoken"
            assert room.spoken == ["ja0", "ja1"]
        assert room.notices == []
