"""Has the prompts of translators evaluated as soon as they are in memory, before a sentence needs them.

A prompt that stands before every sentence of a direction costs a small machine seconds; evaluated, it costs
nothing. It is lost with the process: after a crash, an unload, a changed option. A sentence never waits for
this work: it ends it, and finds evaluated what was done so far.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import anyio

from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import Language

MAX_DIRECTIONS = 3
"""How many are kept evaluated: not more than every runtime keeps beside the one that is used."""
REST_S = 3.0
"""How long an engine that has worked must rest before another direction is evaluated in it."""


@dataclass(frozen=True, slots=True)
class Direction:
    """What is translated into what, and by whom: an engine, or `auto`."""

    source: Language
    target: Language
    translator: str = "auto"


class Warmth:
    """Which directions are in force, and that their prompts are evaluated. `run` must run all the time.

    `host_of` returns the engine that would translate a direction now, None when there is none.
    """

    def __init__(self, host_of: Callable[[Direction], EngineHost | None]) -> None:
        self._host_of = host_of
        self._directions: OrderedDict[Direction, None] = OrderedDict()
        self._changed = anyio.Event()

    def note(self, direction: Direction) -> None:
        """Remember a direction as the one that is in force now."""
        self._directions[direction] = None
        self._directions.move_to_end(direction, last=False)
        while len(self._directions) > MAX_DIRECTIONS:
            self._directions.popitem()

    def changed(self) -> None:
        """Tell that an engine came, went or has done its work, or that a direction is in force now."""
        self._changed.set()
        self._changed = anyio.Event()

    async def run(self) -> None:
        """Evaluate what is not evaluated, one after the other, until cancelled."""
        while True:
            changed = self._changed
            with anyio.move_on_after(await self._warm_next()):
                await changed.wait()

    async def _warm_next(self) -> float:
        """Evaluate the first that may be; return in how many seconds the next one may, if nothing changes."""
        wait_s = math.inf
        for direction in self._directions:
            host, pair = self._host_of(direction), (direction.source, direction.target)
            if host is None or host.is_busy or not host.is_cold(*pair):
                continue
            if (rest_s := host.worked_s + REST_S - anyio.current_time()) <= 0:
                await host.warm(*pair)
                return 0.0
            wait_s = min(wait_s, rest_s)
        return wait_s
