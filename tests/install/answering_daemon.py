"""A daemon that answers requests as it was told, on the real socket and the real port, and speaks nothing."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

from claude_narrator.daemon.gateway_address import GatewayAddress
from claude_narrator.daemon.paths import Paths
from claude_narrator.daemon.protocol import Answer, Request
from claude_narrator.daemon.wire import HEADER, decode_request, encode

WELL = {"player": {"sink": "device x", "reason": ""}, "recent": [{"outcome": "spoken"}], "problems": []}


class AnsweringDaemon:
    """Remembers the requests it got; `status` is what it says of itself, `refusal` its answer to Say."""

    def __init__(self, paths: Paths) -> None:
        self.requests: list[Request] = []
        self.status: dict[str, Any] = {"version": "0.1.0", "pid": 7, **WELL}
        self.refusal: dict[str, str] | None = None
        paths.run.mkdir(mode=0o700, parents=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(paths.socket))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, connection.makefile("rb") as stream:
                    while head := stream.read(HEADER.size):
                        request = decode_request(stream.read(HEADER.unpack(head)[0]))
                        self.requests.append(request)
                        connection.sendall(encode(self._answer(request)))

    def _answer(self, request: Request) -> Answer:
        if request.op == "say" and self.refusal:
            return Answer(error=self.refusal)
        return Answer(result=json.loads(json.dumps(self.status)) if request.op == "status" else {})


@contextlib.contextmanager
def answering_gateway(address: GatewayAddress) -> Iterator[None]:
    """Refuse what the real gateway refuses of a GET: first a wrong token, then the method."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Authorization"] == f"Bearer {address.token}"
            self.send_response(405 if known else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", address.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
