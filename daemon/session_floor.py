"""The floor among the sessions that are open, and what moves when it changes hands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.floor import Floor, FloorRules, Standing
from claude_narrator.daemon.piped_sessions import SOURCE, SOURCE_KEY
from claude_narrator.daemon.turns import (
    HUMAN_ENDS,
    Action,
    Prompted,
    SessionClosed,
    SessionOpened,
    Silence,
)
from claude_narrator.models.quantities import parse_span_s
from claude_narrator.models.types import Seconds, Utterance


class SessionFloor:
    """A `Gate`: whoever loses the floor has what still waits of it held, and does not speak on."""

    def __init__(
        self,
        choices: Choices,
        withdraw: Callable[[str], Iterable[Utterance]],
        on_prompt: Callable[[str], None] = lambda session: None,
    ) -> None:
        """`withdraw` takes back what waits to be said of a session, but what is important.

        `on_prompt` is told of each session that its human prompts: there will soon be something to say.
        """
        self._choices, self._withdraw, self._on_prompt = choices, withdraw, on_prompt
        self._floor = Floor(self._rules)

    @property
    def owner(self) -> str:
        """The session that has the floor; empty when it is free."""
        return self._floor.owner(Seconds(time.monotonic()))

    def open_sessions(self) -> list[str]:
        """Return the sessions that have not closed."""
        return self._floor.open_sessions()

    def standings(self, now: Seconds) -> list[Standing]:
        """Return every session that is open, or has closed and left something to hear."""
        return self._floor.standings(now)

    def admit(self, utterance: Utterance, now: Seconds) -> tuple[Utterance, ...]:
        """Return what may be said now."""
        return self._floor.admit(utterance, now)

    def note(self, payload: Mapping[str, Any], now: Seconds) -> None:
        """Take a reply that is piped as prompted: somebody has written that command to hear it."""
        if payload.get(SOURCE_KEY) == SOURCE and payload.get("hook_event_name") == "SessionStart":
            self.prompted(str(payload.get("session_id")), now)

    def follow(self, action: Action, now: Seconds) -> None:
        """Take what the hooks tell of sessions and their humans."""
        match action:
            case SessionOpened(session, _):
                self._floor.opened(session, now)
            case SessionClosed(session, reason):
                self._floor.closed(session, reason in HUMAN_ENDS, now)
            case Silence(session):
                self.silenced(session)
            case Prompted(session):
                self.prompted(session, now)

    def silenced(self, session: str) -> None:
        """End what a session holds."""
        self._floor.silenced(session)

    def prompted(self, session: str, now: Seconds) -> None:
        """Give the floor to the session that its human prompted."""
        self._hold_all_of(self._floor.owner(now), session, now)
        self._floor.prompted(session, now)
        self._on_prompt(session)

    def listen(self, session: str, now: Seconds) -> list[Utterance]:
        """Give the floor to a session and return what it held, to be said now."""
        owner = self._floor.owner(now)
        if owner != session and session in self.open_sessions():
            self._hold_all_of(owner, session, now)
            self._hold_all_of(session, "", now)
        return self._floor.listen(session, now)

    def _hold_all_of(self, loser: str, winner: str, now: Seconds) -> None:
        if loser not in ("", winner) and self._rules().others != "all":
            self._floor.hold(self._withdraw(loser), now)

    def _rules(self) -> FloorRules:
        settings = self._choices.settings.sessions
        return FloorRules(settings.others, parse_span_s(settings.expire))
