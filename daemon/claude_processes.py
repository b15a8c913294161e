"""Which process each Claude Code session lives in, and which sessions end with it without a word.

A hook tells the id of its parent: Claude Code, as the installer has it started. Where a shell stands between,
the parent ends with the hook, so a process that ends within BETWEEN_S of its first event is not believed to
be Claude Code, and its sessions stay until their own end.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from claude_narrator.daemon.process_exit import ProcessExit
from claude_narrator.daemon.turns import GONE
from claude_narrator.models.types import Seconds

BETWEEN_S = 2.0
GRACE_S = 0.5
"""What a process sent before it ended, its SessionEnd for one, may still be on its way for so long."""
MAX_SESSIONS = 256
MAX_PROCESSES = 64

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HookParent:
    """The process that started a hook: its id, 0 when it is not known; `attended` when it has a terminal."""

    pid: int = 0
    attended: bool = False


NOBODY = HookParent()


@dataclass(slots=True, eq=False)
class _Life:
    parent: HookParent
    met_s: Seconds
    exit: ProcessExit
    sessions: set[str] = field(default_factory=set)


class ClaudeProcesses:
    """Watches the processes of sessions, and reports the end of each session that one leaves behind."""

    def __init__(self, report: Callable[[Mapping[str, Any]], None], clock: Callable[[], float]) -> None:
        """Know no process; `report` is given the SessionEnd that was never sent.

        `clock` is that of the `now` of `note`.
        """
        self._report, self._clock = report, clock
        self._lives: dict[int, _Life] = {}
        self._of: OrderedDict[str, _Life] = OrderedDict()
        self._met: list[_Life] = []
        self._changed = anyio.Event()

    def note(self, payload: Mapping[str, Any], parent: HookParent, now: Seconds) -> Mapping[str, Any]:
        """Take an event that a hook of `parent` delivered, and return it as it is to be understood.

        Claude Code says `other` when its terminal is closed, and at the end of print mode, whose reply is
        to be heard to its end.
        """
        session = payload.get("session_id")
        if not isinstance(session, str):
            return payload
        if payload.get("hook_event_name") == "SessionEnd":
            self._leave(session)
            closed = parent.attended and payload.get("reason") == "other"
            return {**payload, "reason": GONE} if closed else payload
        if life := self._life(parent, now):
            self._leave(session)
            self._of[session] = life
            life.sessions.add(session)
            if len(self._of) > MAX_SESSIONS:
                self._leave(next(iter(self._of)))
        return payload

    async def run(self) -> None:
        """Watch until cancelled."""
        async with anyio.create_task_group() as tasks:
            try:
                while True:
                    self._changed = anyio.Event()
                    for life in self._met:
                        tasks.start_soon(self._watch, life)
                    self._met = []
                    await self._changed.wait()
            finally:
                for life in self._met:
                    life.exit.close()

    async def _watch(self, life: _Life) -> None:
        try:
            await life.exit.wait()
        finally:
            self._lives.pop(life.parent.pid, None)
            life.exit.close()
        is_between = self._clock() - life.met_s < BETWEEN_S
        await anyio.sleep(GRACE_S)
        for session in sorted(life.sessions):
            self._leave(session)
            if not is_between:
                _log.info("process %d of session %s has gone", life.parent.pid, session)
                self._report(_end_of(session, life.parent))

    def _life(self, parent: HookParent, now: Seconds) -> _Life | None:
        """Return what is known of a process, watched from now on when it is new; None when it cannot be."""
        known = self._lives.get(parent.pid)
        if known or parent.pid <= 1 or len(self._lives) >= MAX_PROCESSES:
            return known
        try:
            life = _Life(parent, now, ProcessExit(parent.pid))
        except (OSError, OverflowError) as error:
            _log.debug("the end of process %d cannot be watched: %s", parent.pid, error)
            return None
        self._lives[parent.pid] = life
        self._met.append(life)
        self._changed.set()
        return life

    def _leave(self, session: str) -> None:
        if life := self._of.pop(session, None):
            life.sessions.discard(session)


def _end_of(session: str, parent: HookParent) -> dict[str, Any]:
    reason = GONE if parent.attended else "other"
    return {
        "hook_event_name": "SessionEnd",
        "session_id": session,
        "transcript_path": "",
        "reason": reason,
    }
