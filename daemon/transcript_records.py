"""The records of a transcript that no hook tells of: Esc, and the narration between tool calls. Pure.

They are those of CLI 2.1.197 and 2.1.328. New types come every week; what is not looked for is skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from claude_narrator.daemon.narration import is_narration
from claude_narrator.daemon.strict_json import load_object

INTERRUPTED = "[Request interrupted by user"
_PROMPT_ID = re.compile(rb'"promptId" ?: ?"([^"\\]{1,256})"')


@dataclass(frozen=True, slots=True)
class Interruption:
    """The human has stopped the turn of `prompt_id`, which is empty when the record does not tell."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class Narration:
    """Prose before a tool call; `id` is that of its record, `prompt_id` that of the turn, or empty."""

    id: str
    prompt_id: str
    text: str


News = Interruption | Narration


class Records:
    """Reads the lines of one transcript in order; only what a human or a tool says names the turn."""

    def __init__(self) -> None:
        """Start before the first line."""
        self._prompt_id = ""

    def news_in(self, line: bytes) -> News | None:
        """Return what a line tells; None when it is anything else."""
        if b'"promptId"' in line and (found := _PROMPT_ID.search(line)):
            self._prompt_id = found[1].decode("utf-8", "replace")
        interrupts = INTERRUPTED.encode() in line
        if not interrupts and b'"signature"' not in line:
            return None
        try:
            record = load_object(line)
        except ValueError:
            return None
        if record.get("isSidechain"):
            return None
        return _interruption(record) if record.get("type") == "user" else self._narration(record)

    def _narration(self, record: dict[str, Any]) -> Narration | None:
        """Return the narration before a tool call; what comes with the last message of a turn is none."""
        message, number = record.get("message"), record.get("uuid")
        if record.get("type") != "assistant" or not isinstance(message, dict) or not isinstance(number, str):
            return None
        if message.get("stop_reason") != "tool_use":
            return None
        texts = [block.get("thinking") for block in _blocks(message) if is_narration(block)]
        text = "\n\n".join(text for text in texts if isinstance(text, str))
        return Narration(number, self._prompt_id, text) if text.strip() else None


def _interruption(record: dict[str, Any]) -> Interruption | None:
    """Return what the record tells; what a human typed has no list as content, or is of origin `human`."""
    origin, message, prompt_id = record.get("origin"), record.get("message"), record.get("promptId")
    if isinstance(origin, dict) and origin.get("kind") == "human":
        return None
    blocks = _blocks(message) if isinstance(message, dict) else []
    text = blocks[0].get("text") if blocks else None
    if not isinstance(text, str) or not text.startswith(INTERRUPTED):
        return None
    return Interruption(prompt_id if isinstance(prompt_id, str) else "")


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
