"""The subagents of one session whose end has been told: pure."""

from __future__ import annotations

from collections import OrderedDict

from claude_narrator.daemon.hook_events import AgentEnded

_REMEMBERED = 64


class Agents:
    """Knows the last closing message of each subagent, so that none is told twice."""

    def __init__(self) -> None:
        """Know none."""
        self._closing: OrderedDict[str, str] = OrderedDict()

    def is_news(self, event: AgentEnded) -> bool:
        """Return whether the listener may be told; not of a helper of the CLI's own, as in /compact."""
        if not event.agent_type or self._closing.get(event.agent_id) == event.text:
            return False
        self._closing[event.agent_id] = event.text
        while len(self._closing) > _REMEMBERED:
            self._closing.popitem(last=False)
        return True
