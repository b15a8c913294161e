"""Keeps the engines in memory within the user's limit: makes room for one, ends those whose time is up."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import anyio

from claude_narrator.models.budget import RECENT_S, NoRoom, Resident, Room, make_room, relieve
from claude_narrator.models.engine_state import Deadlines, DoesNotFit
from claude_narrator.models.host import EngineHost
from claude_narrator.models.lifecycle import PutOff
from claude_narrator.models.policy import Policy
from claude_narrator.models.quantities import format_bytes

CHECK_S = 2.0
"""How often memory is measured while an engine works."""
HELD_S = 300.0
"""How long after its use an engine stays against one that is needed less."""
_HINT = "Raise models.memory_limit, or choose a smaller model."

_log = logging.getLogger(__name__)


class Residency:
    """Which engines are in memory. `run` must run for as long as there are any.

    `hosts` may change at any time. `is_embedded` tells which of them always stay; `needs_of` what one will
    take, best first, in bytes; `outweighs` whether the first of two is needed more than the second.
    """

    def __init__(
        self,
        hosts: Mapping[str, EngineHost],
        is_embedded: Callable[[str], bool],
        needs_of: Callable[[str], Sequence[int]],
        policy: Policy,
        deadlines: Deadlines,
        outweighs: Callable[[str, str], bool] = lambda engine, other: False,
    ) -> None:
        self.policy = policy
        self._outweighs = outweighs
        self._hosts, self._is_embedded, self._needs_of = hosts, is_embedded, needs_of
        self._deadlines = deadlines
        self._reserved: dict[str, int] = {}
        self._lock = anyio.Lock()
        self._changed = anyio.Event()

    async def run(self) -> None:
        """Unload what has stayed its time, and what must go because others have grown, until cancelled."""
        while True:
            changed = self._changed
            async with self._lock:
                for name in (*self._expired(), *relieve(self._residents(), self.policy.limit_bytes)):
                    await self._unload(name)
            with anyio.move_on_after(self._next_look_s()):
                await changed.wait()

    def changed(self) -> None:
        """Tell that an engine came, went, failed or has done its work, or that the policy is another."""
        self._changed.set()
        self._changed = anyio.Event()

    async def admit(self, name: str, is_wanted: Callable[[], bool]) -> int:
        """Make room for `name`, and return how many bytes it may take.

        :raises DoesNotFit: it needs more than there is, what it would need is needed more by others, or what
            works now has not ended in time.
        :raises PutOff: nobody waits for it, and others work or were used a moment ago.
        """
        deadline_s = time.monotonic() + self._deadlines.room_s
        while True:
            changed = self._changed
            async with self._lock:
                made = self._room_for(name, is_wanted())
                if isinstance(made, Room) and await self._unload_all(made.unload):
                    self._reserved[name] = next(need for need in self._needs(name) if need <= made.bytes)
                    return made.bytes
            if isinstance(made, Room):  # one of them has begun to work meanwhile
                continue
            if made.alone:
                raise DoesNotFit(f"{name} {self._figures(made)}", _HINT)
            if not is_wanted():
                raise PutOff(self._figures(made))
            if not made.passing or time.monotonic() > deadline_s:
                raise DoesNotFit(f"{name} {self._figures(made)}", _HINT)
            with anyio.move_on_after(deadline_s - time.monotonic()):
                await changed.wait()

    def unfit(self, name: str) -> str:
        """Return why `name` could not even be alone in memory; "" when it could."""
        if self._is_embedded(name) or self._hosts[name].life.is_ready:
            return ""
        made = self._room_for(name, wanted=True)
        return self._figures(made) if isinstance(made, NoRoom) and made.alone else ""

    def used_bytes(self) -> int:
        """Return what all engines take now."""
        return sum(resident.bytes for resident in self._residents())

    def unloads_in_s(self, name: str) -> float | None:
        """Return when `name` leaves memory if it is not used; None for never, or when it is not there."""
        host = self._hosts[name]
        if self._is_embedded(name) or not host.life.is_ready:
            return None
        left_s = host.life.used_s + self.policy.keeps_s(name) - time.monotonic()
        return None if math.isinf(left_s) else max(0.0, left_s)

    def _room_for(self, name: str, wanted: bool) -> Room | NoRoom:
        others = [self._held(each, name) for each in self._residents() if each.name != name]
        if self._is_embedded(name):
            return Room((), self.policy.limit_bytes)
        spare_since_s = math.inf if wanted else time.monotonic() - RECENT_S
        return make_room(self._needs(name), others, self.policy.limit_bytes, spare_since_s)

    def _held(self, resident: Resident, newcomer: str) -> Resident:
        recent = resident.last_used_s > time.monotonic() - HELD_S
        return replace(resident, held=recent and self._outweighs(resident.name, newcomer))

    def _needs(self, name: str) -> Sequence[int]:
        """What it was seen to take, if that is known, and what smaller models of its own are expected to."""
        if self._is_embedded(name):
            return (0,)
        expected, seen = self._needs_of(name), self._hosts[name].life.settled_bytes
        return (seen, *(need for need in expected[1:] if need < seen)) if seen else expected

    def _residents(self) -> list[Resident]:
        return [
            Resident(name, self._bytes_of(name), host.life.used_s, self._is_embedded(name), host.is_busy)
            for name, host in self._hosts.items()
            if name in self._reserved or host.life.is_ready
        ]

    def _bytes_of(self, name: str) -> int:
        """What it takes; while it loads, what was promised to it if that is more."""
        host = self._hosts[name]
        if not host.life.is_loading:
            self._reserved.pop(name, None)
        return max(self._reserved.get(name, 0), host.life.taken_bytes)

    def _expired(self) -> Iterator[str]:
        for name, host in self._hosts.items():
            if not host.is_busy and self.unloads_in_s(name) == 0:
                yield name

    def _next_look_s(self) -> float:
        if any(host.is_busy for host in self._hosts.values()):
            return CHECK_S
        spans = [left_s for name in self._hosts if (left_s := self.unloads_in_s(name)) is not None]
        return min(spans, default=math.inf)

    async def _unload_all(self, names: Sequence[str]) -> bool:
        """Return False as soon as one of them works again, and stays."""
        for name in names:
            if not await self._unload(name):
                return False
        return True

    async def _unload(self, name: str) -> bool:
        host = self._hosts.get(name)
        if host is None:
            return True
        size = format_bytes(host.life.taken_bytes)
        if not await host.unload():
            return False
        _log.info("%s left memory, %s", name, size)
        return True

    def _figures(self, made: NoRoom) -> str:
        needed, allowed = format_bytes(made.needed_bytes), format_bytes(self.policy.limit_bytes)
        if not made.by:
            return f"needs {needed} of memory, and engines may take {allowed}"
        beside = f"{format_bytes(made.taken_bytes)} of {', '.join(made.by)}"
        return f"needs {needed} of memory beside {beside}, and engines may take {allowed}"
