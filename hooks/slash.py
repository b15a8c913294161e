"""A slash command that asks the daemon and no model: `/voice:mute 5m` becomes "Voice muted for 5 minutes."

Started for the event UserPromptExpansion as `python -I -S slash.py SOCKET [--home DIR]`. It prints the JSON
that ends the prompt there, with the daemon's answer as the reason that the user reads. A command that is not
the narrator's, or makes no sense, is left to Claude Code without a word; it exits 0 always, within 2 seconds.
"""

# `json` takes as long as the interpreter itself; nothing else is imported that is not C.
import _signal
import _socket
import json
import posix
import sys

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


def request_for(event: object) -> dict[str, object] | None:
    """Return what to ask the daemon for an event; None when its command is not the narrator's."""
    if not isinstance(event, dict):
        return None
    written, words = event.get("command_name"), event.get("command_args", "")
    if not isinstance(written, str) or not isinstance(words, str):
        return None
    name = written.removeprefix(PREFIX)
    if name not in NAMES or written in NAMES_OF_CLAUDE_CODE:
        return None
    session, project = (event.get(key) for key in ("session_id", "cwd"))
    return {
        "v": 1,
        "op": "control",
        "action": name,
        "value": words,
        "session": session if isinstance(session, str) else "",
        "project": project if isinstance(project, str) else "",
    }


def _answer(arguments: list[str]) -> None:
    if arguments[:1] in (["-h"], ["--help"]):
        posix.write(1, _USAGE.encode())
        return
    request = request_for(json.loads(_read_all(0)))
    if request is None:
        return
    body = json.dumps(request).encode()
    if len(body) > MAX_FRAME:
        return
    reason = _ask(arguments[0] if arguments else "", len(body).to_bytes(4, "big") + body)
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
        answer = json.loads(_read_frame(connection))
        if answer["ok"]:
            return str(answer["result"]["said"])
        error = answer["error"]
        return f"{error['problem']}. {error['hint']}".strip()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
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
