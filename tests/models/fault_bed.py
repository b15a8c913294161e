"""One engine in a pipeline of real parts, another engine behind it, and the ways to hurt its process."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import anyio.to_thread
import numpy as np

from claude_narrator.daemon.agenda import InForce
from claude_narrator.daemon.pipeline import Pipeline
from claude_narrator.daemon.settings import Speech
from claude_narrator.models.declaration import Declaration
from claude_narrator.models.engine_state import Deadlines, EngineState
from claude_narrator.models.environments import interpreter
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Priority, Seconds, Utterance
from tests.daemon.test_fallback import Room
from tests.models.worker_bench import ROOT, SCRIPTED, importable_in_workers
from tests.peers import with_peer
from tests.runnable_engines import first_voice, folder_of, pair_of
from tests.sentences import sentence_of

STAND_IN = "stand_in"
DEADLINES = Deadlines(load_s=60, silence_s=3, retry_s=0.2)
PULL_FRAMES = 2400
_SPARE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a sentence: the outcome the status shows, how long it sounded, its words."""

    outcome: str
    length_s: float
    words: str


class NoWorker(Exception):
    """The engine has no process now."""


class Bed(Room):
    """Says sentences through the pipeline; `name` is the engine that is hurt."""

    def __init__(self, pool: EnginePool, record: EngineRecord, limit: Path) -> None:
        self._limit = limit
        self.name, self.kind = record.name, record.declaration.kind
        if self.kind == "translator":
            self.source, self.target = pair_of(record)
            speech = Speech(language=self.target, translator=record.name)
        else:
            language, voice = first_voice(record)
            self.source = self.target = language
            speech = Speech(language=language, voice=f"{record.name}/{voice}")
        super().__init__(pool, self.target)
        in_force = InForce(lambda session: speech)
        self.pipeline = Pipeline(self.queue, pool, self.player, in_force, self.timelines, self.troubles)
        self.sentence = sentence_of(self.source)
        self.passage = " ".join([self.sentence] * 3)
        """Long enough that an engine is still at it when its beginning sounds: no pipe holds the rest."""
        self._heard: list[np.ndarray] = []
        self._whole: dict[str, Said] = {}
        self._sessions = itertools.count()

    @property
    def state(self) -> EngineState:
        """What the engine does now."""
        return self._state_of(self.name)

    def _state_of(self, name: str) -> EngineState:
        return next(state for state in self.pool.states() if state.name == name)

    @property
    def reason(self) -> str:
        """The line by which the listener learns what is wrong with the engine; empty when nothing is."""
        return self.troubles.problems.get(self.name, "")

    async def ready(self) -> None:
        """Return when the engine has been loaded, after a failure too."""
        while self.state.status != "ready":
            with suppress(Exception):
                await self.pool.load(self.name)
            await anyio.sleep(0.01)

    async def until_dead(self) -> None:
        """Return when the end of the worker is known."""
        while self.state.status == "ready":  # noqa: ASYNC110 - nobody tells
            await anyio.sleep(0.001)

    def begin(self, text: str) -> None:
        """Put a text in the queue, one sentence."""
        self._heard.clear()
        session = f"session {next(self._sessions)}"  # what was said before belongs to another one
        self.queue.put(Utterance("u", session, (text,), self.source, Seconds(0.0), Priority.TEXT))
        self.pipeline.wake()

    async def asked(self) -> None:
        """Return when the request is on its way to the worker, which must be stopped."""
        await anyio.wait_all_tasks_blocked()

    async def until_first_sound(self) -> None:
        """Return when the first piece of the sentence has come through."""
        stage = "translated" if self.kind == "translator" else "synthesized"
        while not (recent := self.timelines.to_json(False)) or stage not in recent[-1]["at_s"]:
            await self.pipeline.wait_change(0.001)

    async def finish(self) -> Said:
        """Listen until nothing is left to say."""
        while not self.pipeline.idle:
            self._heard.append(self.sink.source.pull(PULL_FRAMES))
            await self.pipeline.wait_change(0.005)
        last = self.timelines.to_json(with_text=True)[-1]
        sounding = sum(int(np.count_nonzero(samples)) for samples in self._heard)
        return Said(str(last["outcome"]), sounding / 24_000, str(last["spoken"]))

    async def whole(self, text: str) -> Said:
        """Return what a text sounds like from the engine itself, when nothing is wrong."""
        if text not in self._whole:
            before_s = self._state_of(STAND_IN).idle_s
            self._whole[text] = await self.hear(text)
            after_s = self._state_of(STAND_IN).idle_s
            assert before_s is None or (after_s is not None and after_s >= before_s), "the stand-in was heard"
        return self._whole[text]

    async def hear(self, text: str) -> Said:
        """Say a text and return what became of it."""
        self.begin(text)
        return await self.finish()

    def signal(self, number: signal.Signals) -> None:
        """Send the worker a signal.

        :raises NoWorker: there is none.
        """
        if (pid := self.state.pid) <= 0:  # 0 would mean this process and all of its group
            raise NoWorker
        os.kill(pid, number)

    async def write_garbage(self) -> None:
        """Write bytes that are no frame into the pipe on which the worker answers, once it has room."""
        await anyio.to_thread.run_sync(self._write_garbage)

    def _write_garbage(self) -> None:
        with Path(f"/proc/{self.state.pid}/fd/{_pipe_of(self.state.pid)}").open("wb", buffering=0) as pipe:
            pipe.write(b"\x00 no frame at all " * 200)

    def forbid_more_memory(self) -> None:
        """Let the worker take no more address space than it has, and a thread's stack."""
        has = memory_bytes(self.state.pid, "VmSize") + _SPARE_BYTES
        resource.prlimit(self.state.pid, resource.RLIMIT_AS, (has, resource.RLIM_INFINITY))

    @contextmanager
    def little_memory(self) -> Iterator[None]:
        """Workers that start inside get a quarter of the address space that loading takes."""
        took = memory_bytes(self.state.pid, "VmPeak")
        bare = memory_bytes(self._state_of(STAND_IN).pid, "VmPeak")
        self._limit.write_text(str((3 * bare + took) // 4 // 1024), encoding="ascii")
        try:
            yield
        finally:
            self._limit.unlink()


@asynccontextmanager
async def bed_of(record: EngineRecord, folders: Path | None = None) -> AsyncIterator[Bed]:
    """The engine, prepared but not loaded; `folders` holds its models in place of the real ones."""

    def where(model_id: str) -> Path:
        return folder_of(model_id) if folders is None else folders / model_id

    is_translator = record.declaration.kind == "translator"
    knows = sentence_of(pair_of(record)[1]) if is_translator else ""
    with (
        TemporaryDirectory() as scratch,
        with_peer(record, knows) as peered,
        importable_in_workers(ROOT),
        _limitable(peered, Path(scratch)) as hurt,
    ):
        async with (
            EnginePool([hurt, *_others(hurt)], where, 1, DEADLINES) as pool,
            anyio.create_task_group() as tasks,
        ):
            bed = Bed(pool, hurt, Path(scratch) / "limit")
            bed.player.start()
            tasks.start_soon(bed.pipeline.run)
            await pool.load(STAND_IN)
            yield bed
            tasks.cancel_scope.cancel()
            bed.player.close()


def memory_bytes(pid: int, what: str) -> int:
    """Return a figure of /proc/PID/status, such as VmSize, VmPeak or VmRSS."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {pid} has no {what}")


def _others(hurt: EngineRecord) -> list[EngineRecord]:
    """Who stands in, and for a translator the voice that says what it gives."""
    spoken = hurt.declaration.languages
    voices = dict.fromkeys(spoken, ("plain",))
    tone = Declaration("synthesizer", languages=spoken, voices=voices, quality=1)
    if hurt.declaration.kind == "synthesizer":
        return [_scripted(STAND_IN, "Tone", tone)]
    translates = Declaration("translator", languages=spoken, quality=1)
    return [_scripted(STAND_IN, "Fluent", translates), _scripted("tone", "Tone", tone)]


def _scripted(name: str, class_name: str, declaration: Declaration) -> EngineRecord:
    entry_point = SCRIPTED.replace("Scripted", class_name)
    return EngineRecord(name, entry_point, declaration, EngineStatus.READY)


@contextmanager
def _limitable(record: EngineRecord, folder: Path) -> Iterator[EngineRecord]:
    """Start workers by a script that gives them as much address space, in KiB, as the file `limit` says."""
    real = sys.executable if record.environment is None else interpreter(record.environment)
    script = interpreter(folder)
    script.parent.mkdir()
    lines = ("#!/bin/sh", f'limit="{folder}/limit"', '[ -f "$limit" ] && ulimit -v "$(cat "$limit")"')
    script.write_text("\n".join([*lines, f'exec "{real}" "$@"', ""]), encoding="utf-8")
    script.chmod(0o700)
    if record.environment is not None:
        yield replace(record, environment=folder)
        return
    before, sys.executable = sys.executable, str(script)
    try:
        yield record
    finally:
        sys.executable = before


def _pipe_of(pid: int) -> str:
    """The descriptor of the worker's answers: the one pipe it may write besides standard output and error."""
    for entry in sorted(Path(f"/proc/{pid}/fdinfo").iterdir(), key=lambda path: int(path.name)):
        flags = int(entry.read_text(encoding="ascii").split("flags:")[1].split()[0], 8)
        target = os.readlink(f"/proc/{pid}/fd/{entry.name}")
        if int(entry.name) > 2 and target.startswith("pipe:") and flags & os.O_ACCMODE == os.O_WRONLY:
            return entry.name
    raise AssertionError(f"worker {pid} has no pipe to write to")
