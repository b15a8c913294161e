"""The http door: what is let in, and the one line each refusal gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from claude_narrator.daemon.gateway_address import GatewayAddress
from claude_narrator.daemon.http_gateway import MAX_BODY, HttpGateway

pytestmark = pytest.mark.anyio

TOKEN = "t" * 43


class Door:
    """A gateway on a free port that keeps the events it lets in."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.events: list[dict[str, Any]] = []
        self.gateway = HttpGateway(GatewayAddress(port, TOKEN), self.events.append)

    async def send(self, raw: bytes) -> bytes:
        """Send bytes and return everything that comes back until the gateway closes or has answered."""
        async with await anyio.connect_tcp("127.0.0.1", self.port) as stream:
            await stream.send(raw)
            await stream.send_eof()
            answer = b""
            with anyio.fail_after(5):
                try:
                    async for part in stream:
                        answer += part
                except anyio.BrokenResourceError:
                    pass
            return answer

    def request(self, body: bytes = b'{"a": 1}', line: str = "POST /hook", **changed: str | None) -> bytes:
        headers: dict[str, str | None] = {
            "Host": f"127.0.0.1:{self.port}",
            "Authorization": f"Bearer {TOKEN}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        headers.update({name.replace("_", "-"): value for name, value in changed.items()})
        lines = [f"{line} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items() if v is not None)]
        return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def open_door() -> AsyncIterator[Door]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.listeners[0].extra(anyio.abc.SocketAttribute.local_port)
    door = Door(port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, door.gateway.handle)
        yield door
        tasks.cancel_scope.cancel()


async def test_an_event_with_the_token_is_let_in_and_answered_with_nothing() -> None:
    async with open_door() as door:
        answer = await door.send(door.request(b'{"hook_event_name": "MessageDisplay"}'))
        assert answer.startswith(b"HTTP/1.1 204 ")
        assert door.events == [{"hook_event_name": "MessageDisplay"}]


async def test_one_connection_carries_many_events() -> None:
    async with open_door() as door:
        answer = await door.send(door.request(b'{"n": 1}') + door.request(b'{"n": 2}'))
        assert answer.count(b"HTTP/1.1 204 ") == 2
        assert door.events == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Content_Type": "text/plain"}, 415),
        ({"line": "GET /hook"}, 405),
        ({"line": "POST /hook?token=" + TOKEN, "Authorization": None}, 401),
        ({"line": "POST /other"}, 404),
        ({"Content_Length": str(10 << 20)}, 413),
        ({"body": b"{"}, 400),
        ({"body": b"[1]"}, 400),
        ({"body": b'{"a": NaN}'}, 400),
        ({"body": b"[" * 100_000}, 400),
        ({"body": b'{"a": "\xff"}'}, 400),
    ],
)
async def test_what_is_not_ours_is_refused_with_one_line_and_changes_nothing(
    change: dict[str, Any], status: int
) -> None:
    async with open_door() as door:
        answer = await door.send(door.request(**change))
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        body = answer.split(b"\r\n\r\n", 1)[1]
        assert body.count(b"\n") == 1
        assert b"Traceback" not in body
        assert door.events == []
        assert (await door.send(door.request())).startswith(b"HTTP/1.1 204 ")


async def test_a_body_that_grows_past_the_limit_is_refused_without_being_kept() -> None:
    async with open_door() as door:
        chunk = b"x" * 65536
        head = door.request(b"", Content_Length=None, Transfer_Encoding="chunked")
        chunks = (f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n") * (MAX_BODY // len(chunk) + 2)
        answer = await door.send(head + chunks + b"0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert door.events == []


async def test_garbage_and_endless_headers_are_refused() -> None:
    async with open_door() as door:
        assert (await door.send(b"\x00\x01\x02 garbage\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        endless = b"POST /hook HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 200_000
        assert (await door.send(endless)).startswith(b"HTTP/1.1 431 ")
        assert door.events == []


async def test_a_client_that_leaves_in_the_middle_takes_nothing_with_it() -> None:
    async with open_door() as door:
        whole = door.request(json.dumps({"text": "x" * 1000}).encode())
        await door.send(whole[: len(whole) // 2])
        assert (await door.send(door.request())).startswith(b"HTTP/1.1 204 ")
        assert door.events == [{"a": 1}]
