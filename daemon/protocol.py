"""What goes over the Unix socket: length-prefixed JSON, standard library only.

A frame is four bytes of length, most significant first, and that many bytes of UTF-8 JSON: an object. A
request is `{"v": 1, "op": NAME, ...fields}`; its answer `{"ok": true, "result": {...}}` or `{"ok": false,
"error": {"code", "problem", "hint"}}`. The op `hook` carries Claude Code's payload in `event` and gets no
answer. After the op `mcp` the connection carries one JSON-RPC message a frame, both ways.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import typing
from dataclasses import dataclass, field
from typing import Any, ClassVar

from claude_narrator.daemon.strict_json import load_object

PROTOCOL_VERSION = 1
MAX_FRAME = 1 << 20
"""Bytes of JSON in one frame."""
HEADER = struct.Struct(">I")


class ProtocolError(Exception):
    """A frame that is no request: one line that says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Hook:
    """An event of Claude Code as its hook received it.

    `parent` is the id of the process that started the hook, 0 when it is not known; `attended` tells that a
    human sits at its terminal.
    """

    op: ClassVar[str] = "hook"
    event: dict[str, Any]
    parent: int = 0
    attended: bool = False


@dataclass(frozen=True, slots=True)
class Mcp:
    """The rest of the connection is MCP for the Claude Code session `session` in the folder `project`."""

    op: ClassVar[str] = "mcp"
    session: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text`, Markdown; empty `language` or `voice` and rate 0 mean the settings'.

    `out` names a WAV to write instead. `source` is the language of the text; empty leaves it to its script
    and the settings.
    """

    op: ClassVar[str] = "say"
    text: str
    language: str = ""
    voice: str = ""
    rate: float = 0.0
    out: str = ""
    wait: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Translate:
    """Translate `text` into `to`; empty `source` means the settings' source language.

    The glossary of the folder `project` holds, when it is given. An `engine` translates alone; `unchecked`
    takes what it says as it comes. The answer has `text`, a `note` on lines that stand as they were, and how
    many translations were `rejected`.
    """

    op: ClassVar[str] = "translate"
    text: str
    to: str
    source: str = ""
    project: str = ""
    engine: str = ""
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Answer when nothing is left to say, or after `timeout_s` (0: never), with `{"idle": bool}`.

    A `session` that is given is waited for alone.
    """

    op: ClassVar[str] = "wait"
    timeout_s: float = 0.0
    session: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Silence now; what waits is dropped, of `session` alone when it is given."""

    op: ClassVar[str] = "stop"
    session: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """Do one of the actions of `control_actions.py`; the answer is `{"heard": bool, "said": LINE}`.

    What is `heard` needs no line where the listener sits.

    `value` is what stands behind it; `session` and `project` (a folder) are where it comes from, if known.
    """

    op: ClassVar[str] = "control"
    action: str
    value: str = ""
    session: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What is loaded, what speaks, what waits, how long the last sentences took."""

    op: ClassVar[str] = "status"


@dataclass(frozen=True, slots=True)
class Engines:
    """Every engine with its status and the reason for it."""

    op: ClassVar[str] = "engines"


@dataclass(frozen=True, slots=True)
class Why:
    """Which engines speak `language`, empty for the one in force, and translate into it, and why those."""

    op: ClassVar[str] = "why"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Voices:
    """Every voice with its status and the reason for it."""

    op: ClassVar[str] = "voices"


@dataclass(frozen=True, slots=True)
class SetVoice:
    """Change voice, language, rate or amount; `scope` is session, project or everywhere.

    Empty and 0 leave a value as it is.
    """

    op: ClassVar[str] = "set_voice"
    scope: str
    session: str = ""
    project: str = ""
    voice: str = ""
    language: str = ""
    rate: float = 0.0
    amount: str = ""


@dataclass(frozen=True, slots=True)
class SetForSession:
    """Set `key`, a setting of speech, for one session; `session` is its id or project, or a beginning of one.

    `value` is as the command line has it. `by` is who does so, as `voice settings --explain` shall tell it.
    """

    op: ClassVar[str] = "set_for_session"
    session: str
    key: str
    value: str
    by: str = "the command line"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Which sessions there are, who has the floor, what is held of the others."""

    op: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True)
class Listen:
    """Give the floor to a session and say what it held; `session` is a beginning of its id or project."""

    op: ClassVar[str] = "listen"
    session: str


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the settings file again, and look again which engines and models there are."""

    op: ClassVar[str] = "reload"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Stop the daemon in order."""

    op: ClassVar[str] = "shutdown"


Request = (
    Hook | Mcp | Say | Translate | Wait | Stop | Control | Status | Engines | Why | Voices | SetVoice
    | SetForSession | Sessions | Listen | Reload | Shutdown
)  # fmt: skip
_REQUESTS: dict[str, type] = {kind.op: kind for kind in typing.get_args(Request)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: `result` when it went well, `error` (code, problem, hint) when not."""

    result: dict[str, Any] = field(default_factory=dict)
    error: dict[str, str] | None = None


def encode(message: Request | Answer) -> bytes:
    """Return the frame of a message.

    :raises ProtocolError: it is larger than MAX_FRAME, or holds a number that JSON has not.
    """
    if isinstance(message, Answer):
        body: dict[str, Any] = (
            {"ok": True, "result": message.result}
            if message.error is None
            else {"ok": False, "error": message.error}
        )
    else:
        fields = {f.name: getattr(message, f.name) for f in dataclasses.fields(message)}
        body = {"v": PROTOCOL_VERSION, "op": message.op, **fields}
    try:
        text = json.dumps(body, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise ProtocolError(f"the message cannot be sent: {error}") from None
    return frame(text.encode())


def frame(body: bytes) -> bytes:
    """Return `body` with its length in front.

    :raises ProtocolError: it is larger than MAX_FRAME.
    """
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"the message has {len(body)} bytes, more than the {MAX_FRAME} allowed")
    return HEADER.pack(len(body)) + body


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`, whose texts hold whole characters only.

    :raises ProtocolError: not UTF-8, not JSON, not an object, nested too deep, a key given twice, or a number
    that is not finite.
    """
    try:
        return load_object(body)
    except ValueError as error:
        raise ProtocolError(str(error)) from None


def decode_request(body: bytes) -> Request:
    """Return the request in the body of a frame.

    :raises ProtocolError: malformed, of another protocol version, an unknown op, or with fields of the
    wrong type.
    """
    parsed = parse_object(body)
    version, op = parsed.pop("v", None), parsed.pop("op", None)
    if type(version) is not int or version != PROTOCOL_VERSION:
        ours = f"this daemon speaks {PROTOCOL_VERSION}: run voice-install again"
        raise ProtocolError(f"protocol version {_short(version)}, {ours}")
    kind = _REQUESTS.get(op) if isinstance(op, str) else None
    if kind is None:
        raise ProtocolError(f"unknown op {_short(op)}")
    return typing.cast("Request", kind(**_checked_fields(kind, parsed)))


def decode_answer(body: bytes) -> Answer:
    """Return the answer in the body of a frame.

    :raises ProtocolError: malformed.
    """
    parsed = parse_object(body)
    if parsed.get("ok") is True and isinstance(parsed.get("result"), dict):
        return Answer(result=parsed["result"])
    if parsed.get("ok") is False and isinstance(parsed.get("error"), dict):
        return Answer(error={str(k): str(v) for k, v in parsed["error"].items()})
    raise ProtocolError("neither a result nor an error")


def _checked_fields(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in dataclasses.fields(kind)}
    if unknown := sorted(given.keys() - known.keys()):
        raise ProtocolError(f"unknown field {_short(unknown[0])}")
    for name, entry in known.items():
        if name not in given and entry.default is dataclasses.MISSING:
            raise ProtocolError(f"the field {name!r} is missing")
    return {name: _field(name, value, hints[name]) for name, value in given.items()}


def _field(name: str, value: Any, hint: Any) -> Any:
    kind = typing.get_origin(hint) or hint
    if kind is float and type(value) is int and abs(value) < 1 << 53:
        return float(value)
    if type(value) is not kind:
        raise ProtocolError(f"the field {name!r} has the wrong type")
    return value


def _short(value: Any) -> str:
    return repr(value)[:60]
