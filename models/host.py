"""Keeps one engine running in its worker process, whatever the engine does.

A crash restarts the worker and the sentence goes on where it broke off. The second crash on the same sentence
gives the sentence up (`SentenceSkipped`); the third in a row, or a worker past its deadline, means that
another engine should speak it (`EngineGaveUp`, `EngineHung`). Later sentences work again after the restart.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import anyio
import numpy as np
from anyio.abc import TaskGroup

from claude_narrator.models.engine_state import (
    Deadlines,
    EngineGaveUp,
    EngineHung,
    EngineSpec,
    EngineState,
    SentenceSkipped,
)
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, NarratorError
from claude_narrator.models.framing import BadFrame, Frame
from claude_narrator.models.process import WorkerDied, WorkerProcess, start_worker
from claude_narrator.models.resume import Resume, WrongFrame, error_of
from claude_narrator.models.types import AudioChunk, Language, Milliseconds, SampleRate

_GIVE_UP_AFTER = 3
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 600.0


class EngineHost:
    """One engine in one process, one job at a time; jobs that wait can be cancelled.

    `tasks` outlives the host: it runs what a cancelled caller must not wait for. Close an iterator that is
    left early (`contextlib.aclosing`), which cancels the rest of its sentence.
    """

    def __init__(self, spec: EngineSpec, tasks: TaskGroup, deadlines: Deadlines | None = None) -> None:
        self.name = spec.name
        self._spec = spec
        self._tasks = tasks
        self._deadlines = deadlines or Deadlines()
        self._log = logging.getLogger(f"{__name__}.{spec.name}")
        self._turn = anyio.Semaphore(1)
        self._worker: WorkerProcess | None = None
        self._state = EngineState(spec.name)
        self._loading: anyio.Event | None = None
        self._failure: NarratorError | None = None
        self._blocked_until_s = 0.0
        self._crashes = 0
        self._job = 0
        self._closing = anyio.Event()

    @property
    def state(self) -> EngineState:
        """What the engine does now."""
        if self._state.status == "ready" and not self._is_ready:
            return replace(self._state, status="idle", pid=0, rss_bytes=0)
        return self._state

    @property
    def is_blocked(self) -> bool:
        """True while a failed engine is left alone: every call would raise at once."""
        return self._failure is not None and time.monotonic() < self._blocked_until_s

    async def load(self) -> None:
        """Return when the engine is ready. A cancelled caller leaves the loading to go on.

        :raises EngineUnavailable: it cannot be loaded; the same error comes at once for the next 30 s.
        :raises EngineGaveUp: it crashed three times in a row, not long ago.
        """
        self.begin_loading()
        if self._loading is not None:
            await self._loading.wait()
        if self._failure is not None:
            raise type(self._failure)(self._failure.problem, self._failure.hint)

    def begin_loading(self) -> None:
        """Load in the background, unless that is done, under way, or failed a moment ago."""
        if self._is_ready or self._loading is not None or self.is_blocked or self._closing.is_set():
            return
        self._failure = None
        self._loading = anyio.Event()
        self._state = replace(self._state, status="loading", reason="")
        self._tasks.start_soon(self._load, self._loading)

    async def translate(self, text: str, source: Language, target: Language) -> AsyncGenerator[str, None]:
        """Yield the translation of `text` in pieces.

        :raises EngineUnavailable: see `load`.
        :raises SentenceSkipped, EngineGaveUp, EngineHung: see the module.
        :raises NarratorError: what else the engine raised.
        """
        request = {"op": "translate", "text": text, "source": source, "target": target}
        async with aclosing(self._run(request)) as frames:
            async for frame in frames:
                yield frame.header["text"]

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the samples of `text`, as loud as every engine; `voice` is a name without the engine's.

        :raises NarratorError: as `translate`.
        """
        how = {"voice": voice, "language": language, "rate": rate}
        request = {"op": "synthesize", "text": text, **how, "gain_db": self._spec.gain_db.get(voice, 0.0)}
        async with aclosing(self._run(request)) as frames:
            async for frame in frames:
                samples = np.frombuffer(frame.payload, dtype="<f4").astype(np.float32, copy=False)
                yield AudioChunk(samples, SampleRate(frame.header["sample_rate"]))

    async def close(self) -> None:
        """End the worker. Every later call raises EngineUnavailable. Safe to call more than once."""
        self._closing.set()
        self._failure = EngineUnavailable(f"{self.name} is closed")
        self._blocked_until_s = float("inf")
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.stop(self._deadlines.close_s)
        if self._loading is not None:
            await self._loading.wait()
        self._state = EngineState(self.name)

    @property
    def _is_ready(self) -> bool:
        return self._loading is None and self._worker is not None and self._worker.is_alive

    async def _load(self, done: anyio.Event) -> None:
        """Start the process and load the engine; whatever comes of it is in the state when `done` is set."""
        started_s = time.monotonic()
        try:
            with anyio.fail_after(self._deadlines.load_s):
                await self._start()
            load_ms = Milliseconds((time.monotonic() - started_s) * 1000)
            self._state = replace(self._state, status="ready", load_ms=load_ms)
            self._log.info("%s is ready after %.0f ms", self.name, load_ms)
        except NarratorError as error:
            await self._load_failed(error)
        except (WorkerDied, OSError) as error:  # TimeoutError is an OSError
            what = "was not ready in time" if isinstance(error, TimeoutError) else f"{error} while it loaded"
            await self._load_failed(EngineUnavailable(f"{self.name} {what}", "See: voice log"))
        except anyio.get_cancelled_exc_class():
            await self._drop_worker()
            raise
        finally:
            self._loading = None
            done.set()

    async def _start(self) -> None:
        restarts = self._state.restarts + (self._state.load_ms is not None)
        await self._drop_worker()
        if self._crashes > 1:
            with anyio.move_on_after(_FIRST_PAUSE_S * 2 ** (self._crashes - 2)):
                await self._closing.wait()
        with anyio.fail_after(self._deadlines.start_s):
            with anyio.CancelScope(shield=True):  # a start that is cut short leaves a process nobody knows
                worker = await start_worker(self._spec, self._log)
            self._worker = worker
            if self._closing.is_set():
                raise WorkerDied("is closed")
            self._tasks.start_soon(worker.copy_stderr)
            await worker.receive()
        self._state = replace(self._state, pid=worker.pid, restarts=restarts)
        header = await worker.load(self._spec)
        if header.get("event") != "loaded":
            raise error_of(header, self.name)
        device, precision = str(header.get("device", "")), str(header.get("precision", ""))
        rss_bytes = int(header.get("rss_bytes", 0))
        self._state = replace(self._state, device=device, precision=precision, rss_bytes=rss_bytes)

    async def _load_failed(self, error: NarratorError) -> None:
        await self._drop_worker()
        if not self._closing.is_set():
            self._log.error("%s", error)
            self._block(error, self._deadlines.retry_s)

    async def _run(self, request: dict[str, Any]) -> AsyncGenerator[Frame, None]:
        """Hold the turn for one sentence; whoever leaves early hands it to `_settle`, which gives it back."""
        await self._turn.acquire()
        open_job: list[int] = []
        try:
            async with aclosing(self._attempts(request, open_job)) as frames:
                async for frame in frames:
                    yield frame
        finally:
            if open_job and self._worker is not None and not self._closing.is_set():
                self._tasks.start_soon(self._settle, self._worker, open_job[0])
            else:
                self._turn.release()

    async def _attempts(self, request: dict[str, Any], open_job: list[int]) -> AsyncGenerator[Frame, None]:
        """Yield the frames of a sentence over a crash; `open_job` holds the job that the worker works on."""
        resume = Resume()
        crashes = 0
        while True:
            await self.load()
            resume.restart()
            try:
                self._job += 1
                open_job[:] = [self._job]
                await self._begin(request)
                while (frame := await self._next_frame()).header.get("event") in ("audio", "text"):
                    if (rest := resume.rest_of(frame)) is not None:
                        yield rest
                open_job.clear()
                await self._finish(frame)
                return
            except BadFrame:
                open_job.clear()
                raise EngineFailed(f"the sentence is too long for {self.name}") from None
            except (WorkerDied, WrongFrame) as error:
                open_job.clear()
                crashes += 1
                await self._crashed(error, crashes)
            except TimeoutError:
                open_job.clear()
                await self._hung()

    async def _begin(self, request: dict[str, Any]) -> None:
        if self._worker is None:
            raise WorkerDied("is gone")
        with anyio.fail_after(self._deadlines.silence_s):
            await self._worker.send({**request, "job": self._job})

    async def _finish(self, frame: Frame) -> None:
        self._crashes = 0
        self._state = replace(self._state, rss_bytes=int(frame.header.get("rss_bytes", 0)))
        if frame.header.get("event") != "done":
            error = error_of(frame.header, self.name)
            if isinstance(error, EngineUnavailable):
                await self._drop_worker()
                self._block(error, self._deadlines.retry_s)
            raise error

    async def _next_frame(self) -> Frame:
        if self._worker is None:
            raise WorkerDied("is gone")
        return await self._worker.next_of(self._job, self._deadlines.chunk_s, self._deadlines.silence_s)

    async def _crashed(self, error: Exception, crashes: int) -> None:
        """Count a crash, the `crashes`-th on its sentence; return when the sentence may be tried again."""
        await self._count_failure(str(error))
        if crashes > 1:
            self.begin_loading()
            raise SentenceSkipped(f"{self.name} {error} twice on one sentence, which is left out")

    async def _hung(self) -> None:
        await self._count_failure("did not answer in time")
        self.begin_loading()
        raise EngineHung(f"{self.name} did not answer in time and was restarted")

    async def _count_failure(self, what: str) -> None:
        if self._closing.is_set():
            raise EngineUnavailable(f"{self.name} is closed")
        await self._drop_worker()
        self._crashes += 1
        self._log.warning("%s %s", self.name, what)
        if self._crashes >= _GIVE_UP_AFTER:
            raise self._give_up(f"{self.name} {what}, {self._crashes} times in a row")

    def _give_up(self, problem: str) -> EngineGaveUp:
        pause_s = self._deadlines.retry_s * 2 ** (self._crashes - _GIVE_UP_AFTER)
        error = EngineGaveUp(problem, "Another engine speaks for now; see: voice engines")
        self._block(error, min(pause_s, _LONGEST_PAUSE_S))
        return error

    def _block(self, error: NarratorError, pause_s: float) -> None:
        self._failure = error
        self._blocked_until_s = time.monotonic() + pause_s
        self._state = replace(EngineState(self.name), status="failed", reason=str(error))

    async def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            self._state = replace(self._state, status="idle", pid=0, rss_bytes=0)
            await worker.kill()

    async def _settle(self, worker: WorkerProcess, job: int) -> None:
        """Cancel `job` and wait for its end, so that the next sentence finds a free worker."""
        try:
            with anyio.fail_after(self._deadlines.cancel_s):
                await worker.cancel(job)
        except (TimeoutError, WorkerDied) as error:
            what = "did not stop in time" if isinstance(error, TimeoutError) else str(error)
            self._log.warning("%s %s after a cancel; it is started again", self.name, what)
            if worker is self._worker:
                await self._drop_worker()
            self.begin_loading()
        finally:
            self._turn.release()
