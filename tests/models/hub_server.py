"""A model hub on a loopback port: byte ranges, and every fault that a download has to live with."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """What the server has and how it misbehaves; `seen` is what it was asked, as (path, Range header)."""

    files: dict[str, bytes] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    break_after: list[int] = field(default_factory=list)
    """Bytes of body after which the connection breaks, one entry a request."""
    statuses: list[int] = field(default_factory=list)
    """Answered instead of the file, one entry a request."""
    knows_ranges: bool = True
    tells_length: bool = True
    stall_after: int | None = None
    """Bytes of body after which the server falls silent until `go_on`."""
    go_on: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """Serve `hub` until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.hub.seen.append((self.path, asked))
        if self.hub.statuses:
            self._answer(self.hub.statuses.pop(0), b"")
            return
        whole = self.hub.files.get(self.path)
        if whole is None:
            self._answer(404, b"")
            return
        self._serve(whole, asked)

    def _serve(self, whole: bytes, asked: str) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", asked)
        start = int(found[1]) if found and self.hub.knows_ranges else 0
        if start >= len(whole):
            self._answer(416, b"")
        elif start or (found and self.hub.knows_ranges):
            self._answer(206, whole[start:], f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        else:
            self._answer(200, whole)

    def _answer(self, status: int, body: bytes, content_range: str = "") -> None:
        self.send_response(status)
        if self.hub.tells_length:
            self.send_header("Content-Length", str(len(body)))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        if self.hub.break_after:
            body = body[: self.hub.break_after.pop(0)]
        # The client may have hung up by now: that is what many tests are about.
        with suppress(ConnectionError):
            self.wfile.write(body[: self.hub.stall_after])
        if self.hub.stall_after is not None:
            self.hub.go_on.wait(30)

    def log_message(self, *_: object) -> None:
        pass
