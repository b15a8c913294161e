"""Sessions whose reply comes through `voice pipe`: their hooks report the same text again. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from claude_narrator.models.types import Seconds

SOURCE_KEY, SOURCE = "narrator_source", "pipe"
"""Marks a payload that `voice pipe` made."""
FORGOTTEN_S = Seconds(600)
"""After so long without a piped payload, a session is taken to be on its own again."""
MAX_SESSIONS = 64

_REPLIES = frozenset({"MessageDisplay", "Stop", "StopFailure", "UserPromptSubmit", "SessionEnd"})


class PipedSessions:
    """Tells which payloads are to be heard."""

    def __init__(self) -> None:
        """Know no session."""
        self._seen_s: OrderedDict[str, Seconds] = OrderedDict()

    def admits(self, payload: Mapping[str, Any], now: Seconds) -> bool:
        """Return False for a hook's report of a reply that is piped. The end of a piped session frees it."""
        session, name = payload.get("session_id"), payload.get("hook_event_name")
        if not isinstance(session, str) or not isinstance(name, str):
            return True
        if payload.get(SOURCE_KEY) != SOURCE:
            seen_s = self._seen_s.get(session)
            return seen_s is None or now - seen_s > FORGOTTEN_S or name not in _REPLIES
        self._seen_s.pop(session, None)
        if name != "SessionEnd":
            self._seen_s[session] = now
        if len(self._seen_s) > MAX_SESSIONS:
            self._seen_s.popitem(last=False)
        return True
