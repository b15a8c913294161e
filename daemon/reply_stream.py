"""`claude -p --output-format stream-json` as hook payloads: the text of the main thread, once. Pure.

The lines are those of CLI 2.1.197 and 2.1.328. With partial messages a text comes three times: in deltas, in
the line of its finished block, and in the result. Every block of text becomes a message of its own, so that
its last line is said as soon as it ends.
"""

from __future__ import annotations

from typing import Any

from claude_narrator.daemon.narration import is_narration
from claude_narrator.daemon.piped_sessions import SOURCE, SOURCE_KEY
from claude_narrator.daemon.strict_json import load_object
from claude_narrator.daemon.transcript_records import INTERRUPTED
from claude_narrator.models.errors import BadInput

FIRST_CHARS = 24
"""A block's first delta holds so many characters at least: its language is told by them."""
MAX_DELTA_CHARS = 100_000
"""A frame has room for so many, however they are escaped."""
NO_STREAM = "standard input is not Claude's stream-json"
HINT = "Write: claude -p --output-format stream-json --verbose --include-partial-messages '…' | voice pipe"

Payload = dict[str, Any]


class ReplyStream:
    """Takes lines, gives the payloads that follow from them.

    `session` is empty until the stream has named it. `complete` is true behind a result, `failure` holds the
    error that Claude reported last.
    """

    def __init__(self) -> None:
        """Start before the first line."""
        self.session = ""
        self.complete = False
        self.failure = ""
        self._known = False
        self._turn = 0
        self._blocks = 0
        self._index = 0
        self._held = ""
        self._open: str | None = None
        self._streamed: list[str] = []
        self._spoke = self._interrupted = False

    def feed(self, line: bytes) -> list[Payload]:
        """Take a line and return what the daemon is to hear of it.

        :raises BadInput: the first line that is not blank is no record of a stream.
        """
        record = self._record(line)
        if record is None or record.get("parent_tool_use_id"):
            return []
        match record.get("type"):
            case "system" if record.get("subtype") == "init":
                return self._init(record)
            case "stream_event":
                return self._event(_object(record, "event"))
            case "assistant" if not _is_error(record):
                return [each for block in _blocks(record) for each in self._block(block)]
            case "user" if _is_interruption(record):
                return self._interrupt()
            case "result":
                return self._result(record)
        return []

    def _record(self, line: bytes) -> Payload | None:
        if not line.strip():
            return None
        try:
            record: Payload = load_object(line)
        except ValueError:
            record = {}
        if isinstance(record.get("type"), str):
            self._known = True
            return record
        if not self._known:
            raise BadInput(NO_STREAM, HINT)
        return None

    def _init(self, record: Payload) -> list[Payload]:
        self.session = _text(record, "session_id") or self.session or "pipe"
        self._begin_turn()
        return [self._payload("SessionStart", source="startup", cwd=_text(record, "cwd"))]

    def _begin_turn(self) -> None:
        self._turn += 1
        self.complete = self._spoke = self._interrupted = False
        self._streamed.clear()

    def _event(self, event: Payload) -> list[Payload]:
        match event.get("type"):
            case "message_start":
                self._abandon_block()
                self._streamed.clear()
            case "content_block_start" if _object(event, "content_block").get("type") == "text":
                ended = self._end_block()
                self._open = ""
                return ended + self._text(_text(_object(event, "content_block"), "text"))
            case "content_block_delta" if self._open is not None:
                return self._text(_text(_object(event, "delta"), "text"))
            case "content_block_stop" | "message_stop":
                return self._end_block()
        return []

    def _block(self, block: Payload) -> list[Payload]:
        """Say a finished block unless its deltas were said."""
        if is_narration(block):
            return self._whole(_text(block, "thinking"))
        text = _text(block, "text") if block.get("type") == "text" else ""
        if self._open and text.startswith(self._open):
            said = self._text(text[len(self._open) :]) + self._end_block()
            self._streamed.pop()
            return said
        if text in self._streamed:
            self._streamed.remove(text)
            return []
        return self._whole(text)

    def _whole(self, text: str) -> list[Payload]:
        if not text.strip():
            return []
        ended = self._end_block()
        self._open = ""
        said = ended + self._text(text) + self._end_block()
        self._streamed.pop()
        return said

    def _text(self, text: str) -> list[Payload]:
        """Add to the open block."""
        self._open = (self._open or "") + text
        self._held += text
        if not self._index and len(self._held) < FIRST_CHARS and "\n" not in self._held:
            return []
        return self._display(final=False) if self._held else []

    def _end_block(self) -> list[Payload]:
        if self._open is None:
            return []
        self._streamed.append(self._open)
        said = self._display(final=True) if self._open.strip() else []
        self._abandon_block()
        return said

    def _abandon_block(self) -> None:
        """Wait for no more of the open block: the stream broke off, or the human did."""
        self._blocks += self._open is not None
        self._open, self._held, self._index = None, "", 0

    def _display(self, final: bool) -> list[Payload]:
        held, self._held = self._held, ""
        self._spoke = True
        deltas = [held[at : at + MAX_DELTA_CHARS] for at in range(0, len(held), MAX_DELTA_CHARS)] or [""]
        last = len(deltas) - 1
        return [self._delta(delta, final and number == last) for number, delta in enumerate(deltas)]

    def _delta(self, delta: str, final: bool) -> Payload:
        self._index += 1
        message = {"message_id": f"block-{self._blocks}", "index": self._index - 1}
        return self._payload("MessageDisplay", **message, final=final, delta=delta)

    def _interrupt(self) -> list[Payload]:
        """A prompt silences its session: begin the next turn with one."""
        self._abandon_block()
        self._begin_turn()
        self._interrupted = True
        return [self._payload("UserPromptSubmit", prompt="")]

    def _result(self, record: Payload) -> list[Payload]:
        ended = self._end_block()
        self.complete = True
        text = _text(record, "result")
        failed = record.get("is_error") is True or record.get("subtype") != "success"
        if failed and self._interrupted:
            return ended
        if failed:
            self.failure = " ".join((text or _text(record, "subtype") or "no reason given").split())[:300]
            return [*ended, self._payload("StopFailure")]
        return [*ended, self._payload("Stop", last_assistant_message="" if self._spoke else text)]

    def _payload(self, name: str, **fields: Any) -> Payload:
        common = {"hook_event_name": name, "session_id": self.session or "pipe", SOURCE_KEY: SOURCE}
        return {**common, "prompt_id": f"turn-{self._turn}", **fields}


def _blocks(record: Payload) -> list[Payload]:
    content = _object(record, "message").get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _is_error(record: Payload) -> bool:
    """Return whether the CLI wrote this itself, to show an API error as if it were a reply."""
    return bool(record.get("error")) or _object(record, "message").get("model") == "<synthetic>"


def _is_interruption(record: Payload) -> bool:
    return any(_text(block, "text").startswith(INTERRUPTED) for block in _blocks(record)[:1])


def _object(record: Payload, key: str) -> Payload:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def _text(record: Payload, key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""
