"""What stands on the screen of a session and waits for an answer: pure, with `now` as an argument.

A permission prompt comes through the PermissionRequest hook as soon as its dialog opens. A question and a
plan come through PreToolUse as well, and each is said once. Six seconds later a Notification tells of the
same dialog again, without its detail.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_narrator.daemon.hook_events import Asked, ToolEnded, ToolEvent, ToolUse
from claude_narrator.models.types import Seconds

QUESTION, PLAN = "AskUserQuestion", "ExitPlanMode"
ASKING_TOOLS = (QUESTION, PLAN)
"""Tools whose call is itself a question to the human."""
SAME_S = Seconds(1.0)
"""The same request through the same door within this time is one delivered twice."""
MAX_OPEN = 32


@dataclass(frozen=True, slots=True)
class Dialog:
    """One question to the human; `by_agent` says that a subagent's tool asks."""

    id: str
    tool_name: str
    tool_input: Mapping[str, Any]
    by_agent: bool
    opened_s: Seconds


@dataclass(slots=True)
class _Open:
    dialog: Dialog
    agent_id: str
    key: str
    doors: set[type] = field(default_factory=set)


class Dialogs:
    """The dialogs of one session that nobody is known to have answered."""

    def __init__(self, session: str) -> None:
        """Start with none."""
        self._session = session
        self._open: list[_Open] = []
        self._ids = itertools.count(1)

    def open(self, event: Asked | ToolUse, now: Seconds) -> Dialog | None:
        """Return the dialog that `event` opens; None when it has told before."""
        key = _key(event)
        for known in self._open:
            if known.key == key and (type(event) not in known.doors or now - known.dialog.opened_s < SAME_S):
                known.doors.add(type(event))
                return None
        number = f"dialog-{next(self._ids)} of {self._session}"
        dialog = Dialog(number, event.tool_name, event.tool_input, bool(event.agent_id), now)
        self._open = [*self._open[1 - MAX_OPEN :], _Open(dialog, event.agent_id, key, {type(event)})]
        return dialog

    @property
    def any_open(self) -> bool:
        """Whether a dialog has been told of and is not known to be answered."""
        return bool(self._open)

    def answered(self, event: ToolEnded) -> list[Dialog]:
        """Return the dialog that is answered because its tool has run, with older ones about the same."""
        key = _key(event)
        return self._close(lambda known: known.key == key)

    def turn_ended(self) -> list[Dialog]:
        """Return the dialogs of the main thread: none can be left. Subagents go on in the background."""
        return self._close(lambda known: not known.agent_id)

    def agent_ended(self, agent_id: str) -> list[Dialog]:
        """Return the dialogs of a subagent that is gone."""
        return self._close(lambda known: known.agent_id == agent_id)

    def close_all(self) -> list[Dialog]:
        """Return every dialog: the human has gone on to something else."""
        return self._close(lambda known: True)

    def _close(self, is_over: Callable[[_Open], bool]) -> list[Dialog]:
        over = [known for known in self._open if is_over(known)]
        self._open = [known for known in self._open if not is_over(known)]
        return [known.dialog for known in over]


def _key(event: ToolEvent) -> str:
    """What two events of one call have in common; the answers to a question become a part of its input."""
    about = "" if event.tool_name in ASKING_TOOLS else json.dumps(event.tool_input, sort_keys=True)
    return f"{event.agent_id}\n{event.tool_name}\n{about}"
