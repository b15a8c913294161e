"""What of a translator's prompts is evaluated in its worker, and the work of evaluating them that goes on."""

from __future__ import annotations

import math

import anyio

from claude_narrator.models.process import WorkerProcess
from claude_narrator.models.types import Language

Pair = tuple[Language, Language]
"""Source and target."""


class Warmed:
    """The pairs that one engine is warm for; all is lost with the worker."""

    def __init__(self) -> None:
        self._in: dict[Pair, WorkerProcess] = {}
        self._worked_s = -math.inf
        self._going_on: anyio.CancelScope | None = None
        self.has_failed = False

    @property
    def goes_on(self) -> bool:
        """Whether a prompt is evaluated now, and nobody has ended that."""
        return self._going_on is not None

    def holds(self, pair: Pair, worker: WorkerProcess | None) -> bool:
        """Return whether the prompt of a pair is evaluated in `worker`."""
        return worker is not None and self._in.get(pair) is worker

    def worked_s(self, worker: WorkerProcess | None) -> float:
        """Return when `worker` last translated, on the event loop's clock; minus infinity for never."""
        return self._worked_s if worker in self._in.values() else -math.inf

    def note(self, pair: Pair, worker: WorkerProcess | None) -> None:
        """Take note that the prompt of a pair is evaluated."""
        if worker is not None:
            self._in[pair] = worker

    def note_translated(self, pair: Pair, worker: WorkerProcess | None) -> None:
        """Take note of a translation: what stands before it is evaluated, and the engine works."""
        self._worked_s, self.has_failed = anyio.current_time(), False
        self.note(pair, worker)

    def begin(self, scope: anyio.CancelScope) -> None:
        """Take note that a prompt is evaluated in `scope`."""
        self._going_on = scope

    def over(self) -> None:
        """Take note that it has ended."""
        self._going_on = None

    def end(self) -> None:
        """End it; nothing happens when none is."""
        scope, self._going_on = self._going_on, None
        if scope is not None:
            scope.cancel()
