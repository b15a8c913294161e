"""What a listener does while it talks: `voice stop`, `voice back`…, as light as possible.

A key press waits behind it, so this module imports nothing at its top that a bare interpreter has not loaded
but `_socket`: `protocol`, `paths` and `argparse` together take longer than the daemon needs to be silent.
"""

from __future__ import annotations

import _socket
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from claude_narrator.daemon.protocol import Control, Request

CONTROLS = {
    "stop": "Be silent now and drop what waits.",
    "pause": "Hold the speech.",
    "resume": "Go on where it was held.",
    "skip": "Go on with the next sentence.",
    "back": "Say the sentence again; when it has hardly begun, the one before it.",
    "replay": "Say the last reply again from its start.",
    "louder": "Turn the volume up by 3 dB.",
    "quieter": "Turn the volume down by 3 dB.",
    "faster": "Speak a tenth faster in the session that is heard.",
    "slower": "Speak a tenth slower in the session that is heard.",
    "mute": "Say nothing until unmuted, or for a time.",
    "unmute": "Speak again.",
}
OPTIONS = {"mute": ("--for", "--session"), "unmute": ("--session",)}
_CONNECT_TIMEOUT_S = 0.2
_HEARD = b'{"ok":true,"result":{"heard":true'
"""How the answer begins to what needs no line, for one hears what it does."""


def quick_control(given: list[str]) -> int | None:
    """Carry out the control that the words of a command line name and return its exit code.

    None when they are not a plain control, or nobody listens where the daemon usually does: nothing was done.
    """
    options = _plain_options(given)
    if options is None:
        return None
    value = value_of(options.get("--for", ""), options.get("--session", ""))
    body = f'{{"v":1,"op":"control","action":"{given[0]}","value":"{value}"}}'
    try:
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        connection.settimeout(_CONNECT_TIMEOUT_S)
        connection.connect(_usual_socket())
    except OSError:
        return None
    connection.settimeout(None)
    return _finish(connection, len(body).to_bytes(4, "big") + body.encode())


def control(action: str, span: str = "", session: str = "") -> int:
    """Carry out a control; no daemon is started for it."""
    from claude_narrator.daemon.protocol import Control

    request = Control(action, value_of(span, session))
    result = call_running(request)
    if result is None:
        print(_without_daemon(request))
    elif not result["heard"]:
        print(result["said"])
    return 0


def _without_daemon(request: Control) -> str:
    from claude_narrator.daemon.paths import find_paths
    from claude_narrator.daemon.protocol import Reload
    from claude_narrator.daemon.without_daemon import perform

    said = perform(request.action, request.value, request.session, find_paths())
    # One that has begun meanwhile may have read what was there before; it listens before it reads.
    call_running(request if request.action in ("mute", "unmute") else Reload())
    return said


def add_controls(add_command: Any, commands: Any) -> None:
    """Add every control to the subcommands of `voice`."""
    import argparse

    for name, help_text in CONTROLS.items():
        options = OPTIONS.get(name, ())
        parser = add_command(commands, name, help_text, "--for 5m" if "--for" in options else "", _run)
        parser.set_defaults(action=name, span="", session=None, refuse=parser.error)
        parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
        if "--for" in options:
            parser.add_argument("--for", dest="span", default="", metavar="SPAN", help="such as 5m or 1h30m")
        if "--session" in options:
            told = "this session alone: the beginning of its id or its project's name"
            parser.add_argument("--session", default=None, metavar="ID", help=told)


def call(request: Request) -> dict[str, Any]:
    """Send a request to the daemon, started first if need be."""
    from claude_narrator.daemon.client import connect
    from claude_narrator.daemon.paths import find_paths

    paths = find_paths()
    with connect(paths.socket, paths.log) as client:
        return client.call(request)


def call_running(request: Request) -> dict[str, Any] | None:
    """Send a request to the daemon if one runs, and return the result."""
    from claude_narrator.daemon.client import Client, DaemonDown
    from claude_narrator.daemon.paths import find_paths

    try:
        with Client(find_paths().socket) as client:
            return client.call(request)
    except DaemonDown:
        return None


def value_of(span: str, session: str) -> str:
    """Return what is said to the daemon of a time and a session: `5m of api`."""
    return " ".join(word for word in (span, f"of {session}" if session else "") if word)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.words:
        arguments.refuse(_unknown_word(arguments.action, arguments.words[0]))
    if arguments.session is not None and not arguments.session.strip():
        arguments.refuse("--session is empty; leave it out to mean every session")
    return control(arguments.action, arguments.span, arguments.session or "")


def _unknown_word(action: str, word: str) -> str:
    from claude_narrator.daemon.mute_words import span_s
    from claude_narrator.models.errors import BadInput

    how = "Write nothing behind it"
    if "--for" in OPTIONS.get(action, ()):
        try:
            span_s([word])
        except BadInput:
            word_or_example = "5m"
        else:
            word_or_example = word
        how = f"Write a time so: voice {action} --for {word_or_example}"
    return f"voice {action} does not know {word!r}. {how}"


def _plain_options(given: list[str]) -> dict[str, str] | None:
    """Return the options of a control by name; None when it is none, or needs more than this to be read."""
    if not given or given[0] not in CONTROLS or len(given) % 2 == 0:
        return None
    options = dict(zip(given[1::2], given[2::2], strict=True))
    known = OPTIONS.get(given[0], ())
    plain = all(key in known and _is_plain(value) for key, value in options.items())
    return options if plain else None


def _is_plain(word: str) -> bool:
    """Return whether a word means itself in JSON, and is no option."""
    return word.isascii() and word.isprintable() and word[:1] not in ("", "-") and not {*word} & {'"', "\\"}


def _usual_socket() -> str:
    """Return where `paths.py` finds the socket, without its imports; if that ever differs, nobody listens."""
    home = os.environ.get("CLAUDE_NARRATOR_HOME", "")
    if home:
        return os.path.join(os.path.realpath(os.path.expanduser(home)), "run", "daemon.sock")
    state = os.environ.get("XDG_STATE_HOME", "")
    if not state.startswith("/"):
        state = "~/Library/Application Support" if sys.platform == "darwin" else "~/.local/state"
    return os.path.join(os.path.expanduser(state), "claude-narrator", "run", "daemon.sock")


def _finish(connection: _socket.socket, frame: bytes) -> int:
    """Send the request, and tell the answer; what comes of it is heard by now, so this may import."""
    answer = b""
    try:
        connection.sendall(frame)
        while len(answer) < 4 or len(answer) < 4 + int.from_bytes(answer[:4], "big"):
            part = connection.recv(1 << 16)
            if not part:
                break
            answer += part
    except OSError:
        answer = b""
    connection.close()
    if answer[4:].startswith(_HEARD):
        return 0
    from claude_narrator.daemon.quick_answer import tell

    return tell(answer[4:])
