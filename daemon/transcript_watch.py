"""Watches the transcripts of running turns: of Esc, and of narration, no hook tells, but a line there."""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from watchfiles import awatch

from claude_narrator.daemon.slash_commands import is_slash_command
from claude_narrator.daemon.transcript import Tail
from claude_narrator.daemon.transcript_records import Interruption, News, Records
from claude_narrator.models.types import Seconds

RUNS_S = Seconds(900)
"""How long a turn of which nothing is heard is taken to be running."""
LINGERS_S = Seconds(2)
"""How long a turn is watched after its end: Stop overtakes deltas."""
POLL_S = Seconds(0.25)
MAX_WATCHED = 64
_DEBOUNCE_MS, _STEP_MS = 50, 20

_BEGINNINGS = frozenset({"UserPromptSubmit", "MessageDisplay", "PreToolUse"})
_ENDS = frozenset({"Stop", "StopFailure"})

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    """A turn that is watched until `until_s`; `message_id` is the last one displayed."""

    tail: Tail
    until_s: Seconds
    message_id: str = ""
    records: Records = field(default_factory=Records)

    def read(self) -> list[News]:
        """Return what the transcript has told since. Blocking."""
        return [news for line in self.tail.read() if (news := self.records.news_in(line))]


class TranscriptWatch:
    """Calls `on_news(session, news)` with what the transcript of a running turn tells.

    Hook payloads say which turns are running. Nothing is watched, and no time spent, while none is.
    """

    def __init__(self, root: Path, on_news: Callable[[str, News], None]) -> None:
        """Watch below `root` alone."""
        self._root, self._on_news = Path(os.path.realpath(root)), on_news
        self._running: OrderedDict[str, _Running] = OrderedDict()
        self._changed = anyio.Event()

    @property
    def sessions(self) -> tuple[str, ...]:
        """The sessions whose transcripts are watched."""
        return tuple(self._running)

    def note(self, payload: Mapping[str, Any], now: Seconds) -> None:
        """Learn from a hook payload that a turn runs, or has ended; what makes no sense is passed over."""
        name, session, path, message_id = (
            payload.get(key) for key in ("hook_event_name", "session_id", "transcript_path", "message_id")
        )
        if not (isinstance(name, str) and isinstance(session, str) and isinstance(path, str)):
            return
        if payload.get("agent_id") or is_slash_command(str(payload.get("prompt", ""))):
            return
        if name in _BEGINNINGS and path:
            self._runs(session, Path(path), message_id if isinstance(message_id, str) else "", now)
        elif name in _ENDS and session in self._running:
            self._running[session].until_s = Seconds(now + LINGERS_S)
        elif name == "SessionEnd":
            self._running.pop(session, None)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            self._changed = anyio.Event()
            self.expire(Seconds(time.monotonic()))
            if not self._running:
                await self._changed.wait()
                continue
            await self._read()
            await self._follow(self._folders())

    def _runs(self, session: str, path: Path, message_id: str, now: Seconds) -> None:
        known = self._running.get(session)
        if known and known.tail.path == path:
            late = message_id == known.message_id != "" and known.until_s <= now + LINGERS_S
            known.until_s = known.until_s if late else Seconds(now + RUNS_S)
            known.message_id = message_id or known.message_id
            return
        if not _real(path).is_relative_to(self._root):
            return
        self._running[session] = _Running(Tail(path, self._root), Seconds(now + RUNS_S), message_id)
        if len(self._running) > MAX_WATCHED:
            self._running.popitem(last=False)
        self._changed.set()

    def expire(self, now: Seconds) -> None:
        """Watch no more what has ended."""
        for session in [name for name, each in self._running.items() if each.until_s <= now]:
            del self._running[session]

    def _folders(self) -> frozenset[Path]:
        """Return the folders to watch: of a transcript that is not there yet, the nearest one that is."""
        found = (self._folder_of(each.tail.path) for each in self._running.values())
        return frozenset(folder for folder in found if folder)

    def _folder_of(self, path: Path) -> Path | None:
        inside = (folder for folder in _real(path).parents if folder.is_relative_to(self._root))
        return next((folder for folder in inside if folder.is_dir()), None)

    async def _follow(self, folders: frozenset[Path]) -> None:
        """Read when something changes in `folders`; return when others are to be watched."""
        if not folders:
            await anyio.sleep(POLL_S)
            return
        stop = self._changed
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_set_when_cancelled, stop)
            try:
                await self._read_on_changes(folders, stop)
            except (OSError, RuntimeError) as error:  # the system has no more watches to give
                _log.debug("transcripts are looked at by the clock: %s", error)
                await anyio.sleep(POLL_S)
            tasks.cancel_scope.cancel()

    async def _read_on_changes(self, folders: frozenset[Path], stop: anyio.Event) -> None:
        changes = awatch(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            stop_event=stop,
            rust_timeout=int(POLL_S * 1000),
            yield_on_timeout=True,
            recursive=False,
        )
        async with aclosing(changes):
            async for _ in changes:
                await self._read()
                self.expire(Seconds(time.monotonic()))
                if self._folders() != folders:
                    break

    async def _read(self) -> None:
        watched = tuple(self._running.items())
        told = await anyio.to_thread.run_sync(_read_all, tuple(each for _, each in watched))
        for (session, each), news in zip(watched, told, strict=True):
            for one in news if self._running.get(session) is each else ():
                if isinstance(one, Interruption):
                    each.until_s = Seconds(time.monotonic() + LINGERS_S)
                self._on_news(session, one)


def _real(path: Path) -> Path:
    """Return `path` without links; one that cannot be a path is the root of all."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return Path("/")


def _read_all(watched: tuple[_Running, ...]) -> list[list[News]]:
    return [each.read() for each in watched]


async def _set_when_cancelled(stop: anyio.Event) -> None:
    """End the watching thread, which does not see that its task is cancelled."""
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()
