"""Real processes end, and the sessions that lived in them end with them, once, and only those."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from claude_narrator.daemon import claude_processes
from claude_narrator.daemon.claude_processes import NOBODY, ClaudeProcesses, HookParent
from claude_narrator.daemon.process_exit import ProcessExit
from claude_narrator.daemon.turns import GONE
from claude_narrator.models.types import Seconds

pytestmark = pytest.mark.anyio
LIMIT_S = 20
LONG_AGO = Seconds(-100.0)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lasts until it is killed."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


shell = child
"""Another one."""


class Desk:
    """Takes the ends that are reported; `processes` run meanwhile."""

    def __init__(self) -> None:
        self.reported: list[dict[str, Any]] = []
        self.changed = anyio.Event()
        self.processes = ClaudeProcesses(self._take, lambda: 0.0)

    def _take(self, payload: Mapping[str, Any]) -> None:
        self.reported.append(dict(payload))
        self.changed.set()

    def note(self, session: str, parent: HookParent, name: str = "Stop", now: Seconds = LONG_AGO) -> None:
        payload = {"hook_event_name": name, "session_id": session}
        assert self.processes.note(payload, parent, now) == payload


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    desk = Desk()
    with anyio.fail_after(LIMIT_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(desk.processes.run)
            yield desk
            tasks.cancel_scope.cancel()


@pytest.mark.parametrize(("attended", "reason"), [(True, GONE), (False, "other")])
async def test_a_session_whose_process_is_killed_ends_as_its_human_would_have_it(
    child: subprocess.Popen[bytes], attended: bool, reason: str
) -> None:
    async with open_desk() as desk:
        desk.note("a", HookParent(child.pid, attended))
        child.kill()
        await desk.changed.wait()
        (end,) = desk.reported
        assert (end["hook_event_name"], end["session_id"], end["reason"]) == ("SessionEnd", "a", reason)


async def test_a_process_that_lives_and_sessions_that_said_so_end_nothing(
    child: subprocess.Popen[bytes],
) -> None:
    async with open_desk() as desk:
        parent = HookParent(child.pid, True)
        desk.note("living elsewhere", HookParent(os.getpid(), True))
        desk.note("moved", parent)
        desk.note("moved", HookParent(os.getpid(), True))
        desk.note("over", parent)
        desk.note("over", parent, "SessionEnd")
        desk.note("left", parent)
        child.kill()
        await desk.changed.wait()
        assert [each["session_id"] for each in desk.reported] == ["left"]


async def test_an_end_that_is_still_on_its_way_when_the_process_has_gone_is_waited_for(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async with open_desk() as desk:
        parent = HookParent(child.pid, False)

        async def arrives_now(seconds: float) -> None:
            slept.append(seconds)
            desk.note("print mode", parent, "SessionEnd")
            await anyio.lowlevel.checkpoint()

        monkeypatch.setattr(claude_processes.anyio, "sleep", arrives_now)
        desk.note("print mode", parent)
        desk.note("another", parent)
        child.kill()
        await desk.changed.wait()
        assert [each["session_id"] for each in desk.reported] == ["another"]
    assert slept == [claude_processes.GRACE_S]


async def test_a_shell_between_claude_code_and_the_hook_is_not_taken_for_it(
    child: subprocess.Popen[bytes], shell: subprocess.Popen[bytes]
) -> None:
    async with open_desk() as desk:
        desk.note("behind a shell", HookParent(shell.pid, True), now=Seconds(0.0))
        desk.note("direct", HookParent(child.pid, True))
        shell.kill()
        gone = ProcessExit(shell.pid)  # not reaped yet, so it can be watched
        await gone.wait()
        gone.close()
        child.kill()
        await desk.changed.wait()
        assert [each["session_id"] for each in desk.reported] == ["direct"]


@pytest.mark.parametrize("pid", [0, 1, -1, 1 << 22, 1 << 40])
async def test_a_process_that_is_none_or_not_ours_is_passed_over(
    pid: int, child: subprocess.Popen[bytes]
) -> None:
    async with open_desk() as desk:
        desk.note("nowhere", HookParent(pid, True))
        desk.note("nobody", NOBODY)
        desk.note("a", HookParent(child.pid, True))
        child.kill()
        await desk.changed.wait()
        assert [each["session_id"] for each in desk.reported] == ["a"]


async def test_what_is_watched_is_bounded_and_given_back(child: subprocess.Popen[bytes]) -> None:
    before = set(os.listdir("/dev/fd"))
    async with open_desk() as desk:
        for number in range(2 * claude_processes.MAX_SESSIONS):
            desk.note(f"session {number}", HookParent(child.pid, True))
        child.kill()
        await desk.changed.wait()
        assert len(desk.reported) == claude_processes.MAX_SESSIONS
    assert set(os.listdir("/dev/fd")) == before


def test_a_terminal_that_is_closed_is_told_from_the_end_of_print_mode() -> None:
    processes = ClaudeProcesses(lambda payload: None, time.monotonic)
    end = {"hook_event_name": "SessionEnd", "session_id": "a", "reason": "other"}
    now = Seconds(0.0)
    assert processes.note(end, HookParent(0, attended=True), now) == {**end, "reason": GONE}
    assert processes.note(end, HookParent(0, attended=False), now) == end
    clear = {**end, "reason": "clear"}
    assert processes.note(clear, HookParent(0, attended=True), now) == clear
