"""Asks an HTTP server for one thing at a time and can let go of it at any moment.

The request runs in a thread of its own. While nothing arrives the caller gets empty blocks, so that a worker
sees a cancel; when the caller closes the iterator, the connection is shut at once and the server can stop.
Redirects are not followed and proxies not asked: the text goes where the user pointed and nowhere else.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from claude_narrator.models.errors import EngineFailed, EngineUnavailable, NarratorError

CONNECT_TIMEOUT_S = 4.0
ANSWER_TIMEOUT_S = 20.0
"""Without a byte of the answer; below the 30 s after which the worker itself would be killed."""
MAX_ANSWER_BYTES = 1 << 26
_SIGN_OF_LIFE_S = 0.1
_BLOCK = 1 << 14
_LASTING_STATUSES = frozenset((401, 403, 404, 429, 502, 503, 504))


class ServerFailed(NarratorError):
    """The server did not do what it was asked; `status` is its HTTP status, 0 when there is none.

    `is_lasting` says that the next sentence would fare no better: nobody answers, or nobody lets us in. No
    engine lets it out: see `Server.failures_in_work`.
    """

    code = "server_failed"

    def __init__(self, problem: str, hint: str = "", status: int = 0, is_lasting: bool = False) -> None:
        super().__init__(problem, hint)
        self.status = status
        self.is_lasting = is_lasting or status in _LASTING_STATUSES


@dataclass(frozen=True, slots=True)
class Server:
    """Where to ask: `address` for messages, `path` before every path, `headers` of every request."""

    engine: str
    is_https: bool
    host: str
    port: int
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
        wants_sound: bool = False,
    ) -> Generator[bytes, None, None]:
        """Yield the answer's body as it comes, `b""` while nothing does.

        A `body` is sent as JSON; bytes are sent as they are, of the type that the server's headers say.

        `wants_sound` refuses an answer that says it is text.

        :raises ServerFailed: no connection, a status that is no success, `timeout_s` without a byte, an
            answer that breaks off or never ends.
        """
        exchange = _Exchange(self, method, path, body, wants_sound)
        silent_s = 0.0
        try:
            while True:
                asked_s = time.monotonic()
                if (block := exchange.next_block()) is None:
                    return
                silent_s = 0.0 if block else silent_s + time.monotonic() - asked_s
                if silent_s > timeout_s:
                    problem = f"{self.address} was silent for {timeout_s:.0f} s"
                    raise ServerFailed(problem, is_lasting=True)
                yield block
        finally:
            exchange.close()

    def whole(self, method: str, path: str, body: Any = None, timeout_s: float = ANSWER_TIMEOUT_S) -> bytes:
        """Return the whole body of an answer.

        :raises ServerFailed: as `ask`.
        """
        return b"".join(self.ask(method, path, body, timeout_s))

    def json_of(self, method: str, path: str, body: Any = None, timeout_s: float = ANSWER_TIMEOUT_S) -> Any:
        """Return the JSON value of an answer.

        :raises ServerFailed: as `ask`, or the answer is no JSON.
        """
        return self.parse_json(self.whole(method, path, body, timeout_s))

    def parse_json(self, content: bytes) -> Any:
        """Return the JSON value in `content`.

        :raises ServerFailed: there is none.
        """
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise self.nonsense("what is no JSON") from None

    def nonsense(self, what: str) -> ServerFailed:
        """Return the error that says that the server answered `what`."""
        return ServerFailed(f"{self.address} answered {what}", self.check_url())

    def unusable(self, error: ServerFailed) -> EngineUnavailable:
        """Return what `load` raises because of `error`."""
        return EngineUnavailable(f"{self.engine} cannot be used: {error.problem}", error.hint)

    @contextlib.contextmanager
    def failures_in_work(self) -> Iterator[None]:
        """Turn what goes wrong with a sentence into what an engine may raise.

        :raises EngineUnavailable: it lasts, so another engine should take over for a while.
        :raises EngineFailed: it is this sentence alone.
        """
        try:
            yield
        except ServerFailed as error:
            if error.is_lasting:
                raise self.unusable(error) from None
            raise EngineFailed(error.problem, error.hint) from None

    def check_url(self) -> str:
        """Return the hint to look at the setting."""
        return f"Check engines.{self.engine}.url."


class _Exchange:
    """One request and its answer, in a thread that fills a queue: blocks, then None or an error."""

    def __init__(self, server: Server, method: str, path: str, body: Any, wants_sound: bool) -> None:
        self._server, self._method, self._path = server, method, server.path + path
        self._wants_sound = wants_sound
        is_whole = body is None or isinstance(body, bytes)
        self._body: bytes | None = body if is_whole else json.dumps(body, ensure_ascii=True).encode()
        self._blocks: SimpleQueue[bytes | Exception | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._is_closed = False
        self._socket: socket.socket | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def next_block(self) -> bytes | None:
        """Return the next block, `b""` when none came for a moment, None at the end.

        :raises ServerFailed: see `Server.ask`.
        """
        try:
            block = self._blocks.get(timeout=_SIGN_OF_LIFE_S)
        except Empty:
            return b""
        if isinstance(block, ServerFailed):
            raise block
        if isinstance(block, Exception):
            raise self._in_words(block) from None
        return block

    def close(self) -> None:
        """Shut the connection; the thread ends by itself."""
        with self._closing:
            self._is_closed = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        kind = http.client.HTTPSConnection if self._server.is_https else http.client.HTTPConnection
        connection = kind(self._server.host, self._server.port, timeout=CONNECT_TIMEOUT_S)
        try:
            connection.connect()
            self._keep(connection.sock)
            for block in self._blocks_of(connection):
                self._blocks.put(block)
            self._blocks.put(None)
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._blocks.put(error)
        except ServerFailed as error:
            self._blocks.put(error)
        finally:
            connection.close()

    def _keep(self, connected: socket.socket) -> None:
        connected.settimeout(None)
        with self._closing:
            if self._is_closed:
                raise OSError("not wanted any more")
            self._socket = connected

    def _blocks_of(self, connection: http.client.HTTPConnection) -> Iterator[bytes]:
        headers = {"User-Agent": "claude-narrator", "Connection": "close", **self._server.headers}
        if self._body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection.request(self._method, self._path, self._body, headers)
        with connection.getresponse() as answer:
            if not 200 <= answer.status < 300:
                raise self._refused(answer.status)
            kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
            if self._wants_sound and (kind.startswith("text/") or kind == "application/json"):
                raise self._server.nonsense(f"{kind}, not sound")
            room = MAX_ANSWER_BYTES
            while block := answer.read1(_BLOCK):
                if (room := room - len(block)) < 0:
                    raise ServerFailed(f"{self._server.address} gave an answer without end")
                yield block
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)

    def _refused(self, status: int) -> ServerFailed:
        server = self._server
        who = server.address
        if status in (401, 403):
            hint = f"Name the environment variable that holds it in engines.{server.engine}.key_variable."
            return ServerFailed(f"{who} wants another key (status {status})", hint, status)
        if 300 <= status < 400:
            return ServerFailed(f"{who} points elsewhere (status {status})", server.check_url(), status)
        if status == 404:
            hint = f"Check engines.{server.engine}: the url, and what the server calls its model."
            return ServerFailed(f"{who} has no such path or model (status 404)", hint, status)
        what = "failed" if status >= 500 else "refused the request"
        hint = "See the server's own log."
        if status == 503:  # llama-server, while it reads a model
            hint = "It may still be loading its model; it is asked again in a while."
        return ServerFailed(f"{who} {what} (status {status})", hint, status)

    def _in_words(self, error: Exception) -> ServerFailed:
        who = self._server.address
        if isinstance(error, http.client.HTTPException):
            what = "broke off" if isinstance(error, http.client.IncompleteRead) else "does not speak HTTP"
            return ServerFailed(f"{who} {what}")
        if self._socket is not None:
            return ServerFailed(f"{who} broke off")
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        hint = f"Start it. {self._server.check_url()}"
        return ServerFailed(f"{who} cannot be reached: {reason}", hint, is_lasting=True)
