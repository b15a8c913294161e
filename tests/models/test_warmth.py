"""A translator that came into memory is made warm before a sentence comes, and no sentence waits for that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from claude_narrator.models import warmth
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.engine_state import Deadlines, EngineGaveUp, EngineHung, SentenceSkipped
from claude_narrator.models.host import EngineHost
from claude_narrator.models.policy import Policy
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language
from tests.models.worker_bench import EN, ROOT, SCRIPTED

pytestmark = pytest.mark.anyio
JA, FR = Language("ja"), Language("fr")
WARMABLE = SCRIPTED.replace("Scripted", "Warmable")
SHORT = Deadlines(chunk_s=1.5, silence_s=1.5, retry_s=0.2)


@pytest.fixture(autouse=True)
def _tests_importable_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


class Bench:
    """A pool with one translator, and what that one was asked."""

    def __init__(self, pool: EnginePool, folder: Path) -> None:
        self.pool, self._folder = pool, folder

    @property
    def host(self) -> EngineHost:
        return self.pool.translator_for(EN, JA)

    @property
    def asked(self) -> list[str]:
        notes = self._folder / "notes"
        return notes.read_text().splitlines() if notes.exists() else []

    def open(self) -> None:
        """Let a prompt be evaluated to its end."""
        (self._folder / "gate").touch()

    async def until_asked(self, *lines: str) -> None:
        while self.asked != list(lines):  # noqa: ASYNC110 - another process writes the notes
            await anyio.sleep(0.01)

    async def say(self, text: str, target: Language = JA) -> str:
        async with aclosing(self.host.translate(text, EN, target)) as pieces:
            return "".join([piece async for piece in pieces])


def _record(*models: str) -> EngineRecord:
    declaration = Declaration(kind="translator", languages=(EN, JA, FR))
    files = ("notes", "gate", *models)
    return EngineRecord("warmable", WARMABLE, declaration, EngineStatus.READY, models=files)


@asynccontextmanager
async def _bench(
    folder: Path,
    *,
    gated: bool = False,
    deadlines: Deadlines | None = None,
    others: tuple[EngineRecord, ...] = (),
) -> AsyncIterator[Bench]:
    with anyio.fail_after(30):
        async with EnginePool((_record(), *others), lambda model: folder / model, 1, deadlines) as pool:
            bench = Bench(pool, folder)
            if not gated:
                bench.open()
            yield bench


async def test_what_is_expected_is_loaded_and_warm_before_a_sentence_comes_and_only_once(
    tmp_path: Path,
) -> None:
    async with _bench(tmp_path) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        bench.pool.expect(EN, JA)
        assert await bench.say("say") == "ja0 "
        assert bench.asked == ["en-ja warm", "en-ja say"]


async def test_every_direction_in_force_is_warm_the_one_expected_last_first(tmp_path: Path) -> None:
    async with _bench(tmp_path) as bench:
        for target in (FR, JA):
            bench.pool.expect(EN, target)
        await bench.until_asked("en-ja warm", "en-fr warm")


async def test_it_is_warm_again_after_an_unload(tmp_path: Path) -> None:
    async with _bench(tmp_path) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        while not await bench.host.unload():  # noqa: ASYNC110 - it may still be busy, which nobody tells
            await anyio.sleep(0.01)
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm", "en-ja warm")


@pytest.mark.parametrize(("fault", "error"), [("crash", SentenceSkipped), ("hang", EngineHung)])
async def test_it_is_warm_again_after_a_crash_and_after_a_hang(
    tmp_path: Path, fault: str, error: type[Exception]
) -> None:
    async with _bench(tmp_path, deadlines=SHORT) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        with pytest.raises(error):
            await bench.say(fault)
        asked = [f"en-ja {fault}"] * (2 if fault == "crash" else 1)
        await bench.until_asked("en-ja warm", *asked, "en-ja warm")


async def test_it_is_loaded_and_warm_again_when_its_options_change(tmp_path: Path) -> None:
    async with _bench(tmp_path) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        bench.pool.refresh([replace(_record(), options={"model": "other"})])
        await bench.until_asked("en-ja warm", "en-ja warm")


async def test_what_was_not_in_memory_is_not_loaded_when_its_options_change(tmp_path: Path) -> None:
    async with _bench(tmp_path) as bench:
        bench.pool.translator_for(EN, JA, "warmable")
        bench.pool.refresh([replace(_record(), options={"model": "other"})])
        await anyio.wait_all_tasks_blocked()
        assert [state.status for state in bench.pool.states()] == ["idle"]


async def test_a_sentence_ends_what_is_evaluated_and_is_translated_at_once(tmp_path: Path) -> None:
    async with _bench(tmp_path, gated=True) as bench:
        bench.pool.expect(EN, FR)
        await bench.until_asked("en-fr warm")
        pid = bench.host.state.pid
        assert await bench.say("say") == "ja0 "
        assert bench.asked == ["en-fr warm", "en-fr left", "en-ja say"]
        assert bench.host.state.pid == pid


async def test_what_a_sentence_has_ended_is_done_when_the_engine_has_rested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warmth, "REST_S", 0.1)
    async with _bench(tmp_path, gated=True) as bench:
        bench.pool.expect(EN, FR)
        await bench.until_asked("en-fr warm")
        bench.open()
        assert await bench.say("say") == "ja0 "
        await _until_line(bench, "en-fr warm", times=2)
        assert "en-ja warm" not in bench.asked


async def test_another_direction_is_left_alone_while_sentences_follow_each_other(tmp_path: Path) -> None:
    async with _bench(tmp_path) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        assert await bench.say("say") == "ja0 "
        bench.pool.expect(EN, FR)
        for _ in range(3):
            assert await bench.say("say") == "ja0 "
            await anyio.wait_all_tasks_blocked()
        assert bench.asked == ["en-ja warm", *["en-ja say"] * 4]


async def test_what_only_becomes_warm_makes_room_for_an_engine_that_is_wanted(tmp_path: Path) -> None:
    other = EngineRecord(
        "other",
        SCRIPTED,
        Declaration(kind="translator", languages=(EN, FR), memory_mb=200),
        EngineStatus.READY,
    )
    async with _bench(tmp_path, gated=True, others=(other,)) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        bench.pool.refresh(bench.pool.records, Policy(memory_limit_bytes=210 * 10**6))
        await bench.pool.load("other")
        assert {state.name: state.status for state in bench.pool.states()} == {
            "other": "ready",
            "warmable": "idle",
        }


async def test_one_that_cannot_be_made_warm_is_not_tried_again_before_it_has_translated(
    tmp_path: Path,
) -> None:
    (tmp_path / "gate").mkdir()
    async with _bench(tmp_path, gated=True) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm", "en-ja warm")
        while bench.host.state.restarts < 2 or bench.host.is_busy:  # noqa: ASYNC110 - it tells nobody
            await anyio.sleep(0.01)
        await bench.host.warm(EN, JA)
        assert await bench.say("say") == "ja0 "
        assert bench.asked == ["en-ja warm", "en-ja warm", "en-ja say"]


async def test_becoming_warm_is_no_proof_that_it_works_and_a_row_of_crashes_goes_on(tmp_path: Path) -> None:
    async with _bench(tmp_path, deadlines=SHORT) as bench:
        bench.pool.expect(EN, JA)
        await bench.until_asked("en-ja warm")
        with pytest.raises(SentenceSkipped):
            await bench.say("crash")
        await _until_line(bench, "en-ja warm", times=2)
        with pytest.raises(EngineGaveUp):
            await bench.say("crash")


async def _until_line(bench: Bench, line: str, times: int) -> None:
    while bench.asked.count(line) < times:  # noqa: ASYNC110 - another process writes the notes
        await anyio.sleep(0.01)
