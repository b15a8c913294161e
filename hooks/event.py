"""Claude Code's command hook: its input becomes a frame for the daemon; prints nothing, exits 0 always.

Started as `python -I -S event.py SOCKET [--home DIR]` by absolute path, once for every event of a session. So
it imports two small modules and copies bytes without reading them; `late.py` does what is rare.
"""

# `os`, `socket` and `__future__` cost up to 6 ms each time; a hook has no more than that in all.
import _socket
import posix
import sys

MAX_FRAME = 1 << 20
"""As in `daemon/wire.py`, which is too heavy to import here."""
HEAD, TAIL = b'{"v":1,"op":"hook","parent":%d,"attended":%s,"event":', b"}"
CONNECT_TIMEOUT_S = 0.2
SEND_TIMEOUT_S = 1.0
_READ_LIMIT = 64 << 20
_USAGE = """usage: voice-hook [SOCKET] [--home DIR] < EVENT

Hands an event of Claude Code to the narrator; prints nothing and exits 0 whatever happens.
voice-install writes it into Claude Code's settings; nobody needs to type it.

example: echo '{"hook_event_name": "Stop", "session_id": "a"}' | voice-hook
"""


def main() -> None:
    """Deliver the event on standard input, then end the process with 0."""
    try:
        _deliver(sys.argv[1:])
    except BaseException:
        pass  # a hook that fails prints an error into the user's session
    finally:
        posix._exit(0)  # 1 ms less than the interpreter's own way out, and no complaint about a closed stdout


def head() -> bytes:
    """Return how a frame begins: who has started this hook, and whether a human sits at its terminal."""
    attended = posix.environ.get(b"CLAUDE_CODE_ENTRYPOINT") == b"cli"
    return HEAD % (posix.getppid(), b"true" if attended else b"false")


def read_event(descriptor: int, limit: int) -> bytes:
    """Return the JSON object that comes from `descriptor`; empty when it is none or longer than `limit`."""
    parts, size = [], 0
    while size < _READ_LIMIT and (part := posix.read(descriptor, 1 << 16)):
        size += len(part)
        if size <= limit:  # the rest is read all the same: the writer must not meet a broken pipe
            parts.append(part)
    event = b"".join(parts).strip() if size <= limit else b""
    return event if event[:1] == b"{" and event[-1:] == b"}" else b""


def send(path: str, frame: bytes) -> None:
    """Send a frame to the daemon and wait for no answer.

    :raises OSError: nobody listens at `path`, or the frame did not get through whole.
    """
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIMEOUT_S)
    connection.connect(path)
    connection.settimeout(SEND_TIMEOUT_S)
    connection.sendall(frame)
    connection.close()


def _deliver(arguments: list[str]) -> None:
    if arguments[:1] in (["-h"], ["--help"]):
        posix.write(1, _USAGE.encode())
        return
    home = arguments[arguments.index("--home") + 1] if "--home" in arguments else ""
    first = head()  # before anything is waited for: the parent may end
    event = read_event(0, MAX_FRAME - len(first) - len(TAIL))
    if not event:
        return
    frame = (len(first) + len(event) + len(TAIL)).to_bytes(4, "big") + first + event + TAIL
    try:
        send(arguments[0] if arguments and arguments[0] != "--home" else "", frame)
    except OSError:
        if not _ends_session(event):
            _deliver_late(frame, home)


def _ends_session(event: bytes) -> bool:
    # Quotes within a JSON string are escaped, so no text of the user's can look like this key.
    value = event.partition(b'"hook_event_name"')[2].lstrip(b" \t\r\n:")
    return value.startswith(b'"SessionEnd"')


def _deliver_late(frame: bytes, home: str) -> None:
    """Leave the frame to a child that Claude Code does not wait for."""
    if posix.fork():
        return
    posix.setsid()
    null = posix.open("/dev/null", posix.O_RDWR)
    for descriptor in (0, 1, 2):
        posix.dup2(null, descriptor)
    import site

    site.main()  # what -S left out: the folders where this package and its dependencies lie
    from claude_narrator.hooks.late import deliver

    deliver(frame, home)


if __name__ == "__main__":
    main()
