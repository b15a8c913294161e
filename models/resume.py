"""Lets a sentence go on in a new worker where the old one died, and turns error frames into errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from claude_narrator.models.errors import EngineFailed, NarratorError
from claude_narrator.models.framing import Frame

_SAMPLE_BYTES = 4
_RATES = range(8_000, 192_001)


class WrongFrame(Exception):
    """A frame that no sound engine sends; the message says why, without a subject."""


class Resume:
    """Drops from a repeated sentence as much as was passed on before; call `restart` before each attempt."""

    def __init__(self) -> None:
        self._passed = 0
        self._skip = 0

    def restart(self) -> None:
        """What was passed on so far will come again."""
        self._skip = self._passed

    def rest_of(self, frame: Frame) -> Frame | None:
        """Return the part of `frame` that is new, or None when nothing is.

        :raises WrongFrame: it carries neither samples nor text in the right form.
        """
        size = _size(frame)
        skipped = min(self._skip, size)
        self._skip -= skipped
        self._passed += size - skipped
        return _without(frame, skipped) if skipped < size else None


def error_of(header: Mapping[str, Any], engine: str) -> NarratorError:
    """Return the error that an `error` frame of `engine` describes; an unknown code becomes EngineFailed."""
    problem, hint, code = (str(header.get(key, "")) for key in ("problem", "hint", "code"))
    for kind in _kinds(NarratorError):
        if kind.code == code and kind is not EngineFailed:
            return kind(problem, hint)
    return EngineFailed(f"{engine} failed: {problem}", hint)


def _size(frame: Frame) -> int:
    """Samples of an `audio` frame, characters of a `text` one."""
    if frame.header["event"] == "text":
        text = frame.header.get("text")
        if not isinstance(text, str):
            raise WrongFrame("sent a text frame without text")
        return len(text)
    if frame.header.get("sample_rate") not in _RATES or len(frame.payload) % _SAMPLE_BYTES:
        raise WrongFrame("sent samples without a sound rate or cut in the middle")
    return len(frame.payload) // _SAMPLE_BYTES


def _without(frame: Frame, count: int) -> Frame:
    if frame.header["event"] == "text":
        return Frame({**frame.header, "text": frame.header["text"][count:]})
    return Frame(frame.header, frame.payload[count * _SAMPLE_BYTES :])


def _kinds(kind: type[NarratorError]) -> Iterator[type[NarratorError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
