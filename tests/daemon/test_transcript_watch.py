"""Transcripts that grow while a turn runs, as real files; the watch says what it finds."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from claude_narrator.daemon.transcript_records import Interruption, News
from claude_narrator.daemon.transcript_watch import LINGERS_S, RUNS_S, TranscriptWatch
from claude_narrator.models.types import Seconds
from tests.daemon.timed_payloads import VERSIONS

pytestmark = pytest.mark.anyio
LIMIT_S = 5
NARRATED = b"Eg0KC0IJbmFycmF0aW9u"
FILES = {name: folder / "tour-transcript-1.jsonl" for name, folder in VERSIONS.items()}


class Watched:
    """A watch on a folder of its own, and what it has reported."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.reports: list[tuple[str, str]] = []
        self.watch = TranscriptWatch(root, self._take)
        self._reported = anyio.Event()

    def _take(self, session: str, news: News) -> None:
        told = news.prompt_id if isinstance(news, Interruption) else news.text
        self.reports.append((session, told))
        self._reported.set()

    def path(self, session: str = "s", project: str = "project") -> Path:
        return self.root / project / f"{session}.jsonl"

    def note(self, name: str, session: str = "s", now: float | None = None, **fields: Any) -> None:
        path = fields.pop("path", self.path(session))
        payload = {"hook_event_name": name, "session_id": session, "transcript_path": str(path), **fields}
        self.watch.note(payload, Seconds(time.monotonic() if now is None else now))

    def append(self, text: bytes, session: str = "s", project: str = "project") -> None:
        path = self.path(session, project)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(text)

    async def report(self) -> tuple[str, str]:
        with anyio.fail_after(LIMIT_S):
            while not self.reports:
                self._reported = anyio.Event()
                await self._reported.wait()
        return self.reports.pop(0)


@asynccontextmanager
async def running(root: Path) -> AsyncIterator[Watched]:
    watched = Watched(root)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watched.watch.run)
        yield watched
        tasks.cancel_scope.cancel()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "projects"
    folder.mkdir()
    return folder


def interruption(prompt_id: str = "p") -> bytes:
    return (
        b'{"type":"user","promptId":"%s","message":{"content":[{"type":"text",'
        b'"text":"[Request interrupted by user]"}]}}\n' % prompt_id.encode()
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_the_recorded_session_tells_is_reported_as_it_is_appended(
    root: Path, version: str
) -> None:
    found: list[str] = []
    async with running(root) as watched:
        for line in FILES[version].read_bytes().splitlines(keepends=True):
            watched.note("UserPromptSubmit")
            watched.append(line)
            if NARRATED in line or (b"[Request interrupted" in line and b'"role":"user"' in line):
                found.append((await watched.report())[1])
        assert watched.reports == []
    assert len(found) == 3
    assert found.count("The folder lists two files; next the sizes are checked.") == 1


async def test_what_was_written_before_the_turn_is_not_reported(root: Path) -> None:
    async with running(root) as watched:
        watched.append(interruption("old"))
        watched.note("UserPromptSubmit")
        watched.append(interruption("new"))
        assert await watched.report() == ("s", "new")


async def test_a_slash_command_of_ours_begins_no_turn(root: Path) -> None:
    async with running(root) as watched:
        watched.note("UserPromptSubmit", prompt="/voice:stop")
        assert watched.watch.sessions == ()
        watched.note("UserPromptSubmit", prompt="Say /voice:stop.")
        assert watched.watch.sessions == ("s",)


@pytest.mark.parametrize("existing", [".", "project"])
async def test_a_transcript_that_comes_later_is_watched(root: Path, existing: str) -> None:
    (root / existing).mkdir(exist_ok=True)
    async with running(root) as watched:
        watched.note("MessageDisplay", message_id="m")
        await anyio.lowlevel.checkpoint()
        watched.append(interruption())
        assert await watched.report() == ("s", "p")


async def test_not_even_the_projects_folder_must_be_there(tmp_path: Path) -> None:
    async with running(tmp_path / "none" / "projects") as watched:
        watched.note("UserPromptSubmit")
        watched.append(interruption())
        assert await watched.report() == ("s", "p")


async def test_two_sessions_in_two_projects_are_told_apart(root: Path) -> None:
    async with running(root) as watched:
        for session in ("one", "two"):
            watched.append(b"\n", session, f"project of {session}")
            watched.note("UserPromptSubmit", session, path=watched.path(session, f"project of {session}"))
        watched.append(interruption("b"), "two", "project of two")
        assert await watched.report() == ("two", "b")
        watched.append(interruption("a"), "one", "project of one")
        assert await watched.report() == ("one", "a")


async def test_a_line_written_in_two_parts_is_found(root: Path) -> None:
    async with running(root) as watched:
        watched.note("UserPromptSubmit")
        watched.append(interruption()[:40])
        await anyio.sleep(0.1)
        watched.append(interruption()[40:])
        assert await watched.report() == ("s", "p")


async def test_a_link_to_a_project_elsewhere_is_not_watched(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "project").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    watched = Watched(root)
    watched.note("UserPromptSubmit")
    assert watched.watch.sessions == ()


async def test_a_running_watch_ends_when_it_is_cancelled(root: Path) -> None:
    with anyio.fail_after(LIMIT_S):
        async with running(root) as watched:
            watched.append(b"\n")
            watched.note("UserPromptSubmit")
            watched.append(interruption())
            await watched.report()


@pytest.mark.parametrize(
    "payload",
    [
        {"hook_event_name": "UserPromptSubmit"},
        {"hook_event_name": "UserPromptSubmit", "session_id": "s"},
        {"hook_event_name": "UserPromptSubmit", "session_id": "s", "transcript_path": 7},
        {"hook_event_name": "UserPromptSubmit", "session_id": "s", "transcript_path": ""},
        {"hook_event_name": "UserPromptSubmit", "session_id": "s", "transcript_path": "/etc/passwd"},
        {"hook_event_name": "UserPromptSubmit", "session_id": "s", "transcript_path": "\0"},
        {"hook_event_name": "SessionStart", "session_id": "s", "transcript_path": "{root}/s.jsonl"},
        {"hook_event_name": "Stop", "session_id": "s", "transcript_path": "{root}/s.jsonl"},
        {"hook_event_name": [], "session_id": "s", "transcript_path": "{root}/s.jsonl"},
        {
            "hook_event_name": "PreToolUse",
            "session_id": "s",
            "transcript_path": "{root}/s.jsonl",
            "agent_id": "a",
        },
    ],
)
async def test_what_tells_of_no_running_turn_is_passed_over(root: Path, payload: dict[str, Any]) -> None:
    watched = Watched(root)
    path = payload.get("transcript_path")
    if isinstance(path, str):
        payload = {**payload, "transcript_path": path.replace("{root}", str(root))}
    watched.watch.note(payload, Seconds(0.0))
    assert watched.watch.sessions == ()


async def _left_at(watched: Watched, now: float) -> tuple[str, ...]:
    watched.watch.expire(Seconds(now))
    return watched.watch.sessions


async def test_a_turn_is_watched_until_shortly_after_its_end(root: Path) -> None:
    watched = Watched(root)
    watched.note("UserPromptSubmit", now=0.0)
    watched.note("MessageDisplay", now=1.0, message_id="m")
    watched.note("Stop", now=2.0)
    watched.note("MessageDisplay", now=2.1, message_id="m")
    assert await _left_at(watched, 2.0 + LINGERS_S - 0.1) == ("s",)
    assert await _left_at(watched, 2.0 + LINGERS_S) == ()


async def test_a_turn_that_goes_on_after_a_blocked_stop_is_watched_on(root: Path) -> None:
    watched = Watched(root)
    watched.note("MessageDisplay", now=1.0, message_id="m")
    watched.note("Stop", now=2.0)
    watched.note("MessageDisplay", now=3.0, message_id="n")
    assert await _left_at(watched, 3.0 + RUNS_S - 1) == ("s",)
    assert await _left_at(watched, 3.0 + RUNS_S) == ()


async def test_a_session_that_has_ended_is_not_watched(root: Path) -> None:
    watched = Watched(root)
    watched.note("UserPromptSubmit", now=0.0)
    watched.note("SessionEnd", now=1.0)
    assert watched.watch.sessions == ()
