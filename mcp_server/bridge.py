"""The MCP server that Claude Code starts for a session: a pump between its standard streams and the daemon.

Started as `python -I -S bridge.py SOCKET [--home DIR]`. One JSON-RPC message a line on one side, one a frame
on the other (`daemon/wire.py`). It outlives the daemon: the next message starts a new one, the handshake
is repeated there, and what the old one left unanswered is asked again, or answered with an error where asking
twice would speak twice.
"""

# json and small C modules alone: `socket` and `dataclasses` would double what every session pays.
import _socket
import json
import os
import select
import sys

MAX_FRAME = 1 << 20
CONNECT_TIMEOUT_S = 0.2
START_TIMEOUT_S = 10.0
PARENT_CHECK_S = 5.0
DYING_S = 0.05
"""The socket of a process that was killed may take connections for a moment after it closed the others."""
MAX_TRIES = 3
MAX_LINE = 16 << 20
"""Up to here a line too long for a frame is read, to find the id that its refusal must carry."""
_PARSE_ERROR, _INVALID_REQUEST, _UNAVAILABLE = -32700, -32600, -32000
"""https://www.jsonrpc.org/specification#error_object; -32000 is the first code left to servers."""
_RESTARTED = "Claude Narrator was restarted while it worked on this; call again."
_USAGE = """usage: voice-mcp [SOCKET] [--home DIR]

Serves MCP on standard input and output by way of the daemon, which it starts if need be. voice-install
writes it into Claude Code's configuration; nobody needs to type it.

example: claude mcp add voice -- voice-mcp
"""


class _Request:
    """A request of the client that has no answer yet; `tries` counts the daemons that died on it."""

    def __init__(self, line: bytes, method: str) -> None:
        self.line, self.tries, self.is_tool_call = line, 0, method == "tools/call"
        self.is_subscription = method == "subscriptions/listen"  # stays open as long as the session


class Bridge:
    """One session: `run` pumps until the client leaves.

    Not `_ready` means that lines are `_held`: no daemon, one that starts, or one that repeats the handshake.
    """

    def __init__(self, path: str, home: str, hello: dict[str, object]) -> None:
        """Take the daemon's socket, the folder of its settings (empty: the platform's), its first frame."""
        self._path, self._home, self._hello = path, home, hello
        self._parent = os.getppid()
        self._lines, self._frames, self._outbox = bytearray(), bytearray(), bytearray()
        self._skipping = self._ready = self._is_initialized = False
        self._daemon: _socket.socket | None = None
        self._starter = -1
        self._held: list[bytes] = []
        self._requests: dict[str, _Request] = {}
        self._initialize, self._initialized, self._handshake_id = b"", b"", ""
        self._problem = ""

    def run(self) -> None:
        """Pump until standard input ends or the parent process is gone.

        :raises OSError: nobody reads standard output any more.
        """
        self._open()
        while os.getppid() == self._parent:
            daemon = [self._daemon] if self._daemon else []
            reading: list[_socket.socket | int] = [*daemon, *self._descriptors()]
            writing = daemon if self._outbox else []
            readable, writable, _ = select.select(reading, writing, [], PARENT_CHECK_S)
            if writable:
                self._write_daemon()
            if self._daemon in readable:
                self._read_daemon()
            if self._starter in readable:
                self._daemon_started()
            if 0 in readable and not self._read_client():
                return

    def _descriptors(self) -> list[int]:
        # A client faster than the daemon has to wait, or its messages would pile up here.
        has_room = len(self._outbox) + sum(map(len, self._held)) < MAX_FRAME
        return [0] * has_room + [self._starter] * (self._starter >= 0)

    def _read_client(self) -> bool:
        data = os.read(0, 1 << 16)
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._lines += line
            if self._lines.strip() and not self._skipping:
                self._take_line(bytes(self._lines).strip())
            self._lines.clear()
            self._skipping = False
        self._lines += rest
        if len(self._lines) > MAX_LINE:
            if not self._skipping:
                _refuse(None, _INVALID_REQUEST, f"a message of more than {MAX_LINE} bytes")
            self._lines.clear()
            self._skipping = True
        return bool(data)

    def _take_line(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            return _refuse(None, _PARSE_ERROR, f"not valid JSON: {error}")
        if not isinstance(message, dict):
            return _refuse(None, _INVALID_REQUEST, "not a JSON object")
        if len(line) > MAX_FRAME:
            problem = f"the message has {len(line)} bytes, more than the {MAX_FRAME} allowed"
            return _refuse(message.get("id"), _INVALID_REQUEST, problem)
        self._remember(message, line)
        if self._ready:
            return self._queue(line)
        self._held.append(line)
        return self._open() if self._daemon is None and self._starter < 0 else None

    def _remember(self, message: dict[str, object], line: bytes) -> None:
        key, method, params = message.get("id"), message.get("method"), message.get("params")
        if method == "notifications/initialized":
            self._initialized = line
        elif method == "notifications/cancelled" and isinstance(params, dict):
            self._requests.pop(json.dumps(params.get("requestId")), None)
        elif isinstance(method, str) and key is not None:
            self._requests[json.dumps(key)] = _Request(line, method)
            if method == "initialize":
                self._initialize, self._handshake_id, self._is_initialized = line, json.dumps(key), False

    def _read_daemon(self) -> None:
        assert self._daemon
        try:
            data = self._daemon.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        self._frames += data
        while len(self._frames) >= 4:
            end = 4 + int.from_bytes(self._frames[:4], "big")
            if end > 4 + MAX_FRAME:
                return self._lost()
            if len(self._frames) < end:
                break
            body = bytes(self._frames[4:end])
            del self._frames[:end]
            self._take_frame(body)
        return None if data else self._lost()

    def _take_frame(self, body: bytes) -> None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        if "jsonrpc" not in message:  # the daemon turns this connection away, in its own protocol
            error = message.get("error", {})
            self._problem = f"Claude Narrator: {error.get('problem')}. {error.get('hint', '')}".strip()
            return
        self._problem = ""
        if "method" not in message:
            key = json.dumps(message.get("id"))
            self._requests.pop(key, None)
            if key == self._handshake_id and not self._ready:
                self._let_go([self._initialized] if self._initialized else [])
                return
            self._is_initialized |= key == self._handshake_id and "result" in message
        _write_all(body.replace(b"\n", b" ") + b"\n")

    def _write_daemon(self) -> None:
        assert self._daemon
        try:
            del self._outbox[: self._daemon.send(self._outbox)]
        except BlockingIOError:
            pass
        except OSError:
            self._lost()

    def _queue(self, line: bytes) -> None:
        self._outbox += len(line).to_bytes(4, "big") + line

    def _open(self) -> None:
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        connection.settimeout(CONNECT_TIMEOUT_S)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            return self._start_daemon()
        connection.settimeout(0.0)
        self._daemon = connection
        self._queue(json.dumps(self._hello).encode())
        return self._queue(self._initialize) if self._is_initialized else self._let_go([])

    def _let_go(self, first: list[bytes]) -> None:
        held, self._held, self._ready = self._held, [], True
        lasting = [r.line for r in self._requests.values() if r.is_subscription and r.line not in held]
        for line in first + lasting + held:
            self._queue(line)

    def _lost(self) -> None:
        """Forget the connection; what has no answer yet is held for the next one, or refused."""
        assert self._daemon
        self._daemon.close()
        self._frames.clear()
        unsent, was_ready = bytes(self._outbox), self._ready
        self._outbox.clear()
        self._daemon, self._ready = None, False
        for key, request in list(self._requests.items()):
            request.tries += 1
            is_spent = request.tries >= MAX_TRIES and not request.is_subscription
            was_sent = was_ready and request.line not in unsent
            if is_spent or (was_sent and request.is_tool_call):
                del self._requests[key]
                _refuse(json.loads(key), _UNAVAILABLE, self._problem or _RESTARTED)
        self._held = [r.line for r in self._requests.values() if not r.is_subscription]
        if self._held:
            select.select([], [], [], DYING_S)
            self._open()

    def _start_daemon(self) -> None:
        reader, writer = os.pipe()
        if os.fork():
            os.close(writer)
            self._starter = reader
        else:
            _start_and_report(self._home, writer)

    def _daemon_started(self) -> None:
        report = os.read(self._starter, 4096)
        os.close(self._starter)
        self._starter = -1
        os.wait()
        if report[:1] == b"+":
            self._path = os.fsdecode(report[1:])
            return self._open()
        reason = report[1:].decode("utf-8", "replace") or "the daemon did not start"
        problem = f"Claude Narrator is not running: {reason}. `voice doctor` says more."
        requests, self._requests, self._held = self._requests, {}, []  # the next message tries again
        for key in requests:
            _refuse(json.loads(key), _UNAVAILABLE, problem)
        return None


def main() -> None:
    """Serve the session until its end, then end the process with 0."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(_USAGE, end="")
        return
    home = arguments[arguments.index("--home") + 1] if "--home" in arguments[:-1] else ""
    path = arguments[0] if arguments and arguments[0] != "--home" else ""
    try:
        Bridge(path, home, _hello()).run()
    except (KeyboardInterrupt, OSError):
        os._exit(0)  # the client has gone, and its streams with it


def _hello() -> dict[str, object]:
    project = os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd()
    names = {"session": os.environ.get("CLAUDE_CODE_SESSION_ID", ""), "project": project}
    return {"v": 1, "op": "mcp"} | {k: os.fsencode(v).decode("utf-8", "replace") for k, v in names.items()}


def _refuse(key: object, code: int, problem: str) -> None:
    answer = {"jsonrpc": "2.0", "id": key, "error": {"code": code, "message": problem}}
    _write_all(json.dumps(answer).encode() + b"\n")


def _write_all(data: bytes) -> None:
    while data:
        try:
            data = data[os.write(1, data) :]
        except BlockingIOError:
            select.select([], [1], [])


def _start_and_report(home: str, writer: int) -> None:
    """In a child that outlives the session: start the daemon and report to `writer`."""
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        import site

        site.main()  # what -S left out: the folders where this package and its dependencies lie
        from claude_narrator.daemon.detached import report_start

        report_start(home, START_TIMEOUT_S, writer)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
