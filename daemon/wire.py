"""What goes over the Unix socket: length-prefixed JSON, standard library only.

A frame is four bytes of length, most significant first, and that many bytes of UTF-8 JSON: an object. A
request is `{"v": 1, "op": NAME, ...fields}`; its answer `{"ok": true, "result": {...}}` or `{"ok": false,
"error": {"code", "problem", "hint"}}`. Ops and their fields are those of `protocol.py`.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import typing
from typing import Any

from claude_narrator.daemon.protocol import Answer, Request
from claude_narrator.daemon.strict_json import load_object

PROTOCOL_VERSION = 1
MAX_FRAME = 1 << 20
"""Bytes of JSON in one frame."""
HEADER = struct.Struct(">I")
_REQUESTS: dict[str, type] = {kind.op: kind for kind in typing.get_args(Request)}


class ProtocolError(Exception):
    """A frame that is no request: one line that says what is wrong with it."""


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
