"""The loopback http door for MessageDisplay: checks first, answers at once, thinks afterwards.

A browser page may reach any loopback port, so the Host and Origin headers are checked besides the token (DNS
rebinding, cross-site requests). Only POST /hook exists; nothing changes on any other request.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from typing import Any

import anyio
import h11
from anyio.abc import SocketStream

from claude_narrator.daemon.gateway_address import GatewayAddress
from claude_narrator.daemon.wire import ProtocolError, parse_object

MAX_BODY = 1 << 20
"""Bytes of one event."""
MAX_HEADERS = 16 << 10
REQUEST_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 120.0
MAX_CONNECTIONS = 64

_log = logging.getLogger(__name__)


class _Refusal(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class HttpGateway:
    """Accepts events at `address` and gives each to `on_event` after the answer has gone out."""

    def __init__(self, address: GatewayAddress, on_event: Callable[[dict[str, Any]], None]) -> None:
        self._address = address
        self._on_event = on_event
        self._hosts = {f"127.0.0.1:{address.port}".encode(), f"localhost:{address.port}".encode()}
        self._open = 0
        self.refused = 0

    async def handle(self, stream: SocketStream) -> None:
        """Serve one connection until it closes, idles or misbehaves."""
        async with stream:
            if self._open >= MAX_CONNECTIONS:
                return
            self._open += 1
            try:
                await self._requests(stream)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, TimeoutError):
                _log.debug("an http client left")
            finally:
                self._open -= 1

    async def _requests(self, stream: SocketStream) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEADERS)
        while connection.states[h11.CLIENT] is h11.IDLE:
            if not await self._one(stream, connection):
                return
            if connection.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
                connection.start_next_cycle()

    async def _one(self, stream: SocketStream, connection: h11.Connection) -> bool:
        """Answer one request; False when the connection is over."""
        event: dict[str, Any] | None = None
        try:
            request = await _request(stream, connection)
            if request is None:
                return False
            self._check(request)
            event = parse_object(await _body(stream, connection))
            await _respond(stream, connection, 204, b"")
        except ProtocolError as error:
            await self._refuse(stream, connection, _Refusal(400, str(error)))
        except h11.RemoteProtocolError as error:
            await self._refuse(stream, connection, _Refusal(error.error_status_hint, str(error)))
        except _Refusal as refusal:
            await self._refuse(stream, connection, refusal)
        if event is not None:
            self._on_event(event)
        return connection.our_state is h11.DONE

    def _check(self, request: h11.Request) -> None:
        headers = dict(request.headers)
        if headers.get(b"host", b"") not in self._hosts:
            raise _Refusal(421, "the Host header names another server")
        if b"origin" in headers:
            raise _Refusal(403, "a browser page may not post here")
        expected = b"Bearer " + self._address.token.encode()
        if not hmac.compare_digest(headers.get(b"authorization", b""), expected):
            raise _Refusal(401, "the token is missing or wrong: run voice-install again")
        if request.target != b"/hook":
            raise _Refusal(404, "there is only /hook")
        if request.method != b"POST":
            raise _Refusal(405, "only POST is understood")
        if headers.get(b"content-type", b"").split(b";")[0].strip() != b"application/json":
            raise _Refusal(415, "the body must be application/json")
        if int(headers.get(b"content-length", b"0")) > MAX_BODY:
            raise _Refusal(413, f"the body is larger than {MAX_BODY} bytes")

    async def _refuse(self, stream: SocketStream, connection: h11.Connection, refusal: _Refusal) -> None:
        self.refused += 1
        _log.warning("refused an http request: %s %s", refusal.status, refusal)
        if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await _respond(stream, connection, refusal.status, f"{refusal}\n".encode())


async def _request(stream: SocketStream, connection: h11.Connection) -> h11.Request | None:
    with anyio.fail_after(IDLE_TIMEOUT_S):
        event = await _next_event(stream, connection)
    return event if isinstance(event, h11.Request) else None


async def _body(stream: SocketStream, connection: h11.Connection) -> bytes:
    body = bytearray()
    with anyio.fail_after(REQUEST_TIMEOUT_S):
        while isinstance(event := await _next_event(stream, connection), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise _Refusal(413, f"the body is larger than {MAX_BODY} bytes")
    return bytes(body)


async def _next_event(stream: SocketStream, connection: h11.Connection) -> Any:
    while (event := connection.next_event()) is h11.NEED_DATA:
        try:
            received = await stream.receive(65536)
        except anyio.EndOfStream:
            received = b""
        connection.receive_data(received)
    return event


async def _respond(stream: SocketStream, connection: h11.Connection, status: int, body: bytes) -> None:
    headers = [("content-length", str(len(body)))] if body else []
    if status >= 400:
        headers.append(("connection", "close"))
    answer = connection.send(h11.Response(status_code=status, headers=headers)) or b""
    answer += connection.send(h11.Data(data=body)) or b""
    answer += connection.send(h11.EndOfMessage()) or b""
    await stream.send(answer)
