"""Keeps one engine running in its worker process, whatever the engine does.

A crash restarts the worker and the sentence goes on where it broke off. The second crash on the same sentence
gives the sentence up (`SentenceSkipped`); the third in a row, or a worker past its deadline, means that
another engine should speak it (`EngineGaveUp`, `EngineHung`). Later sentences work again after the restart.

While nobody wants it, a translator may be made warm; whoever wants it ends that at once.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import anyio
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
from claude_narrator.models.jobs import chunk_of, synthesize_job, translate_job
from claude_narrator.models.lifecycle import Admit, Lifecycle
from claude_narrator.models.process import WorkerDied, WorkerProcess
from claude_narrator.models.resume import Resume, WrongFrame, error_of
from claude_narrator.models.types import NO_HINTS, AudioChunk, Hints, Language
from claude_narrator.models.warmed import Warmed

_GIVE_UP_AFTER = 3
_LONGEST_PAUSE_S = 600.0


class EngineHost:
    """One engine in one process, one job at a time; jobs that wait can be cancelled.

    `tasks` outlives the host: it runs what a cancelled caller must not wait for. `admit` and `changed` are
    those of `Lifecycle`. Close an iterator that is left early (`contextlib.aclosing`), which cancels the rest
    of its sentence.
    """

    def __init__(
        self,
        spec: EngineSpec,
        tasks: TaskGroup,
        deadlines: Deadlines | None = None,
        admit: Admit | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = spec.name
        self._spec = spec
        self._tasks = tasks
        self._deadlines = deadlines or Deadlines()
        self._log = logging.getLogger(f"{__name__}.{spec.name}")
        self._turn = anyio.Semaphore(1)
        self.life = Lifecycle(spec, tasks, self._deadlines, admit, changed)
        self._job = 0
        self._warmed = Warmed()

    @property
    def state(self) -> EngineState:
        """What the engine does now."""
        return self.life.state

    @property
    def is_instructed(self) -> bool:
        """Whether it translates as a prompt tells it, so that `Hints.strict` changes what it does."""
        return self._spec.instructed

    @property
    def is_blocked(self) -> bool:
        """True while a failed engine is left alone: every call would raise at once."""
        return self.life.is_blocked

    @property
    def is_busy(self) -> bool:
        """Whether it loads, somebody waits for it, or it works, on something else than to become warm."""
        return self.life.is_loading or (self._turn.value == 0 and not self._warmed.goes_on)

    @property
    def worked_s(self) -> float:
        """When this worker last did a sentence, on the event loop's clock; minus infinity for never."""
        return self._warmed.worked_s(self.life.worker)

    def is_cold(self, source: Language, target: Language) -> bool:
        """Whether `warm` would do something for a pair: not twice, nor again after it failed."""
        is_warm = self._warmed.holds((source, target), self.life.worker)
        return self.life.is_ready and not is_warm and not self._warmed.has_failed

    async def load(self) -> None:
        """Return when the engine is ready. A cancelled caller leaves the loading to go on.

        :raises EngineUnavailable: it cannot be loaded; the same error comes at once for the next 30 s.
        :raises EngineGaveUp: it crashed three times in a row, not long ago.
        """
        await self.life.load()

    def begin_loading(self) -> None:
        """Load in the background, unless that is done, under way, or failed a moment ago."""
        self.life.begin_loading()

    async def unload(self) -> bool:
        """Leave memory until it is needed again; False when it is busy, and stays."""
        if self.is_busy:
            return False
        self._warmed.end()
        await self._turn.acquire()
        try:
            if self.life.is_loading:
                return False
            await self.life.unload()
        finally:
            self._turn.release()
        return True

    async def close(self) -> None:
        """End the worker. Every later call raises EngineUnavailable. Safe to call more than once."""
        await self.life.close()

    async def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> AsyncGenerator[str, None]:
        """Yield the translation of `text` in pieces.

        :raises EngineUnavailable: see `load`.
        :raises SentenceSkipped, EngineGaveUp, EngineHung: see the module.
        :raises NarratorError: what else the engine raised.
        """
        async with aclosing(self._run(translate_job(text, source, target, hints))) as frames:
            async for frame in frames:
                yield frame.header["text"]

    async def warm(self, source: Language, target: Language) -> None:
        """Have what stands before every sentence of a pair evaluated; return early when a sentence comes.

        Nothing is done where `is_cold` is false or the engine is busy. A failure is logged.
        """
        if self.is_busy or self._warmed.goes_on or not self.is_cold(source, target):
            return
        crashes, job = self.life.crashes, translate_job("", source, target, NO_HINTS)
        with anyio.CancelScope() as scope:
            self._warmed.begin(scope)
            try:
                async with aclosing(self._run(job, is_asked=False)) as frames:
                    async for _ in frames:
                        pass
                self._warmed.note((source, target), self.life.worker)
            except NarratorError as error:
                self._warmed.has_failed = True
                self._log.warning("%s could not be made warm: %s", self.name, error)
            finally:
                self._warmed.over()
                self.life.crashes = max(crashes, self.life.crashes)  # only a sentence shows that it works

    async def synthesize(
        self, text: str, voice: str, language: Language, rate: float = 1.0
    ) -> AsyncGenerator[AudioChunk, None]:
        """Yield the samples of `text`, as loud as every engine; `voice` is a name without the engine's.

        :raises NarratorError: as `translate`.
        """
        gain_db = self._spec.gain_db.get(voice, 0.0)
        async with aclosing(self._run(synthesize_job(text, voice, language, rate, gain_db))) as frames:
            async for frame in frames:
                yield chunk_of(frame)

    async def _run(self, request: dict[str, Any], is_asked: bool = True) -> AsyncGenerator[Frame, None]:
        """Hold the turn for one sentence; whoever leaves early hands it to `_settle`, which gives it back."""
        if is_asked:
            self._warmed.end()
        await self._turn.acquire()
        open_job: list[int] = []
        self.life.note_use()
        try:
            async with aclosing(self._attempts(request, open_job)) as frames:
                async for frame in frames:
                    if frame.header.get("text"):
                        self._warmed.note_translated((request["source"], request["target"]), self.life.worker)
                    yield frame
        finally:
            if open_job and self.life.worker is not None and not self.life.is_closed:
                self._tasks.start_soon(self._settle, self.life.worker, open_job[0])
            else:
                self._free()

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
            except GeneratorExit:  # it answered well and was left early: later crashes are a new row
                self.life.crashes = 0
                raise
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
        with anyio.fail_after(self._deadlines.silence_s):
            await self._worker.send({**request, "job": self._job})

    async def _finish(self, frame: Frame) -> None:
        self.life.crashes = 0
        if frame.header.get("event") != "done":
            error = error_of(frame.header, self.name)
            if isinstance(error, EngineUnavailable):
                await self.life.drop()
                self.life.block(error, self._deadlines.retry_s)
            raise error

    async def _next_frame(self) -> Frame:
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
        if self.life.is_closed:
            raise EngineUnavailable(f"{self.name} is closed")
        await self.life.drop()
        self.life.crashes += 1
        self._log.warning("%s %s", self.name, what)
        if self.life.crashes >= _GIVE_UP_AFTER:
            raise self._give_up(f"{self.name} {what}, {self.life.crashes} times in a row")

    def _give_up(self, problem: str) -> EngineGaveUp:
        pause_s = self._deadlines.retry_s * 2 ** (self.life.crashes - _GIVE_UP_AFTER)
        error = EngineGaveUp(problem, "Another engine speaks for now; see: voice engines")
        self.life.block(error, min(pause_s, _LONGEST_PAUSE_S))
        return error

    @property
    def _worker(self) -> WorkerProcess:
        if self.life.worker is None:
            raise WorkerDied("is gone")
        return self.life.worker

    def _free(self) -> None:
        self._turn.release()
        self.life.note_end_of_work()

    async def _settle(self, worker: WorkerProcess, job: int) -> None:
        """Cancel `job` and wait for its end, so that the next sentence finds a free worker."""
        try:
            with anyio.fail_after(self._deadlines.cancel_s):
                await worker.cancel(job)
        except (TimeoutError, WorkerDied) as error:
            what = "did not stop in time" if isinstance(error, TimeoutError) else str(error)
            self._log.warning("%s %s after a cancel; it is started again", self.name, what)
            if worker is self.life.worker:
                await self.life.drop()
            self.begin_loading()
        finally:
            self._free()
