"""Claude Code's hook payloads as values: the events that a narrator acts on, with the fields it needs.

The payloads are those of CLI 2.1.197 and 2.1.328. Fields that are not listed here are ignored, for the CLI
grows new ones every week; a needed one that is missing or of another type is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from claude_narrator.daemon.slash_commands import is_slash_command
from claude_narrator.models.errors import BadInput

MAX_ID_CHARS = 256
MAX_INDEX = 1_000_000
"""A delta is a line or more; no message has so many."""

_TASK_NOTIFICATION = "<task-notification>"
"""How a prompt begins with which a finished background agent wakes the model."""
_Value = TypeVar("_Value", str, int, bool)


@dataclass(frozen=True, slots=True)
class SessionStart:
    """A session began, or goes on: `source` is startup, resume, clear, compact or fork."""

    session: str
    cwd: str
    source: str


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """A session ended: `reason` is clear, prompt_input_exit, logout, resume, or other (also print mode)."""

    session: str
    cwd: str
    reason: str


@dataclass(frozen=True, slots=True)
class UserPrompt:
    """A prompt was submitted; the CLI wrote it unless `human`. `prompt_id` may be the running turn's."""

    session: str
    cwd: str
    prompt_id: str
    human: bool


@dataclass(frozen=True, slots=True)
class Displayed:
    """Lines of a message of the reply: delta number `index` of `message_id`, the last one when `final`."""

    session: str
    cwd: str
    prompt_id: str
    message_id: str
    index: int
    final: bool
    delta: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """A turn ended; `text` is its last message, trimmed, or empty. A blocked stop lets the turn go on."""

    session: str
    cwd: str
    prompt_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A turn ended with an API error of the kind `error`; the text that comes with it is never a reply."""

    session: str
    cwd: str
    prompt_id: str
    error: str


@dataclass(frozen=True, slots=True)
class Notified:
    """The CLI tells the human something; `kind` is permission_prompt, idle_prompt or another."""

    session: str
    cwd: str
    message: str
    kind: str


@dataclass(frozen=True, slots=True)
class ToolEvent:
    """What happens to a tool that the subagent `agent_id` calls or, if that is empty, the main thread."""

    session: str
    cwd: str
    agent_id: str
    tool_name: str
    tool_input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolUse(ToolEvent):
    """A tool is about to run."""

    tool_use_id: str


@dataclass(frozen=True, slots=True)
class Asked(ToolEvent):
    """A dialog has opened: the human must allow the tool to run."""


@dataclass(frozen=True, slots=True)
class ToolEnded(ToolEvent):
    """A tool has run or failed, so whatever was asked about it is answered."""


@dataclass(frozen=True, slots=True)
class AgentEnded:
    """A subagent ended with `text`; one without an `agent_type` is a helper of the CLI's own."""

    session: str
    cwd: str
    agent_id: str
    agent_type: str
    text: str


HookEvent = (
    SessionStart
    | SessionEnd
    | UserPrompt
    | Displayed
    | Stopped
    | Failed
    | Notified
    | ToolUse
    | Asked
    | ToolEnded
    | AgentEnded
)


def decode_event(payload: Mapping[str, Any]) -> HookEvent | None:
    """Return what `payload` says; None when it is nothing to act on, as the text of a subagent's messages.

    A subagent's tool calls are acted on: the tool may be the narrator's own, and the human is asked for both.

    :raises BadInput: a field is missing or of the wrong type.
    """
    name = _needed(payload, "hook_event_name", str)
    reader = _READERS.get(name)
    if reader is None or (payload.get("agent_id") and name not in _OF_AGENTS):
        return None
    return reader(payload)


def _session_start(payload: Mapping[str, Any]) -> SessionStart:
    return SessionStart(*_common(payload), _optional(payload, "source"))


def _session_end(payload: Mapping[str, Any]) -> SessionEnd:
    return SessionEnd(*_common(payload), _optional(payload, "reason"))


def _user_prompt(payload: Mapping[str, Any]) -> UserPrompt | None:
    prompt = _needed(payload, "prompt", str)
    if is_slash_command(prompt):  # reported before its expansion is blocked; it must not end the speech
        return None
    machine = _optional(payload, "source") == "system" or prompt.lstrip().startswith(_TASK_NOTIFICATION)
    return UserPrompt(*_common(payload), _optional_id(payload, "prompt_id"), not machine)


def _displayed(payload: Mapping[str, Any]) -> Displayed:
    index = _needed(payload, "index", int)
    if not 0 <= index <= MAX_INDEX:
        raise BadInput(f"MessageDisplay: index must lie between 0 and {MAX_INDEX}")
    return Displayed(
        *_common(payload),
        _optional_id(payload, "prompt_id") or _optional_id(payload, "turn_id"),
        _id(payload, "message_id"),
        index,
        _needed(payload, "final", bool),
        _needed(payload, "delta", str),
    )


def _stopped(payload: Mapping[str, Any]) -> Stopped:
    text = _optional(payload, "last_assistant_message")
    return Stopped(*_common(payload), _optional_id(payload, "prompt_id"), text)


def _failed(payload: Mapping[str, Any]) -> Failed:
    return Failed(*_common(payload), _optional_id(payload, "prompt_id"), _optional(payload, "error"))


def _notified(payload: Mapping[str, Any]) -> Notified:
    return Notified(
        *_common(payload), _needed(payload, "message", str), _optional(payload, "notification_type")
    )


def _tool_use(payload: Mapping[str, Any]) -> ToolUse:
    return ToolUse(*_tool(payload), _id(payload, "tool_use_id"))


def _asked(payload: Mapping[str, Any]) -> Asked:
    return Asked(*_tool(payload))


def _tool_ended(payload: Mapping[str, Any]) -> ToolEnded:
    return ToolEnded(*_tool(payload))


def _agent_ended(payload: Mapping[str, Any]) -> AgentEnded:
    text = _optional(payload, "last_assistant_message")
    return AgentEnded(*_common(payload), _id(payload, "agent_id"), _optional(payload, "agent_type"), text)


def _tool(payload: Mapping[str, Any]) -> tuple[str, str, str, str, Mapping[str, Any]]:
    """The fields of a ToolEvent."""
    agent = _optional_id(payload, "agent_id")
    tool_input = payload.get("tool_input")
    given = tool_input if isinstance(tool_input, dict) else {}
    return *_common(payload), agent, _needed(payload, "tool_name", str), given


_READERS: dict[str, Callable[[Mapping[str, Any]], HookEvent | None]] = {
    "SessionStart": _session_start,
    "SessionEnd": _session_end,
    "UserPromptSubmit": _user_prompt,
    "MessageDisplay": _displayed,
    "Stop": _stopped,
    "StopFailure": _failed,
    "Notification": _notified,
    "PreToolUse": _tool_use,
    "PermissionRequest": _asked,
    "PostToolUse": _tool_ended,
    "PostToolUseFailure": _tool_ended,
    "SubagentStop": _agent_ended,
}
_OF_AGENTS = frozenset(
    {"PreToolUse", "PermissionRequest", "PostToolUse", "PostToolUseFailure", "SubagentStop"}
)


def _common(payload: Mapping[str, Any]) -> tuple[str, str]:
    return _id(payload, "session_id"), _optional(payload, "cwd")


def _id(payload: Mapping[str, Any], key: str) -> str:
    value = _needed(payload, key, str)
    if not 0 < len(value) <= MAX_ID_CHARS:
        raise BadInput(f"{_event(payload)}: {key} must have 1 to {MAX_ID_CHARS} characters")
    return value


def _optional_id(payload: Mapping[str, Any], key: str) -> str:
    return _id(payload, key) if payload.get(key) else ""


def _optional(payload: Mapping[str, Any], key: str) -> str:
    return "" if payload.get(key) is None else _needed(payload, key, str)


def _needed(payload: Mapping[str, Any], key: str, kind: type[_Value]) -> _Value:
    value = payload.get(key)
    if type(value) is kind:
        return value
    fault = "is missing" if value is None else f"is a {type(value).__name__}, not a {kind.__name__}"
    raise BadInput(f"{_event(payload)}: the field {key} {fault}")


def _event(payload: Mapping[str, Any]) -> str:
    name = payload.get("hook_event_name")
    return name[:40] if isinstance(name, str) else "hook payload"
