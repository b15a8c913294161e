"""Engines that really take memory stay within the limit: the right one leaves, and never one that speaks."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import pytest

from claude_narrator.models.declaration import Declaration
from claude_narrator.models.engine_state import Deadlines, DoesNotFit, EngineState
from claude_narrator.models.host import EngineHost
from claude_narrator.models.policy import Policy
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import VoiceChoice
from tests.models.worker_bench import EN, ROOT, SCRIPTED, heard

pytestmark = pytest.mark.anyio
HOARDER = SCRIPTED.replace("Scripted", "Hoarder")
MB = 10**6
LIMIT = Policy(memory_limit_bytes=500 * MB)
"""Two of 150 MB and an interpreter each fit into it, three do not."""


@pytest.fixture(autouse=True)
def _tests_importable_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _engine(
    name: str, megabytes: int = 150, *, expected: int = 200, quality: int = 0, embedded: bool = False
) -> EngineRecord:
    declaration = Declaration(
        kind="synthesizer",
        voices={EN: ("plain",)},
        languages=(EN,),
        embedded=embedded,
        quality=quality,
        memory_mb=expected,
    )
    options = {"megabytes": str(megabytes)}
    return EngineRecord(name, HOARDER, declaration, EngineStatus.READY, options=options)


@asynccontextmanager
async def _pool(
    *records: EngineRecord, policy: Policy = LIMIT, deadlines: Deadlines | None = None
) -> AsyncIterator[EnginePool]:
    with anyio.fail_after(30):
        async with EnginePool(records, lambda model: Path(), 1, deadlines, policy) as pool:
            yield pool


def _host(pool: EnginePool, name: str) -> EngineHost:
    return pool.synthesizer_for(VoiceChoice(EN, f"{name}/plain"))[0]


def _states(pool: EnginePool) -> dict[str, EngineState]:
    return {state.name: state for state in pool.states()}


def _in_memory(pool: EnginePool) -> set[str]:
    return {state.name for state in pool.states() if state.pid and _is_alive(state.pid)}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - memory is measured, nobody tells of it
        await anyio.sleep(0.01)


async def test_the_least_recently_used_leaves_for_the_one_that_is_asked_for() -> None:
    async with _pool(_engine("one"), _engine("two"), _engine("three")) as pool:
        for name in ("one", "two", "one", "three"):
            assert await heard(_host(pool, name), "say") == [0]
        assert _in_memory(pool) == {"one", "three"}
        state = _states(pool)["three"]
        assert 150 * MB < state.rss_bytes < 300 * MB
        assert int(state.precision) == pytest.approx(300 * MB, rel=0.2)
        assert await heard(_host(pool, "two"), "say") == [0]
        assert _in_memory(pool) == {"three", "two"}


async def test_one_that_alone_does_not_fit_is_refused_with_the_figure_and_comes_last() -> None:
    async with _pool(_engine("huge", expected=900, quality=9), _engine("small")) as pool:
        choice = VoiceChoice(EN)
        assert [host.name for host, _ in pool.synthesizers_for(choice)] == ["small", "huge"]
        pool.preload(["huge"])
        await _until(lambda: _states(pool)["huge"].status == "failed")
        with pytest.raises(DoesNotFit, match="huge needs 900 MB of memory, and engines may take 500 MB"):
            await pool.load("huge")
        assert _in_memory(pool) <= {"small"}
        assert await heard(pool.synthesizer_for(choice)[0], "say") == [0]


async def test_one_that_takes_more_than_was_expected_is_refused_the_next_time() -> None:
    async with _pool(_engine("liar", 600, expected=100, quality=9), _engine("small")) as pool:
        assert await heard(_host(pool, "liar"), "say") == [0]
        await _until(lambda: _in_memory(pool) == set())
        with pytest.raises(DoesNotFit, match=r"liar needs 6\d\d MB of memory, and engines may take 500 MB"):
            await pool.load("liar")


async def test_one_that_speaks_stays_and_is_waited_for(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with _pool(_engine("one"), _engine("big", 300, expected=350)) as pool:
        async with (
            aclosing(_host(pool, "one").synthesize(f"say wait={gate} say", "plain", EN)) as chunks,
            anyio.create_task_group() as tasks,
        ):
            await anext(chunks)
            tasks.start_soon(pool.load, "big")
            await _until(lambda: _states(pool)["big"].status == "loading")
            await anyio.wait_all_tasks_blocked()
            assert _in_memory(pool) == {"one"}
            gate.touch()
            assert len([chunk async for chunk in chunks]) == 1
        assert _in_memory(pool) == {"big"}


async def test_one_that_speaks_too_long_is_not_cut_and_the_other_is_refused_for_now(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with (
        _pool(_engine("one"), _engine("big", expected=400), deadlines=Deadlines(room_s=0.1)) as pool,
        aclosing(_host(pool, "one").synthesize(f"say wait={gate} say", "plain", EN)) as chunks,
    ):
        await anext(chunks)
        with pytest.raises(DoesNotFit, match=r"big needs 400 MB of memory beside \d+ MB of one, and engines"):
            await pool.load("big")
        gate.touch()
        assert len([chunk async for chunk in chunks]) == 1


async def test_one_that_nobody_waits_for_does_not_push_out_what_was_just_used() -> None:
    async with _pool(_engine("used"), _engine("better", expected=400, quality=9)) as pool:
        assert await heard(_host(pool, "used"), "say") == [0]
        pool.preload(["better"])
        await _until(lambda: _states(pool)["better"].status == "idle")
        assert "needs 400 MB of memory beside" in _states(pool)["better"].reason
        assert _in_memory(pool) == {"used"}
        await pool.load("better")
        assert _in_memory(pool) == {"better"}


async def test_what_grows_while_it_speaks_pushes_out_the_others_and_goes_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with _pool(_engine("idle"), _engine("grows")) as pool:
        assert await heard(_host(pool, "idle"), "say") == [0]
        text = f"say take=250 say wait={gate} say"
        async with aclosing(_host(pool, "grows").synthesize(text, "plain", EN)) as chunks:
            await anext(chunks)
            await anext(chunks)
            await _until(lambda: _in_memory(pool) == {"grows"})
            gate.touch()
            assert len([chunk async for chunk in chunks]) == 1
        assert _in_memory(pool) == {"grows"}


async def test_one_leaves_when_it_was_not_used_for_as_long_as_its_keep_alive_says() -> None:
    policy = Policy(keep_alive_of={"brief": 0.2})
    async with _pool(_engine("brief"), _engine("lasting"), policy=policy) as pool:
        for name in ("brief", "lasting"):
            assert await heard(_host(pool, name), "say") == [0]
        left_s = _states(pool)["brief"].unloads_in_s
        assert left_s is None or left_s <= 0.2
        await _until(lambda: _in_memory(pool) == {"lasting"})
        assert _states(pool)["lasting"].unloads_in_s is None
        assert _states(pool)["brief"].status == "idle"
        assert await heard(_host(pool, "brief"), "say") == [0]


async def test_its_time_does_not_run_while_it_speaks(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with _pool(_engine("brief"), policy=Policy(keep_alive_s=0.0)) as pool:
        async with aclosing(_host(pool, "brief").synthesize(f"say wait={gate} say", "plain", EN)) as chunks:
            await anext(chunks)
            pool.residency.changed()
            await anyio.wait_all_tasks_blocked()
            assert _in_memory(pool) == {"brief"}
            gate.touch()
            assert len([chunk async for chunk in chunks]) == 1
        await _until(lambda: _in_memory(pool) == set())


async def test_an_embedded_engine_speaks_and_stays_whatever_the_limit() -> None:
    policy = Policy(memory_limit_bytes=1, keep_alive_s=0.0)
    async with _pool(_engine("embedded", embedded=True), _engine("other"), policy=policy) as pool:
        assert await heard(_host(pool, "embedded"), "say") == [0]
        with pytest.raises(DoesNotFit):
            await pool.load("other")
        pool.residency.changed()
        await anyio.wait_all_tasks_blocked()
        assert _in_memory(pool) == {"embedded"}


async def test_a_lower_limit_holds_at_once() -> None:
    async with _pool(_engine("one"), _engine("two")) as pool:
        for name in ("one", "two"):
            await pool.load(name)
        pool.refresh(pool.records, Policy(memory_limit_bytes=300 * MB))
        await _until(lambda: _in_memory(pool) == {"two"})


async def test_sessions_that_ask_at_once_share_one_copy() -> None:
    async with _pool(_engine("shared")) as pool:
        pids: set[int] = set()

        async def session() -> None:
            host = _host(pool, "shared")
            pids.add((await pool.load("shared")).pid)
            assert await heard(host, "say") == [0]
            pids.add(host.state.pid)

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(session)
        assert len(pids) == 1
        assert _states(pool)["shared"].restarts == 0
        assert pool.residency.used_bytes() < 300 * MB


async def test_those_that_load_at_once_are_not_promised_the_same_room() -> None:
    async with _pool(_engine("one"), _engine("two"), _engine("three")) as pool:
        most, names = 0, ("one", "two", "three")
        async with anyio.create_task_group() as tasks:
            for name in names:
                tasks.start_soon(pool.load, name)
            while not all(_host(pool, name).life.settled_bytes for name in names):
                most = max(most, sum(bool(state.rss_bytes) for state in pool.states()))
                await anyio.sleep(0.005)
        assert most == 2
        assert len(_in_memory(pool)) == 2
        assert pool.residency.used_bytes() < 500 * MB
