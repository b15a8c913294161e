"""Whatever a server does, the worker that asks it lives, and the sentence after it is heard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from claude_narrator.models.engine_state import Deadlines
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.host import EngineHost
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus, find_engines
from claude_narrator.models.types import Language
from tests.models.engines.stand_in_server import StandIn, running
from tests.models.worker_bench import EN, ROOT, SCRIPTED, hosted

pytestmark = pytest.mark.anyio
JA = Language("ja")
ENGINES = "claude_narrator.models.engines"


@dataclass(frozen=True)
class Served:
    """An engine, and its options besides the url."""

    entry_point: str
    options: dict[str, str]

    async def work(self, host: EngineHost) -> int:
        """Have a sentence made and return how many samples or characters came."""
        if "LlamaServer" in self.entry_point:
            pieces = host.translate("All tests pass.", Language("en"), Language("ja"))
            async with aclosing(pieces):
                return sum([len(piece) async for piece in pieces])
        voice = "zundamon-3" if "Voicevox" in self.entry_point else "amy"
        chunks = host.synthesize("OK、できました。", voice, Language("ja"))
        async with aclosing(chunks):
            return sum([len(chunk.samples) async for chunk in chunks])


SERVED = [
    pytest.param(Served(f"{ENGINES}.llama_server:LlamaServer", {"model": ""}), id="llama_server"),
    pytest.param(
        Served(f"{ENGINES}.speech_server:SpeechServer", {"voices": "ja:amy", "sample_rate": "24000"}),
        id="speech_server",
    ),
    pytest.param(Served(f"{ENGINES}.voicevox:Voicevox", {"voices": "ja:zundamon-3"}), id="voicevox"),
]
each_engine = pytest.mark.parametrize("served", SERVED)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn()) as server:
        yield server


def _options(served: Served, stand_in: StandIn) -> dict[str, str]:
    return {"url": stand_in.url, **served.options}


@each_engine
async def test_after_every_fault_the_next_sentence_is_made_by_the_same_worker(
    served: Served, stand_in: StandIn
) -> None:
    async with hosted(served.entry_point, options=_options(served, stand_in)) as host:
        await host.load()
        pid = host.state.pid
        for fault in ("422", "500", "garbage", "html", "cut", "empty"):
            stand_in.fault = fault
            with pytest.raises(EngineFailed) as caught:
                await served.work(host)
            assert stand_in.url.removeprefix("http://") in str(caught.value) or "no translation" in str(
                caught.value
            )
            stand_in.fault = ""
            assert await served.work(host), fault
        assert (host.state.pid, host.state.restarts) == (pid, 0)


@each_engine
@pytest.mark.parametrize("fault", ["401", "404", "503"])
async def test_an_engine_that_its_server_keeps_out_is_left_alone_and_then_loaded_anew(
    served: Served, stand_in: StandIn, fault: str
) -> None:
    deadlines = Deadlines(retry_s=0.2)
    async with hosted(served.entry_point, deadlines, options=_options(served, stand_in)) as host:
        await host.load()
        stand_in.fault = fault
        with pytest.raises(EngineUnavailable, match=f"status {fault}"):
            await served.work(host)
        assert (host.is_blocked, host.state.status, host.state.pid) == (True, "failed", 0)
        stand_in.fault = ""
        while host.is_blocked:  # noqa: ASYNC110 - a point in time
            await anyio.sleep(0.01)
        assert await served.work(host)
        assert host.state.status == "ready"


async def test_another_translator_stands_in_until_the_server_is_back(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    records = find_engines(lambda _: True, options={"llama_server": {"url": stand_in.url}})
    server = next(record for record in records if record.name == "llama_server")
    declared = replace(server.declaration, options={}, quality=1)
    other = EngineRecord("other", SCRIPTED, declared, EngineStatus.READY)
    with anyio.fail_after(20):
        async with EnginePool([server, other], Path, 1, Deadlines(retry_s=0.2)) as pool:
            first = pool.translator_for(EN, JA)
            assert await _translated(first, "say") == 'Japanese: "say"'
            stand_in.fault = "503"
            with pytest.raises(EngineUnavailable, match="status 503"):
                await _translated(first, "say")
            assert await _translated(pool.translator_for(EN, JA), "say") == "ja0"
            stand_in.fault = ""
            while (again := pool.translator_for(EN, JA)).name == "other":  # noqa: ASYNC110 - a point in time
                await anyio.sleep(0.01)
            assert await _translated(again, "say") == 'Japanese: "say"'


async def _translated(host: EngineHost, text: str) -> str:
    async with aclosing(host.translate(text, EN, JA)) as pieces:
        return "".join([piece async for piece in pieces]).strip()


@each_engine
@pytest.mark.parametrize("fault", ["silent", "stall"])
async def test_a_cancel_hangs_up_at_once_and_costs_nothing(
    served: Served, stand_in: StandIn, fault: str
) -> None:
    async with hosted(served.entry_point, options=_options(served, stand_in)) as host:
        await host.load()
        pid = host.state.pid
        stand_in.fault = fault
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(served.work, host)
            assert await anyio.to_thread.run_sync(stand_in.stalled.wait, 5)
            tasks.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(stand_in.hung_up.wait, 5)
        stand_in.fault = ""
        assert await served.work(host)
        assert (host.state.pid, host.state.restarts) == (pid, 0)


@each_engine
async def test_a_server_that_is_not_there_is_told_when_the_engine_is_loaded(served: Served) -> None:
    with running(StandIn()) as gone:
        options = _options(served, gone)
    async with hosted(served.entry_point, options=options) as host:
        with pytest.raises(EngineUnavailable, match="cannot be reached"):
            await host.load()
        assert host.state.status == "failed"


@each_engine
async def test_a_server_that_comes_back_is_found_again(served: Served, stand_in: StandIn) -> None:
    stand_in.fault = "503"
    async with hosted(
        served.entry_point, Deadlines(retry_s=0.05), options=_options(served, stand_in)
    ) as host:
        with pytest.raises(EngineUnavailable, match="status 503"):
            await host.load()
        stand_in.fault = ""
        while host.is_blocked:  # noqa: ASYNC110 - a point in time
            await anyio.sleep(0.01)
        assert await served.work(host)


@each_engine
async def test_a_server_that_never_answers_does_not_keep_the_host_from_closing(
    served: Served, stand_in: StandIn
) -> None:
    stand_in.fault = "silent"
    async with hosted(served.entry_point, options=_options(served, stand_in)) as host:
        host.begin_loading()
        assert await anyio.to_thread.run_sync(stand_in.stalled.wait, 5)
    assert stand_in.hung_up.wait(5)
