"""A loopback server that answers as Google Translate's voice does, well or badly."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from tests.models.engines import mp3

PATH = "/_/TranslateWebserverUi/data/batchexecute"


@dataclass
class Google:
    """How it behaves, and what it saw.

    `fault` is a status such as `429`, or one of `silent`, `trickle` (a byte now and then, for ever), `cut`
    (half the body, then the end), `html`, `garbage` (base64 of noise), `no base64`, `refusal` (null where the
    sound stands), `other` (the answer to another call), `torn` (JSON without its end). `is_framed` has it
    give the length before each value, as it does for its page.
    """

    fault: str = ""
    is_framed: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Path, text and language of each request."""
    kinds: list[str | None] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @property
    def texts(self) -> list[str]:
        """What it was to speak, in order."""
        return [text for _, text, _ in self.asked]


@contextmanager
def running(google: Google, keys: Path | None = None) -> Iterator[Google]:
    """Serve until the end of the block; over TLS with the `certificate` and `key` in `keys`."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"google": google}))
    if keys is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(keys / "certificate", keys / "key")
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    google.url = f"{'http' if keys is None else 'https'}://127.0.0.1:{server.server_port}"
    try:
        yield google
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up in a handshake is what one test is about."""


class _Handler(BaseHTTPRequestHandler):
    google: Google
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        (call,) = json.loads(form["f.req"][0])[0]
        assert (call[0], call[2:]) == ("jQ1olc", [None, "generic"])
        text, language, speed, _ = json.loads(call[1])
        assert speed is None
        assert len(text) <= 100
        self.google.asked.append((self.path, text, language))
        self.google.kinds.append(self.headers["Content-Type"])
        fault = self.google.fault
        if fault.isdigit():
            self._answer(b"<html>Sorry...</html>", "text/html", int(fault))
        elif fault in ("silent", "trickle"):
            self._stall(trickles=fault == "trickle")
        elif fault == "html":
            self._answer(b"<html>It works!</html>", "text/html")
        else:
            body = _body(
                _result(fault, text), "Vv4Nhc" if fault == "other" else "jQ1olc", self.google.is_framed
            )
            body = body[: len(body) // 2] if fault == "torn" else body
            self._answer(body, "application/json", sent=len(body) // 2 if fault == "cut" else len(body))

    def _answer(self, body: bytes, kind: str, status: int = 200, sent: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body[:sent])
        self.close_connection = True

    def _stall(self, trickles: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.google.stalled.set()
        self.connection.settimeout(0.02 if trickles else None)
        while True:
            try:
                if trickles:
                    self.wfile.write(b" ")
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        self.google.hung_up.set()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def _result(fault: str, text: str) -> str | None:
    if fault == "refusal":
        return None
    if fault == "no base64":
        return json.dumps(["%%%"])
    sound = bytes(range(256)) * 40 if fault == "garbage" else mp3.spoken(text)
    return json.dumps([base64.b64encode(sound).decode()])


def _body(result: str | None, call: str, is_framed: bool) -> bytes:
    """Values over several lines, or each after its length."""
    first = ["wrb.fr", call, result, None, None, None, "generic"]
    others = [["di", 35], ["af.httprm", 35, "8692744518077823928", 7]]
    if not is_framed:
        lines = "\n,".join(map(json.dumps, (first, *others)))
        return f")]}}'\n\n[{lines}\n]\n".encode()
    values = [json.dumps([first, *others]), json.dumps([["e", 4, None, None, 1234]])]
    return (")]}'\n\n" + "".join(f"{len(value)}\n{value}\n" for value in values)).encode()
