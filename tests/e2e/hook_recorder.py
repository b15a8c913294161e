"""An http hook that records what Claude Code sends, for the tests of the harness itself."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class HookRecorder:
    """Answers 204 and keeps the payload and when it came; a context manager."""

    payloads: list[dict[str, Any]] = field(default_factory=list)
    received_s: list[float] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> HookRecorder:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()
                with recorder._changed:
                    recorder.payloads.append(payload)
                    recorder.received_s.append(time.monotonic())
                    recorder._changed.notify_all()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def settings(self) -> dict[str, Any]:
        """Return Claude Code settings that send the turn's events here."""
        assert self._server is not None
        hook = {
            "type": "http",
            "url": f"http://127.0.0.1:{self._server.server_address[1]}/hook",
            "timeout": 5,
        }
        return {
            "hooks": {name: [{"hooks": [hook]}] for name in ("MessageDisplay", "UserPromptSubmit", "Stop")}
        }

    def shown(self) -> str:
        """Return the text shown so far, every message in the order of its deltas."""
        deltas = [p for p in list(self.payloads) if p["hook_event_name"] == "MessageDisplay"]
        messages = list(dict.fromkeys(delta["message_id"] for delta in deltas))
        ordered = sorted(deltas, key=lambda delta: (messages.index(delta["message_id"]), delta["index"]))
        return "".join(delta["delta"] for delta in ordered)

    def wait_shown(self, text: str, timeout_s: float = 20.0) -> None:
        """Return when `text` has been shown.

        :raises TimeoutError: it was not.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: text in self.shown(), timeout_s):
                raise TimeoutError(f"{text!r} is not in {self.shown()!r}")
