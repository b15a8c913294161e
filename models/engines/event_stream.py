"""Reads server-sent events (WHATWG HTML, 9.2) as far as chat servers use them: one `data:` line an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAX_LINE_BYTES = 1 << 20
_DATA, _FIELDS = (b"data", b"error"), (b"event", b"id", b"retry")


class NoEventStream(Exception):
    """The bytes are something else."""


def data_lines(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield the text of each data line; an empty text for an empty block, which is a sign of life.

    llama-server's field `error` counts as data. What comes after the last line end is left out.

    :raises NoEventStream: a line that no such stream has.
    """
    rest = b""
    for block in blocks:
        if not block:
            yield ""
            continue
        *lines, rest = (rest + block).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise NoEventStream
        for line in lines:
            if text := _data(line.rstrip(b"\r")):
                yield text
    if not any(rest.startswith(name) or name.startswith(rest) for name in (b":", *_DATA, *_FIELDS)):
        raise NoEventStream


def _data(line: bytes) -> str:
    if not line or line.startswith(b":"):
        return ""
    name, colon, value = line.partition(b":")
    if colon and name in _DATA:
        return value.decode("utf-8", "replace").strip()
    if colon and name in _FIELDS:
        return ""
    raise NoEventStream
