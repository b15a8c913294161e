"""A blocking client of the daemon, standard library only, that starts the daemon when asked to."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claude_narrator.daemon.protocol import Answer, Request
from claude_narrator.daemon.wire import HEADER, MAX_FRAME, ProtocolError, decode_answer, encode

CONNECT_TIMEOUT_S = 0.2
START_TIMEOUT_S = 10.0
_ERROR = "error: "
"""How every command begins the line that says what went wrong."""


class DaemonDown(Exception):
    """Nobody listens on the socket."""


class Refused(Exception):
    """The daemon answered with an error; `code`, `problem` and `hint` are its own."""

    def __init__(self, error: Mapping[str, str]) -> None:
        self.code = error.get("code", "failed")
        self.problem = error.get("problem", "the daemon refused")
        self.hint = error.get("hint", "")
        super().__init__(self.problem)


class Client:
    """One connection; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Connect to the socket at `path`.

        :raises DaemonDown: nobody listens there.
        """
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(CONNECT_TIMEOUT_S)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise DaemonDown(f"no daemon at {path}: {error.strerror or error}") from None
        self._socket.settimeout(None)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def call(self, request: Request) -> dict[str, Any]:
        """Send a request and return the result.

        :raises Refused: the daemon answered with an error.
        :raises DaemonDown: the connection broke.
        :raises ProtocolError: the request is larger than a frame, or the answer is none.
        """
        try:
            self._socket.sendall(encode(request))
            answer = self._read()
        except OSError as error:
            raise DaemonDown(f"the daemon went away: {error}") from None
        if answer.error is not None:
            raise Refused(answer.error)
        return answer.result

    def send(self, request: Request) -> None:
        """Send a request that gets no answer.

        :raises DaemonDown: the connection broke.
        :raises ProtocolError: the request is larger than a frame.
        """
        try:
            self._socket.sendall(encode(request))
        except OSError as error:
            raise DaemonDown(f"the daemon went away: {error}") from None

    def _read(self) -> Answer:
        (length,) = HEADER.unpack(self._exactly(HEADER.size))
        if length > MAX_FRAME:
            raise ProtocolError(f"an answer of {length} bytes")
        return decode_answer(self._exactly(length))

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = self._socket.recv(count - len(parts))
            if not part:
                raise DaemonDown("the daemon closed the connection")
            parts += part
        return bytes(parts)


def start_daemon(log: Path) -> subprocess.Popen[bytes]:
    """Start a daemon that outlives this process; what it prints before its own log is open goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as output:
        os.chmod(log, 0o600)
        return subprocess.Popen(
            [sys.executable, "-m", "claude_narrator.daemon.app"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )


def connect(path: Path, log: Path, timeout_s: float = START_TIMEOUT_S) -> Client:
    """Return a client of the running daemon, started first if need be.

    :raises DaemonDown: it did not come up within `timeout_s`; the message quotes it, or names its log.
    """
    with contextlib.suppress(DaemonDown):
        return Client(path)
    logged = log.stat().st_size if log.exists() else 0
    try:
        process = start_daemon(log)
    except OSError as error:
        raise DaemonDown(f"the daemon cannot be started: {error}") from None
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with contextlib.suppress(DaemonDown):
            return Client(path)
        status = process.poll()
        if status not in (None, 0):
            break
        if status == 0:  # another one held the lock; if that one was about to stop, ours must follow it
            process = start_daemon(log)
        time.sleep(0.02)
    raise DaemonDown(f"the daemon did not start{_last_words(log, logged) or f'; {log} says why'}")


def _last_words(log: Path, begin: int) -> str:
    """The line in which a daemon that gave up said why, among what was logged from byte `begin` on."""
    with contextlib.suppress(OSError), log.open("rb") as lines:
        lines.seek(begin)
        for line in lines.read(MAX_FRAME).decode("utf-8", "replace").splitlines():
            if line.startswith(_ERROR):
                return f": {line.removeprefix(_ERROR)}"
    return ""
