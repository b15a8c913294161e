"""A worker may crash, freeze, talk nonsense or be slow: the sentence after it is spoken."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from claude_narrator.models.engine_state import Deadlines, EngineGaveUp, EngineHung, SentenceSkipped
from claude_narrator.models.errors import BadInput, EngineFailed, EngineUnavailable, UnknownLanguage
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import Hints, Language
from tests.models.worker_bench import EN, PATIENT, ROOT, SCRIPTED, STRICT, heard, hosted, until_free

pytestmark = pytest.mark.anyio
ENGINES = SCRIPTED.partition(":")[0]


@pytest.fixture(autouse=True)
def _tests_importable_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


async def test_a_sentence_arrives_chunk_by_chunk_and_the_state_says_what_runs() -> None:
    async with hosted() as host:
        assert host.state.status == "idle"
        assert await heard(host, "say say say") == [0, 1, 2]
        state = host.state
    assert (state.status, state.device, state.precision, state.restarts) == ("ready", "cpu", "fp32", 0)
    assert state.pid > 0
    assert state.rss_bytes > 1_000_000
    assert state.load_ms is not None


async def test_a_translation_arrives_in_pieces() -> None:
    async with hosted() as host:
        assert [piece async for piece in host.translate("say say", EN, Language("ja"))] == ["ja0 ", "ja1 "]


async def test_the_hints_for_a_translation_reach_the_worker() -> None:
    hints = Hints({"worker": "ワーカー"}, ("One.", "Two."), strict=True)
    async with hosted() as host:
        pieces = [piece async for piece in host.translate("hints", EN, Language("ja"), hints)]
    assert pieces == ["{'worker': 'ワーカー'} ('One.', 'Two.') strict"]


async def test_a_worker_killed_in_mid_sentence_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with hosted() as host:
        numbers = []
        async with aclosing(host.synthesize(f"say say wait={gate} say say", "plain", EN)) as chunks:
            async for chunk in chunks:
                numbers.append(round(float(chunk.samples[0]) * 1000))
                if len(numbers) == 2:
                    os.kill(host.state.pid, signal.SIGKILL)
                    gate.touch()
        assert numbers == [0, 1, 2, 3]
        assert host.state.restarts == 1


async def test_a_translation_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    async with hosted() as host:
        text = f"say say crash-once={tmp_path / 'crashed'} say"
        pieces = [piece async for piece in host.translate(text, EN, Language("ja"))]
        assert "".join(pieces) == "ja0 ja1 ja2 "


async def test_a_worker_killed_while_idle_is_restarted_and_the_next_sentence_is_spoken() -> None:
    async with hosted() as host:
        await host.load()
        os.kill(host.state.pid, signal.SIGKILL)
        assert await heard(host, "say") == [0]
        assert host.state.restarts == 1


async def test_the_second_crash_on_a_sentence_skips_it_and_the_next_is_spoken() -> None:
    async with hosted() as host:
        with pytest.raises(SentenceSkipped, match="scripted died of SIGKILL twice on one sentence"):
            await heard(host, "say crash")
        assert await heard(host, "say") == [0]


async def test_the_third_crash_in_a_row_hands_over_to_another_engine() -> None:
    async with hosted() as host:
        with pytest.raises(SentenceSkipped):
            await heard(host, "crash")
        with pytest.raises(EngineGaveUp, match="died of SIGKILL, 3 times in a row"):
            await heard(host, "crash")
        assert host.is_blocked
        assert host.state.status == "failed"
        with pytest.raises(EngineGaveUp):
            await heard(host, "say")


async def test_crashes_with_a_sentence_between_them_that_was_left_early_are_not_in_a_row() -> None:
    async with hosted() as host:
        with pytest.raises(SentenceSkipped):
            await heard(host, "crash")
        async with aclosing(host.synthesize("say say", "plain", EN)) as chunks:
            assert await anext(chunks) is not None
        with pytest.raises(SentenceSkipped):
            await heard(host, "crash")
        assert not host.is_blocked


async def test_an_engine_that_gave_up_is_tried_again_after_its_pause() -> None:
    async with hosted(deadlines=Deadlines(retry_s=0)) as host:
        for failure in (SentenceSkipped, EngineGaveUp):
            with pytest.raises(failure):
                await heard(host, "crash")
        assert await heard(host, "say") == [0]
        assert host.state.status == "ready"


async def test_a_frozen_worker_is_killed_at_its_deadline_and_the_next_sentence_is_spoken() -> None:
    async with hosted(deadlines=Deadlines(silence_s=1.5)) as host:
        with pytest.raises(EngineHung, match="did not answer in time"):
            await heard(host, "say freeze say")
        assert await heard(host, "say") == [0]


async def test_a_worker_frozen_from_outside_while_idle_is_replaced() -> None:
    async with hosted(deadlines=STRICT) as host:
        await host.load()
        frozen = host.state.pid
        os.kill(frozen, signal.SIGSTOP)
        with pytest.raises(EngineHung):
            await heard(host, "say")
        assert await heard(host, "say") == [0]
        assert host.state.pid != frozen


async def test_an_engine_that_hangs_while_its_process_lives_is_killed_too() -> None:
    async with hosted(deadlines=Deadlines(chunk_s=1.5)) as host:
        with pytest.raises(EngineHung):
            await heard(host, "hang")
        assert await heard(host, "say") == [0]


async def test_garbage_on_the_pipe_costs_the_worker_not_the_host() -> None:
    async with hosted() as host:
        with pytest.raises(SentenceSkipped, match="answered nonsense"):
            await heard(host, "say garbage say")
        assert await heard(host, "say") == [0]


async def test_what_libraries_print_does_not_reach_the_pipe() -> None:
    async with hosted() as host:
        assert await heard(host, "print say print say") == [0, 1]


async def test_slow_output_is_waited_for_while_each_chunk_keeps_its_deadline() -> None:
    async with hosted(deadlines=STRICT) as host:
        assert await heard(host, "pause pause pause say " * 3) == [0, 1, 2]


async def test_a_slow_listener_is_no_slow_engine() -> None:
    async with (
        hosted(deadlines=STRICT) as host,
        aclosing(host.synthesize("say " * 200, "plain", EN)) as chunks,
    ):
        await anext(chunks)
        await anyio.sleep(1.2 * STRICT.chunk_s)
        assert len([chunk async for chunk in chunks]) == 199


async def test_a_closed_iterator_stops_the_engine_and_keeps_the_worker(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    async with hosted() as host:
        async with aclosing(host.synthesize(f"forever={closed}", "plain", EN)) as chunks:
            await anext(chunks)
            pid = host.state.pid
        assert await heard(host, "say") == [0]
        assert closed.exists()
        assert (host.state.pid, host.state.restarts) == (pid, 0)


async def test_a_cancelled_listener_stops_the_engine_and_keeps_the_worker(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    async with hosted() as host:
        with anyio.CancelScope() as scope:
            async for _ in host.synthesize(f"forever={closed}", "plain", EN):
                scope.cancel()
        assert await heard(host, "say") == [0]
        assert closed.exists()
        assert host.state.restarts == 0


async def test_a_worker_that_does_not_heed_a_cancel_is_killed() -> None:
    async with hosted(deadlines=Deadlines(cancel_s=0.2)) as host:
        async with aclosing(host.synthesize("say hang", "plain", EN)) as chunks:
            await anext(chunks)
        assert await heard(host, "say") == [0]
        assert host.state.restarts == 1


async def test_a_storm_of_cancels_leaves_a_worker_that_speaks(tmp_path: Path) -> None:
    async with hosted() as host:
        for _ in range(50):
            async with aclosing(host.synthesize(f"forever={tmp_path / 'x'}", "plain", EN)) as chunks:
                await anext(chunks)
        assert await heard(host, "say") == [0]
        assert host.state.restarts == 0


async def test_one_sentence_at_a_time_and_one_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    done: list[str] = []

    async def speak(name: str, text: str) -> None:
        await heard(host, text)
        done.append(name)

    async with hosted() as host, anyio.create_task_group() as tasks:
        chunks = host.synthesize(f"say wait={gate} say", "plain", EN)
        await anext(chunks)
        tasks.start_soon(speak, "waits", "say")
        with anyio.move_on_after(0.05):
            await speak("gives up", "say")
        assert done == []
        gate.touch()
        assert len([chunk async for chunk in chunks]) == 1
    assert done == ["waits"]


async def test_an_engines_own_error_arrives_with_its_code_and_hint() -> None:
    async with hosted() as host:
        with pytest.raises(BadInput, match="nothing to say") as refused:
            await heard(host, "refuse")
        assert refused.value.hint == "Give it words."
        with pytest.raises(UnknownLanguage, match="Scripted knows no xx"):
            await anext(host.translate("say", EN, Language("xx")))
        assert host.state.restarts == 0


async def test_any_other_exception_is_one_line_that_names_the_place_and_quotes_no_text() -> None:
    async with hosted() as host:
        with pytest.raises(EngineFailed) as failed:
            await heard(host, "say raise")
        assert failed.value.problem.startswith("scripted failed: KeyError at scripted.py:")
        assert await heard(host, "say") == [0]


async def test_a_worker_that_runs_out_of_memory_ends_and_gives_back_what_it_had(tmp_path: Path) -> None:
    async with hosted() as host:
        assert await heard(host, f"say devour-once={tmp_path / 'devoured'} say") == [0, 1]
        assert host.state.restarts == 1
        with pytest.raises(SentenceSkipped, match="scripted ran out of memory twice on one sentence"):
            await heard(host, "say devour say")
        assert await heard(host, "say") == [0]


async def test_an_engine_that_memory_does_not_suffice_for_says_so() -> None:
    async with hosted(f"{ENGINES}:LoadDevours") as host:
        with pytest.raises(EngineUnavailable, match="scripted ran out of memory while it loaded"):
            await host.load()


async def test_samples_that_are_no_numbers_are_refused() -> None:
    async with hosted() as host:
        with pytest.raises(EngineFailed, match="samples that are no sound"):
            await heard(host, "say nan")
        assert await heard(host, "say") == [0]


async def test_a_sentence_over_the_frame_limit_is_refused_and_the_next_is_spoken() -> None:
    async with hosted() as host:
        with pytest.raises(EngineFailed, match="too long"):
            await heard(host, "say " * 400_000)
        assert await heard(host, "say") == [0]


@pytest.mark.parametrize(
    ("engine", "problem"),
    [
        (f"{ENGINES}:LoadRefused", "the weights are torn"),
        (f"{ENGINES}:LoadRaises", "scripted could not be loaded: ZeroDivisionError: first line"),
        (f"{ENGINES}:LoadCrashes", "scripted died of SIGABRT while it loaded"),
        (f"{ENGINES}:Nowhere", "scripted could not be loaded: AttributeError: module '"),
        (
            "tests.models.engines.nowhere:Engine",
            "nowhere could not be loaded: ModuleNotFoundError: No module named",
        ),
    ],
)
async def test_an_engine_that_cannot_be_loaded_says_why_in_one_line(engine: str, problem: str) -> None:
    async with hosted(engine) as host:
        for _ in range(2):
            with pytest.raises(EngineUnavailable) as refused:
                await host.load()
            assert refused.value.problem.startswith(problem)
            assert "\n" not in str(refused.value)
        assert host.state.status == "failed"
        assert problem in host.state.reason
        with pytest.raises(EngineUnavailable):
            await heard(host, "say")


async def test_an_engine_that_cannot_be_loaded_is_left_alone_longer_each_time_until_it_could(
    tmp_path: Path,
) -> None:
    mended, left_s = tmp_path / "mended", list[float]()
    engine, retry_s = f"{ENGINES}:LoadsOnceMended", 0.5
    async with hosted(engine, Deadlines(retry_s=retry_s), {"mended": mended}) as host:

        async def refused() -> None:
            with pytest.raises(EngineUnavailable, match="its server is gone"):
                await host.load()
            left_s.append(host.state.retries_in_s or 0.0)
            await until_free(host)

        await refused()
        await refused()
        mended.touch()
        await host.load()
        assert await host.unload()
        mended.unlink()
        await refused()
    assert left_s[0] <= retry_s < left_s[1] <= 2 * retry_s
    assert left_s[2] <= retry_s


async def test_a_load_that_never_ends_is_ended() -> None:
    async with hosted(f"{ENGINES}:LoadHangs", Deadlines(load_s=1)) as host:
        with pytest.raises(EngineUnavailable, match="was not ready in time"):
            await host.load()
        assert host.state.pid == 0


async def test_loading_goes_on_when_the_sentence_that_asked_for_it_is_cancelled(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with hosted(f"{ENGINES}:LoadWaits", PATIENT, {"gate": gate}) as host:
        with anyio.move_on_after(0.05):
            await heard(host, "say")
        assert host.state.status == "loading"
        gate.touch()
        await host.load()
        assert await heard(host, "say") == [0]
        assert host.state.restarts == 0


async def test_a_closed_host_has_no_worker_and_refuses() -> None:
    async with hosted() as host:
        await host.load()
        pid = host.state.pid
        await host.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(EngineUnavailable, match="closed"):
            await heard(host, "say")


async def test_a_host_closed_in_mid_sentence_ends_the_sentence_with_an_error() -> None:
    async with hosted() as host, aclosing(host.synthesize("say hang", "plain", EN)) as chunks:
        await anext(chunks)
        await host.close()
        with pytest.raises(EngineUnavailable, match="closed"):
            await anext(chunks)


def _speak_until_killed(fifo: str) -> None:
    """Runs in a process of its own, the stand-in for a daemon."""

    async def speak() -> None:
        async with (
            hosted() as host,
            aclosing(host.synthesize(f"hold={fifo} say hang", "plain", EN)) as chunks,
        ):
            await anext(chunks)
            print("sounding", flush=True)
            await anyio.sleep_forever()

    anyio.run(speak)


async def test_a_killed_host_leaves_no_worker_and_no_child_of_a_worker(tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    code = f"from {__name__} import _speak_until_killed; _speak_until_killed({str(fifo)!r})"
    async with await anyio.open_process([sys.executable, "-c", code]) as daemon:
        held = await anyio.to_thread.run_sync(os.open, str(fifo), os.O_RDONLY)
        assert daemon.stdout is not None
        assert (await daemon.stdout.receive()).startswith(b"sounding")
        daemon.kill()
        assert await anyio.to_thread.run_sync(os.read, held, 1) == b""
        os.close(held)


async def test_two_hosts_share_nothing() -> None:
    async with hosted() as one, hosted() as other:
        await one.load()
        await other.load()
        os.kill(one.state.pid, signal.SIGKILL)
        assert await heard(other, "say") == [0]
        assert isinstance(one, EngineHost)
        assert other.state.restarts == 0
