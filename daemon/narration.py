"""Tells narration from thought: prose between tool calls that comes as a `thinking` block of its own kind.

The kind stands in the block's signature, base64 of a protobuf message, as field 8 of field 1 of field 2
(https://protobuf.dev/programming-guides/encoding/). CLI 2.1.328 shows such blocks, 2.1.197 does not.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

MAX_SIGNATURE = 64 << 10
_PATH = (2, 1, 8)
_KIND = b"narration"
_FIXED_BYTES = {1: 8, 5: 4}


def is_narration(block: dict[str, Any]) -> bool:
    """Return whether a block of a message is a `thinking` block that was written to be shown."""
    signature = block.get("signature")
    if block.get("type") != "thinking" or not isinstance(signature, str) or len(signature) > MAX_SIGNATURE:
        return False
    try:
        body = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return _KIND in _at(body, _PATH)


def _at(body: bytes, path: tuple[int, ...]) -> list[bytes]:
    """Return what stands at `path`; a field may be given several times."""
    inside = [value for field, value in _fields(body) if field == path[0]]
    return inside if len(path) == 1 else [found for value in inside for found in _at(value, path[1:])]


def _fields(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a message that have a length, until its end or the first fault."""
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        if tag & 7 == 0:
            _, at = _varint(body, at)
        elif tag & 7 == 2:
            length, at = _varint(body, at)
            if at + length > len(body):
                return
            yield tag >> 3, body[at : at + length]
            at += length
        elif tag & 7 in _FIXED_BYTES:
            at += _FIXED_BYTES[tag & 7]
        else:
            return


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at` and where it ends; a number that is cut off ends with the message."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(body):
            break
        value |= (body[at] & 0x7F) << shift
        at += 1
        if body[at - 1] < 0x80:
            break
    return value, at
