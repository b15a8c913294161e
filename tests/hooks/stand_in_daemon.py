"""Stands in for `claude_narrator.daemon.app`: lock, socket and frames are real, nothing is spoken."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import threading
import time
from typing import Any

from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.wire import HEADER

paths = find_paths()
home = paths.state
writing = threading.Lock()


def main() -> None:
    if (home / "broken").exists():
        sys.exit("broken on purpose")
    paths.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = paths.lock.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(0)
    (home / "environment").write_text(json.dumps(dict(os.environ)), encoding="utf-8")
    note("started", os.getpid())
    while (home / "hold").exists():
        time.sleep(0.01)
    paths.socket.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(paths.socket))
    listener.listen(64)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def serve(connection: socket.socket) -> None:
    body = read(connection)
    request = json.loads(body) if body else {}
    if request.get("op") == "hook":
        note("events", request["event"])
    elif request.get("op") == "mcp":
        note("messages", request)
        serve_mcp(connection)
    connection.close()


def serve_mcp(connection: socket.socket) -> None:
    if (home / "refuse").exists():
        error = {"code": "bad_request", "problem": "too old", "hint": "Run voice-install again."}
        send(connection, {"ok": False, "error": error})
        return
    while body := read(connection):
        message = json.loads(body)
        note("messages", message)
        answer(connection, message)


def answer(connection: socket.socket, message: dict[str, Any]) -> None:
    method, key = message.get("method"), message.get("id")
    arguments = message.get("params", {}).get("arguments", {})
    if method == "subscriptions/listen":
        send(connection, {"jsonrpc": "2.0", "method": "notifications/acknowledged"})
    elif arguments.get("wait"):
        pass
    elif key is not None:
        send(connection, {"jsonrpc": "2.0", "id": key, "result": {"pid": os.getpid(), "echo": arguments}})


def read(connection: socket.socket) -> bytes:
    with connection.makefile("rb", buffering=0) as stream:
        head = exactly(stream, HEADER.size)
        return exactly(stream, HEADER.unpack(head)[0]) if head else b""


def exactly(stream: Any, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = stream.read(count - len(data))
        if not part:
            return b""
        data += part
    return data


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    body = json.dumps(message, indent=1).encode()  # line ends in a frame must not become lines
    for byte in HEADER.pack(len(body)):
        connection.sendall(bytes([byte]))
    connection.sendall(body)


def note(name: str, what: object) -> None:
    with writing, (home / name).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


if __name__ == "__main__":
    main()
