"""An engine in its worker process: loaded once for all who ask, left alone after it failed, unloaded."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio
from anyio.abc import TaskGroup

from claude_narrator.models.engine_state import Deadlines, DoesNotFit, EngineSpec, EngineState, Status
from claude_narrator.models.errors import EngineUnavailable, NarratorError
from claude_narrator.models.footprint import Footprint
from claude_narrator.models.process import WorkerDied, WorkerProcess, start_worker
from claude_narrator.models.resume import error_of
from claude_narrator.models.types import Milliseconds, Seconds

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 300.0
"""After a load that failed: who starts a server, or frees memory, does not wait for it longer than that."""


class PutOff(Exception):
    """There is no room for an engine that nobody waits for; the message says what takes it."""


Admit = Callable[[Callable[[], bool]], Awaitable[int]]
"""Given what tells whether somebody waits, makes room and returns how many bytes the engine may take.

Raises EngineUnavailable when it does not fit, and PutOff when it would but nobody waits.
"""


class Lifecycle:
    """Whether one engine is in memory.

    `tasks` outlives it and runs the loading, which a cancelled caller must not stop. `changed` is called when
    it has come, gone or failed. `crashes` is the number of those in a row; it delays the next start.
    """

    def __init__(
        self,
        spec: EngineSpec,
        tasks: TaskGroup,
        deadlines: Deadlines,
        admit: Admit | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.crashes = 0
        self.worker: WorkerProcess | None = None
        self._spec, self._tasks, self._deadlines = spec, tasks, deadlines
        self._admit, self._changed = admit, changed
        self._log = logging.getLogger(f"{__name__}.{spec.name}")
        self._state = EngineState(spec.name)
        self._since_s = self._used_s = time.monotonic()
        self._loading: anyio.Event | None = None
        self._waiting = 0
        self._was_put_off = False
        self._failure: NarratorError | None = None
        self._failed_loads = 0
        self._blocked_until_s = 0.0
        self._footprint = Footprint()
        self._closing = anyio.Event()

    @property
    def status(self) -> Status:
        """What the engine does now."""
        return "idle" if self._state.status == "ready" and not self.is_ready else self._state.status

    @property
    def state(self) -> EngineState:
        """What the engine does now, measured now."""
        now_s, state = time.monotonic(), self._state
        if state.status != self.status:  # it has died since
            state = replace(state, status="idle", pid=0)
        return replace(
            state,
            rss_bytes=self.taken_bytes,
            for_s=Seconds(now_s - self._since_s),
            idle_s=Seconds(now_s - self._used_s) if state.status == "ready" else None,
            retries_in_s=Seconds(self._blocked_until_s - now_s) if self.is_blocked else None,
        )

    @property
    def taken_bytes(self) -> int:
        """What its process takes in memory."""
        return self._footprint.of(self._live_pid)

    @property
    def is_ready(self) -> bool:
        """Whether it can work at once."""
        return self._loading is None and self.worker is not None and self.worker.is_alive

    @property
    def is_loading(self) -> bool:
        """Whether it is on its way into memory."""
        return self._loading is not None

    @property
    def is_blocked(self) -> bool:
        """Whether it failed and is left alone."""
        return self._failure is not None and time.monotonic() < self._blocked_until_s

    @property
    def is_closed(self) -> bool:
        """Whether it has ended for good."""
        return self._closing.is_set()

    @property
    def used_s(self) -> float:
        """When it was used last, or loaded, on the monotonic clock."""
        return self._used_s

    @property
    def settled_bytes(self) -> int:
        """What it is known to take once loaded; 0 while that is not known."""
        return self._footprint.settled_bytes

    async def load(self) -> None:
        """Return when it is ready; a cancelled caller leaves the loading to go on.

        :raises EngineUnavailable: it cannot be loaded, or failed not long ago.
        """
        self._waiting += 1
        try:
            self._was_put_off = True
            while self._was_put_off and not self.is_ready:
                self._was_put_off = False
                self.begin_loading()
                if self._loading is not None:
                    await self._loading.wait()
                if self._failure is not None:
                    raise type(self._failure)(self._failure.problem, self._failure.hint)
        finally:
            self._waiting -= 1

    def begin_loading(self) -> None:
        """Load in the background, unless that is done, under way, or failed a moment ago."""
        if self.is_ready or self._loading is not None or self.is_blocked or self.is_closed:
            return
        self._failure = None
        self._loading = anyio.Event()
        self._become("loading")
        self._tasks.start_soon(self._load, self._loading)

    def note_use(self) -> None:
        """Remember that it is used now."""
        self._used_s = time.monotonic()

    def note_end_of_work(self) -> None:
        """Remember that it has worked, and measure what its first work has added."""
        self.note_use()
        self._footprint.note_worked(self._live_pid)
        self._changed()

    def block(self, error: NarratorError, pause_s: float) -> None:
        """Leave it alone for `pause_s`: every call raises `error` at once."""
        self._failure = error
        self._blocked_until_s = time.monotonic() + pause_s
        self._state = EngineState(self._spec.name, recovering=True)
        self._become("failed", str(error))

    async def drop(self) -> None:
        """Kill the worker, if there is one."""
        if self.worker is not None:
            self._become("idle")
        await self._kill()

    async def unload(self) -> None:
        """End the worker in peace, and begin anew when it is needed."""
        worker, self.worker = self.worker, None
        if worker is not None:
            self._state = EngineState(self._spec.name)
            self._become("idle")
            await worker.stop(self._deadlines.close_s)

    async def close(self) -> None:
        """End the worker. Every later call raises EngineUnavailable. Safe to call more than once."""
        self._closing.set()
        self._failure = EngineUnavailable(f"{self._spec.name} is closed")
        self._blocked_until_s = float("inf")
        self._changed()
        await self.unload()
        if self._loading is not None:
            await self._loading.wait()
        self._state = EngineState(self._spec.name)

    async def _load(self, done: anyio.Event) -> None:
        """Start the process and load the engine; whatever comes of it is in the state when `done` is set."""
        name, started_s = self._spec.name, time.monotonic()
        try:
            with anyio.fail_after(self._deadlines.load_s):
                allowed_bytes = await self._admit(self._is_wanted) if self._admit else 0
                started_s = time.monotonic()
                await self._start(allowed_bytes)
            load_ms = Milliseconds((time.monotonic() - started_s) * 1000)
            self._state = replace(self._state, load_ms=load_ms, recovering=False)
            self._failed_loads = 0
            self._become("ready")
            self._log.info("%s is ready after %.0f ms", name, load_ms)
        except PutOff as reason:
            self._was_put_off = True
            self._become("idle", str(reason))
        except NarratorError as error:
            await self._load_failed(error)
        except (WorkerDied, OSError) as error:  # TimeoutError is an OSError
            what = f"{error} while it loaded"
            hint = "See: voice log. Damaged files are found by voice models verify."
            if isinstance(error, TimeoutError):
                what, hint = "was not ready in time", "See: voice log"
            await self._load_failed(EngineUnavailable(f"{name} {what}", hint))
        except anyio.get_cancelled_exc_class():
            await self.drop()
            raise
        finally:
            self._loading = None
            self.note_use()
            done.set()
            self._changed()

    def _is_wanted(self) -> bool:
        return self._waiting > 0 and not self.is_closed

    async def _start(self, allowed_bytes: int) -> None:
        restarts = self._state.restarts + (self._state.load_ms is not None)
        await self._kill()
        if self.crashes > 1:
            with anyio.move_on_after(_FIRST_PAUSE_S * 2 ** (self.crashes - 2)):
                await self._closing.wait()
        with anyio.fail_after(self._deadlines.start_s):
            with anyio.CancelScope(shield=True):  # a start that is cut short leaves a process nobody knows
                worker = await start_worker(self._spec, self._log)
            self.worker = worker
            if self.is_closed:
                raise WorkerDied("is closed")
            self._tasks.start_soon(worker.copy_stderr)
            await worker.receive()
        self._state = replace(self._state, pid=worker.pid, restarts=restarts)
        self._become("loading")
        header = await worker.load(self._spec, allowed_bytes)
        if header.get("event") != "loaded":
            raise error_of(header, self._spec.name)
        device, precision = str(header.get("device", "")), str(header.get("precision", ""))
        self._footprint.note_loaded(worker.pid)
        self._state = replace(self._state, device=device, precision=precision)

    async def _load_failed(self, error: NarratorError) -> None:
        await self.drop()
        if not self.is_closed:
            is_cheap = isinstance(error, DoesNotFit)
            self._log.log(logging.INFO if is_cheap else logging.ERROR, "%s", error)
            self._failed_loads += not is_cheap
            longer = 2 ** min(20, max(0, self._failed_loads - 1))
            pause_s = self._deadlines.retry_s * (1 if is_cheap else longer)
            self.block(error, min(pause_s, max(_LONGEST_PAUSE_S, self._deadlines.retry_s)))

    @property
    def _live_pid(self) -> int:
        return self.worker.pid if self.worker is not None and self.worker.is_alive else 0

    async def _kill(self) -> None:
        worker, self.worker = self.worker, None
        if worker is not None:
            await worker.kill()

    def _become(self, status: Status, reason: str = "") -> None:
        """Enter `status`; how long it has been in it begins anew only when it is another."""
        if status != self._state.status:
            self._since_s = time.monotonic()
        pid = self._state.pid if status in ("loading", "ready") else 0
        self._state = replace(self._state, status=status, reason=reason, pid=pid)
        self._changed()
