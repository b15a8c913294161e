"""The Unix socket: who may connect, what a bad frame costs, which daemon wins."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from claude_narrator.daemon.frames import FrameStream
from claude_narrator.daemon.protocol import Hook, Mcp, Request, Say, Shutdown, Status
from claude_narrator.daemon.server import AlreadyRunning, RunLock, Server, listen, make_private_folder
from claude_narrator.daemon.wire import HEADER, MAX_FRAME, encode
from claude_narrator.models.errors import BadInput, NarratorError

pytestmark = pytest.mark.anyio


class Service:
    """Answers what the socket brings, and keeps it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def answer(self, request: Request) -> dict[str, Any]:
        self.requests.append(request)
        if isinstance(request, Say) and not request.text:
            raise BadInput("nothing to say", "Give a text.")
        if isinstance(request, Say) and request.text == "bug":
            raise ZeroDivisionError
        return {"n": len(self.requests)}

    async def serve_mcp(self, frames: FrameStream, _: Mcp) -> None:
        while (body := await frames.read()) is not None:
            await frames.write(body[::-1])


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cn-") as name:
        yield Path(name)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[Path, Service]]:
    service, path = Service(), folder / "daemon.sock"
    async with await listen(path) as listener, anyio.create_task_group() as tasks:
        server = Server(service.answer, service.serve_mcp, tasks.cancel_scope.cancel)
        tasks.start_soon(server.serve, listener)
        yield path, service
        tasks.cancel_scope.cancel()


async def talk(path: Path, *raw: bytes) -> list[dict[str, Any]]:
    """Send bytes, end the sending side, and return the answers until the daemon closes."""
    answers = []
    async with await anyio.connect_unix(path) as stream:
        for part in raw:
            await stream.send(part)
        await stream.send_eof()
        frames = FrameStream(stream)
        with anyio.fail_after(5):
            while (body := await frames.read()) is not None:
                answers.append(json.loads(body))
    return answers


async def test_requests_on_one_connection_are_answered_in_order(folder: Path) -> None:
    async with serving(folder) as (path, _):
        answers = await talk(path, encode(Status()) + encode(Status()))
    assert [answer["result"]["n"] for answer in answers] == [1, 2]


async def test_the_socket_is_for_its_owner_alone(folder: Path) -> None:
    async with serving(folder) as (path, _):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_hook_gets_no_answer(folder: Path) -> None:
    async with serving(folder) as (path, service):
        assert await talk(path, encode(Hook({"hook_event_name": "Stop"}))) == []
        assert service.requests == [Hook({"hook_event_name": "Stop"})]


async def test_an_expected_failure_is_one_line_and_a_hint_and_the_connection_goes_on(folder: Path) -> None:
    async with serving(folder) as (path, _):
        first, second = await talk(path, encode(Say("")) + encode(Status()))
    assert first == {
        "ok": False,
        "error": {"code": "bad_input", "problem": "nothing to say", "hint": "Give a text."},
    }
    assert second["ok"] is True


async def test_a_bug_is_named_one_and_shows_no_traceback(folder: Path) -> None:
    async with serving(folder) as (path, _):
        (answer,) = await talk(path, encode(Say("bug")))
    assert answer["error"]["code"] == "bug"
    assert "Traceback" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (HEADER.pack(5) + b"{nope", "not valid JSON"),
        (HEADER.pack(3) + b"[1]", "not a JSON object"),
        (HEADER.pack(2) + b"\xff\xfe", "not valid JSON"),
        (HEADER.pack(MAX_FRAME + 1), "more than the"),
        (HEADER.pack(10 << 20) + b"x" * 1000, "more than the"),
        (HEADER.pack(100) + b"short", "closed inside a frame"),
        (b"\x00\x00", "closed inside a frame"),
        (HEADER.pack(10) + b'{"v": 99 }', "protocol version"),
        (HEADER.pack(24) + b'{"v": 1, "op": "nobody"}', "unknown op"),
        (HEADER.pack(21) + b'{"v": 1, "op": "say"}', "'text' is missing"),
    ],
)
async def test_a_frame_that_is_no_request_gets_one_line_and_harms_nobody_else(
    folder: Path, raw: bytes, expected: str
) -> None:
    async with serving(folder) as (path, service):
        (answer,) = await talk(path, raw)
        assert answer["ok"] is False
        assert expected in answer["error"]["problem"]
        assert service.requests == []
        assert (await talk(path, encode(Status())))[0]["ok"] is True


async def test_a_client_that_leaves_before_its_answer_harms_nobody_else(folder: Path) -> None:
    async with serving(folder) as (path, _):
        for _ in range(20):
            stream = await anyio.connect_unix(path)
            await stream.send(encode(Status()))
            await stream.aclose()
        assert (await talk(path, encode(Status())))[0]["ok"] is True


async def test_a_request_to_stop_is_answered_before_the_daemon_goes(folder: Path) -> None:
    async with serving(folder) as (path, _):
        assert await talk(path, encode(Shutdown())) == [{"ok": True, "result": {}}]


async def test_mcp_takes_the_rest_of_the_connection(folder: Path) -> None:
    async with serving(folder) as (path, _):
        hello = encode(Mcp(session="s", project="/p"))
        async with await anyio.connect_unix(path) as stream:
            frames = FrameStream(stream)
            await stream.send(hello)
            await frames.write(b"abc")
            with anyio.fail_after(5):
                assert await frames.read() == b"cba"
                await stream.send_eof()
                assert await frames.read() is None


async def test_a_stale_socket_file_of_a_dead_daemon_is_replaced(folder: Path) -> None:
    (folder / "daemon.sock").write_text("stale")
    async with serving(folder) as (path, _):
        assert (await talk(path, encode(Status())))[0]["ok"] is True


def test_only_one_holds_the_lock(folder: Path) -> None:
    lock = RunLock(folder / "run" / "lock")
    with pytest.raises(AlreadyRunning):
        RunLock(folder / "run" / "lock")
    lock.release()
    RunLock(folder / "run" / "lock").release()


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o710])
def test_a_folder_that_others_can_enter_is_refused_with_the_fix(folder: Path, mode: int) -> None:
    run = folder / "run"
    run.mkdir()
    run.chmod(mode)
    with pytest.raises(NarratorError, match="open to other users") as caught:
        make_private_folder(run)
    assert caught.value.hint == f"Run: chmod 700 {run}"


def test_a_link_in_place_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "elsewhere").mkdir(mode=0o700)
    (folder / "run").symlink_to(folder / "elsewhere")
    with pytest.raises(NarratorError, match="is not a folder"):
        make_private_folder(folder / "run")


def test_another_users_folder_is_refused(folder: Path) -> None:
    somebody_elses = Path("/")
    if os.getuid() == 0:  # to root every folder is his own, until he gives one away
        somebody_elses = folder / "run"
        somebody_elses.mkdir(mode=0o700)
        os.chown(somebody_elses, 12345, -1)
    with pytest.raises(NarratorError, match="belongs to another user"):
        make_private_folder(somebody_elses)
