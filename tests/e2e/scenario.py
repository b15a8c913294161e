"""What the scripted Messages API answers: a reply is a row of steps, played in order.

The streamed form is that of https://docs.anthropic.com/en/api/messages-streaming.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

NARRATION = "Eg0KC0IJbmFycmF0aW9u"
"""A signature that names the kind of its block: base64 of a protobuf message."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text added to the open text block, in pieces of `piece` characters, each after `delay_s`."""

    text: str
    delay_s: float = 0.0
    piece: int = 48


@dataclass(frozen=True, slots=True)
class Narrate:
    """A whole `thinking` block of the kind that is written to be shown."""

    text: str


@dataclass(frozen=True, slots=True)
class NewBlock:
    """End the open text block, so that the next text begins another."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool; the reply stops for its result."""

    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gate:
    """Wait until the test opens the gate `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Break:
    """Cut the connection in the middle of the stream."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Answer with an http error instead of a stream; only the first step of a reply may be one."""

    status: int
    kind: str
    message: str


Step = Text | Narrate | NewBlock | ToolUse | Gate | Break | Failure
Event = dict[str, Any]


@dataclass(slots=True)
class Stream:
    """Turns steps into the events of one streamed message; `Gate` and `Break` pass through as they are."""

    model: str
    _count: Iterator[int] = field(default_factory=itertools.count)
    _open: int | None = None
    _stop_reason: str = "end_turn"

    def events(self, steps: tuple[Step, ...]) -> Iterator[tuple[Event | Gate | Break, float]]:
        """Yield every event with the seconds to wait before it."""
        yield self._start(), 0.0
        for step in steps:
            match step:
                case Text():
                    yield from self._text(step)
                case Narrate():
                    yield from self._narration(step)
                case NewBlock():
                    yield from self._close()
                case ToolUse():
                    yield from self._tool(step)
                case Gate() | Break():
                    yield step, 0.0
        yield from self._close()
        delta = {"stop_reason": self._stop_reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 20}}, 0.0
        yield {"type": "message_stop"}, 0.0

    def _start(self) -> Event:
        message: Event = {
            "id": f"msg_{uuid.uuid4().hex[:24]}",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 1},
        }
        return {"type": "message_start", "message": message}

    def _begin(self, block: Event) -> Event:
        self._open = next(self._count)
        return {"type": "content_block_start", "index": self._open, "content_block": block}

    def _delta(self, delta: Event) -> Event:
        return {"type": "content_block_delta", "index": self._open, "delta": delta}

    def _close(self) -> Iterator[tuple[Event, float]]:
        if self._open is not None:
            yield {"type": "content_block_stop", "index": self._open}, 0.0
        self._open = None

    def _text(self, step: Text) -> Iterator[tuple[Event, float]]:
        if self._open is None:
            yield self._begin({"type": "text", "text": ""}), 0.0
        for at in range(0, len(step.text), step.piece):
            piece = step.text[at : at + step.piece]
            yield self._delta({"type": "text_delta", "text": piece}), step.delay_s

    def _narration(self, step: Narrate) -> Iterator[tuple[Event, float]]:
        yield from self._close()
        yield self._begin({"type": "thinking", "thinking": "", "signature": ""}), 0.0
        yield self._delta({"type": "thinking_delta", "thinking": step.text}), 0.0
        yield self._delta({"type": "signature_delta", "signature": NARRATION}), 0.0
        yield from self._close()

    def _tool(self, step: ToolUse) -> Iterator[tuple[Event, float]]:
        yield from self._close()
        block = {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:24]}", "name": step.name, "input": {}}
        yield self._begin(block), 0.0
        yield self._delta({"type": "input_json_delta", "partial_json": json.dumps(step.input)}), 0.0
        yield from self._close()
        self._stop_reason = "tool_use"


def plain_text(steps: tuple[Step, ...]) -> str:
    """Return all text of a reply, as one string."""
    return "".join(step.text for step in steps if isinstance(step, Text))
