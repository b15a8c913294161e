"""Messages between a host and its worker: a JSON header with raw bytes behind it, for samples are no text.

A frame is `CNW1`, two unsigned 32-bit lengths, most significant byte first, that many bytes of JSON object
and that many bytes of payload.

Host to worker, field `op`: `load` (`files`, `threads`), `translate` (`text`, `source`, `target`,
`glossary`, `before`, `strict`), `synthesize` (`text`, `voice`, `language`, `rate`), `cancel`, `close`.

Worker to host, field `event`: `hello`, `beat`, `loaded` (`device`, `precision`), `text` (`text`), `audio`
(`sample_rate`, payload float32 little-endian), `done`, `error` (`code`, `problem`, `hint`). `job` numbers
what belongs together; each ends with one `loaded`, `done` or `error`, a cancelled one too. `beat` says that a
busy worker is alive. One that runs out of memory ends with the status `OUT_OF_MEMORY`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 22
OUT_OF_MEMORY = 12
_MAGIC = b"CNW1"
_PREFIX = struct.Struct(">4sII")
PREFIX_SIZE = _PREFIX.size


class BadFrame(Exception):
    """The bytes are no frame; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    header: Mapping[str, Any]
    payload: bytes = b""


def encode(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """Return the bytes of a frame.

    :raises BadFrame: header or payload is over its limit.
    """
    body = json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode()
    if len(body) > MAX_HEADER or len(payload) > MAX_PAYLOAD:
        raise BadFrame(f"a frame of {len(body)} and {len(payload)} bytes is over the limit")
    return _PREFIX.pack(_MAGIC, len(body), len(payload)) + body + payload


def decode_prefix(prefix: bytes) -> tuple[int, int]:
    """Return how many bytes of header and of payload follow.

    :raises BadFrame: not the start of a frame, or a length over its limit.
    """
    magic, header, payload = _PREFIX.unpack(prefix)
    if magic != _MAGIC:
        raise BadFrame("the bytes on the pipe are no frame")
    if header > MAX_HEADER or payload > MAX_PAYLOAD:
        raise BadFrame(f"a frame says that it has {header} and {payload} bytes, over the limit")
    return header, payload


def decode_header(body: bytes) -> dict[str, Any]:
    """Return the JSON object.

    :raises BadFrame: not one.
    """
    try:
        header = json.loads(body)
    except (ValueError, RecursionError):
        raise BadFrame("the header of a frame is not JSON") from None
    if not isinstance(header, dict):
        raise BadFrame("the header of a frame is not an object")
    return header
