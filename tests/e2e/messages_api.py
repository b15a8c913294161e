"""A scripted stand-in for the Messages API on loopback, for the real Claude Code CLI to talk to."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.e2e.scenario import Break, Failure, Gate, Step, Stream, Text

GATE_LIMIT_S = 60.0
ASIDE = "Short title"
"""The answer to requests without tools: titles, quota checks and the like."""


class Cut(Exception):
    """The stream ends here, by the script or because the client went away."""


@dataclass(slots=True)
class Exchange:
    """One request for a reply, and on the monotonic clock when its answer ended; `cut` when it broke off."""

    body: dict[str, Any]
    scripted: bool
    arrived_s: float
    ended_s: float = 0.0
    cut: bool = False

    def tool_results(self) -> list[str]:
        """Return the text of the tool results in the last message of the request."""
        content = self.body["messages"][-1]["content"]
        blocks = content if isinstance(content, list) else []
        return [_result_text(block) for block in blocks if block.get("type") == "tool_result"]


@dataclass(slots=True)
class MessagesApi:
    """Answers each request that offers tools with the next scripted reply; use it as a context manager.

    A request beyond the script is answered with `Nothing more.` and so shows up in the test's assertions.
    """

    replies: list[tuple[Step, ...]] = field(default_factory=list)
    replies_to: dict[str, list[tuple[Step, ...]]] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    other_paths: list[str] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _gates: dict[str, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))
    _reached: set[str] = field(default_factory=set)
    _server: _Server | None = None

    def __enter__(self) -> MessagesApi:
        self._server = _Server(self)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        for gate in list(self._gates.values()):
            gate.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Address for ANTHROPIC_BASE_URL."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def scripted(self) -> list[Exchange]:
        """The exchanges that asked for a reply of the script."""
        return [exchange for exchange in self.exchanges if exchange.scripted]

    def script(self, *replies: Iterable[Step]) -> None:
        """Add replies to the script; each is a row of steps."""
        self.replies.extend(tuple(reply) for reply in replies)

    def script_for(self, beginning: str, *replies: Iterable[Step]) -> None:
        """Add replies to conversations whose first message holds `beginning`, as a subagent's does."""
        self.replies_to.setdefault(beginning, []).extend(tuple(reply) for reply in replies)

    def open(self, gate: str) -> None:
        """Let the stream pass the gate."""
        self._gates[gate].set()

    def wait_reached(self, gate: str, timeout_s: float = 20.0) -> None:
        """Return when the stream waits at the gate.

        :raises TimeoutError: it did not get there.
        """
        self._wait(lambda: gate in self._reached, f"the stream never came to the gate {gate!r}", timeout_s)

    def wait_ended(self, count: int, timeout_s: float = 20.0) -> None:
        """Return when `count` scripted replies have ended.

        :raises TimeoutError: they did not.
        """
        self._wait(
            lambda: sum(e.ended_s > 0 for e in self.scripted) >= count,
            f"fewer than {count} replies have ended",
            timeout_s,
        )

    def _wait(self, ready: Callable[[], bool], problem: str, timeout_s: float) -> None:
        with self._changed:
            if not self._changed.wait_for(ready, timeout_s):
                raise TimeoutError(problem)

    def begin(self, body: dict[str, Any]) -> tuple[Exchange, tuple[Step, ...]]:
        """Record a request and take the reply to it."""
        with self._changed:
            exchange = Exchange(body, bool(body.get("tools")), time.monotonic())
            self.exchanges.append(exchange)
            self._changed.notify_all()
            if not exchange.scripted:
                return exchange, (Text(ASIDE),)
            replies = self._replies_to(body)
            return exchange, replies.pop(0) if replies else (Text("Nothing more."),)

    def _replies_to(self, body: dict[str, Any]) -> list[tuple[Step, ...]]:
        first = json.dumps(body["messages"][0]["content"], ensure_ascii=False)
        named = (replies for beginning, replies in self.replies_to.items() if beginning in first)
        return next(named, self.replies)

    def end(self, exchange: Exchange, cut: bool) -> None:
        """Record that the answer has ended."""
        with self._changed:
            exchange.ended_s, exchange.cut = time.monotonic(), cut
            self._changed.notify_all()

    def pass_gate(self, gate: Gate) -> None:
        """Block until the test opens the gate.

        :raises Cut: nobody opened it.
        """
        with self._changed:
            self._reached.add(gate.name)
            self._changed.notify_all()
        if not self._gates[gate.name].wait(GATE_LIMIT_S):
            raise Cut


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: MessagesApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._json(200, {})

    def do_GET(self) -> None:
        self.server.api.other_paths.append(self.path)
        self._json(404, _error("not_found_error", "no such thing here"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        path = self.path.split("?")[0]
        if path == "/v1/messages":
            self._reply(body)
        elif path == "/v1/messages/count_tokens":
            self._json(200, {"input_tokens": 10})
        else:
            self.do_GET()

    def _reply(self, body: dict[str, Any]) -> None:
        exchange, steps = self.server.api.begin(body)
        cut = True
        try:
            if isinstance(steps[0], Failure):
                self._json(steps[0].status, _error(steps[0].kind, steps[0].message))
            elif body.get("stream"):
                self._stream(Stream(str(body["model"])), steps)
            else:
                self._json(200, _whole(str(body["model"]), steps))
            cut = False
        except (Cut, OSError):
            self.close_connection = True
        finally:
            self.server.api.end(exchange, cut)

    def _stream(self, stream: Stream, steps: tuple[Step, ...]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event, delay_s in stream.events(steps):
            if delay_s:
                time.sleep(delay_s)
            self._send(event)
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, event: dict[str, Any] | Gate | Break) -> None:
        if isinstance(event, Gate):
            self.server.api.pass_gate(event)
        elif isinstance(event, Break):
            raise Cut
        else:
            data = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    def _json(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _whole(model: str, steps: tuple[Step, ...]) -> dict[str, Any]:
    text = "".join(step.text for step in steps if isinstance(step, Text))
    return {
        "id": "msg_whole",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 10},
    }


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _result_text(block: dict[str, Any]) -> str:
    content = block.get("content", "")
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content)
