"""A slash command that asks the daemon and no model: `/voice:mute 5m` becomes "Voice muted for 5 minutes."

Started for the event UserPromptExpansion as `python -I -S slash.py SOCKET [--home DIR]`. It prints the JSON
that ends the prompt there, with the daemon's answer as the reason that the user reads. A command that is not
the narrator's, or makes no sense, is left to Claude Code without a word; it exits 0 always, within 2 seconds.
"""

# `json` takes as long as the interpreter itself: it is imported when the daemon has acted.
import _signal  # type: ignore[import-not-found]
import _socket
import posix
import sys
from _json import encode_basestring_ascii, make_scanner

PREFIX = "voice:"
NAMES = (
    "stop", "pause", "resume", "skip", "back", "replay", "louder", "quieter", "faster", "slower",
    "mute", "unmute", "language", "voice", "amount", "listen",
)  # fmt: skip
"""As in `daemon/slash_commands.py`, which cannot be imported without the folders that -S leaves out."""
NAMES_OF_CLAUDE_CODE = ("resume",)
"""What means something else without the prefix."""
CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S, LIFETIME_S = 0.2, 0.5, 2.0
NOT_RUNNING = "Claude Narrator does not run; it starts with the next reply, or by: voice daemon start"
NO_ANSWER = "Claude Narrator does not answer; `voice log` may say why."
MAX_FRAME = 1 << 20
_USAGE = """usage: python -I -S slash.py SOCKET [--home DIR] < EVENT

Answers a slash command of Claude Narrator; voice-install writes it into Claude Code's settings.

example: echo '{"command_name": "voice:stop"}' | python -I -S slash.py /home/me/run/daemon.sock
"""


def main() -> None:
    """Answer the event on standard input, then end the process with 0."""
    try:
        _signal.signal(_signal.SIGALRM, lambda *_: posix._exit(0))
        _signal.setitimer(_signal.ITIMER_REAL, LIFETIME_S)
        _answer(sys.argv[1:])
    except BaseException:
        pass  # a hook that fails prints an error into the user's session
    finally:
        posix._exit(0)


class _Reading:
    """How the C scanner of `json` is to read: as `json.loads` does."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float, parse_int, parse_constant = float, int, float
    memo: dict[str, str] = {}  # noqa: RUF012


def parse(text: str) -> object:
    """Return the JSON value that is all of `text`.

    :raises ValueError, StopIteration, SystemError, RecursionError: it is none.
    """
    text = text.strip(" \t\n\r")
    scan = make_scanner(_Reading())  # type: ignore[arg-type]  # only these attributes are read
    value, end = scan(text, 0)
    if end != len(text):
        raise ValueError("more than one value")
    return value


def request_for(event: object) -> bytes | None:
    """Return what to ask the daemon for an event; None when its command is not the narrator's."""
    if not isinstance(event, dict):
        return None
    written, words = event.get("command_name"), event.get("command_args", "")
    if not isinstance(written, str) or not isinstance(words, str):
        return None
    name = written.removeprefix(PREFIX)
    if name not in NAMES or written in NAMES_OF_CLAUDE_CODE:
        return None
    texts = {"op": "control", "action": name, "value": words}
    for key, found in (("session", event.get("session_id")), ("project", event.get("cwd"))):
        texts[key] = found if isinstance(found, str) else ""
    fields = ",".join(f'"{key}":{encode_basestring_ascii(text)}' for key, text in texts.items())
    return f'{{"v":1,{fields}}}'.encode("ascii")


def _answer(arguments: list[str]) -> None:
    if arguments[:1] in (["-h"], ["--help"]):
        posix.write(1, _USAGE.encode())
        return
    body = request_for(parse(_read_all(0).decode()))
    if body is None or len(body) > MAX_FRAME:
        return
    reason = _ask(arguments[0] if arguments else "", len(body).to_bytes(4, "big") + body)
    import json

    posix.write(1, json.dumps({"decision": "block", "reason": reason}).encode() + b"\n")


def _ask(path: str, frame: bytes) -> str:
    """Return what the daemon says, or why it says nothing."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIMEOUT_S)
    try:
        connection.connect(path)
    except OSError:
        return NOT_RUNNING
    connection.settimeout(ANSWER_TIMEOUT_S)
    try:
        connection.sendall(frame)
        answer = _read_frame(connection)
    except OSError:
        return NO_ANSWER
    return said_in(answer)


def said_in(answer: bytes) -> str:
    """Return what an answer of the daemon tells the user."""
    import json

    try:
        found = json.loads(answer)
        if found["ok"]:
            return str(found["result"]["said"])
        return f"{found['error']['problem']}. {found['error']['hint']}".strip()
    except (ValueError, KeyError, TypeError, RecursionError):
        return NO_ANSWER


def _read_frame(connection: _socket.socket) -> bytes:
    data = b""
    while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
        part = connection.recv(1 << 16)
        if not part or len(data) > MAX_FRAME:
            raise OSError("no whole answer")
        data += part
    return data[4:]


def _read_all(descriptor: int) -> bytes:
    parts = []
    while part := posix.read(descriptor, 1 << 16):
        parts.append(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
