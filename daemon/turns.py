"""What Claude Code's hooks report, turned into what is to be said: pure, with `now` as an argument.

A session is a line of turns, a turn a line of messages, a message a line of deltas. Deliveries overtake each
other, so each level holds back what is not next; `daemon/turn.py` has the waits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from claude_narrator.daemon.announcements import Announcement
from claude_narrator.daemon.dialogs import ASKING_TOOLS, Dialog
from claude_narrator.daemon.hook_events import (
    AgentEnded,
    Asked,
    Displayed,
    Failed,
    HookEvent,
    Notified,
    SessionEnd,
    SessionStart,
    Stopped,
    ToolEnded,
    ToolUse,
    UserPrompt,
    decode_event,
)
from claude_narrator.daemon.messages import Heard
from claude_narrator.daemon.session_turns import SessionTurns
from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.daemon.transcript_records import Interruption, News
from claude_narrator.models.types import Language, Seconds, Utterance

MAX_SESSIONS = 64
SESSION_IDLE_S = Seconds(12 * 3600)
"""A session that was silent for so long is forgotten: it may have ended without a word."""
TOOL_PREFIX = "mcp__"

GONE = "gone"
"""Our own reason of an end: the terminal was closed, or the process killed."""
HUMAN_ENDS = frozenset({"clear", "prompt_input_exit", "logout", "resume", GONE})
"""Reasons of SessionEnd that say: the human has left. Print mode ends with `other` right behind its reply."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Put `utterance` into the queue."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop what sounds of `session`, and drop what waits of it."""

    session: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """The human of `session` has submitted a prompt in it."""

    session: str


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """`session` is there, working in the folder `cwd`; may come again for the same session."""

    session: str
    cwd: str


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """`session` is gone: `reason` is Claude Code's, or `expired`."""

    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The MCP call with this id comes from `session`."""

    tool_use_id: str
    session: str
    tool_name: str


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the listener something, in words that hang on the settings of its session."""

    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Say no more of the announcements `ids`: they are answered."""

    session: str
    ids: tuple[str, ...]


Action = Speak | Silence | Prompted | SessionOpened | SessionClosed | ToolCall | Announce | Withdraw


class Turns:
    """The turns of all sessions."""

    def __init__(
        self, source_language: Language, style_for: Callable[[str], TextStyle] = lambda session: DEFAULT_STYLE
    ) -> None:
        """Know no session; `source_language` is what Claude writes unless the script says otherwise.

        `style_for` tells how a session's text is read.
        """
        self._language, self._style_for = source_language, style_for
        self._sessions: OrderedDict[str, SessionTurns] = OrderedDict()
        self._utterances = self._notices = 0

    @property
    def next_due_s(self) -> Seconds | None:
        """When `due` must be called even if no payload arrives; None when nothing waits."""
        moments = [session.next_due_s for session in self._sessions.values()]
        return min((at for at in moments if at is not None), default=None)

    def due_of(self, session: str) -> Seconds | None:
        """Return when `due` must be called for the sake of `session`."""
        known = self._sessions.get(session)
        return known.next_due_s if known else None

    def feed(self, payload: Mapping[str, Any], now: Seconds) -> list[Action]:
        """Take the payload of any hook and return what follows from it.

        :raises BadInput: the payload lacks a field or has one of the wrong type; nothing has changed.
        """
        event = decode_event(payload)
        if event is None:
            return []
        actions = self._expire(now) + self._meet(event, now)
        session = self._sessions[event.session]
        actions += self._speak(session, session.advance(now))
        actions += self._act(session, event, now)
        return actions + self._speak(session, session.advance(now))

    def due(self, now: Seconds) -> list[Action]:
        """Return what is to be done because time has passed."""
        actions = self._expire(now)
        for session in self._sessions.values():
            actions += self._speak(session, session.advance(now))
        return actions

    def read(self, name: str, news: News, now: Seconds) -> list[Action]:
        """Take what the transcript of a session tells: the human has stopped a turn, or Claude narrates."""
        if isinstance(news, Interruption):
            return self.interrupt(name, news.prompt_id, now)
        session = self._sessions.get(name)
        if session is None:
            return []
        session.display(Displayed(name, "", news.prompt_id, news.id, 0, True, news.text), now)
        return self._speak(session, session.advance(now))

    def interrupt(self, name: str, prompt_id: str, now: Seconds) -> list[Action]:
        """End the turn of `prompt_id` because the human has stopped it; empty when that is not known."""
        session = self._sessions.get(name)
        if session is None or not session.interrupt(prompt_id):
            return []
        session.last_s = now
        session.dialogs.close_all()
        self._sessions.move_to_end(name)
        return [Silence(name)]

    def _expire(self, now: Seconds) -> list[Action]:
        expired: list[Action] = []
        while self._sessions:
            name, oldest = next(iter(self._sessions.items()))
            if len(self._sessions) <= MAX_SESSIONS and now - oldest.last_s < SESSION_IDLE_S:
                break
            del self._sessions[name]
            expired += [] if oldest.closed else [SessionClosed(name, "expired")]
        return expired

    def _meet(self, event: HookEvent, now: Seconds) -> list[Action]:
        """Note that the session lives; the daemon may have started in the middle of it."""
        session = self._sessions.get(event.session)
        known = session is not None
        if session is None:
            style = partial(self._style_for, event.session)
            session = self._sessions[event.session] = SessionTurns(event.session, self._language, style)
        session.last_s = now
        self._sessions.move_to_end(event.session)
        if known or isinstance(event, SessionStart | SessionEnd):
            return []
        return [SessionOpened(event.session, event.cwd)]

    def _act(self, session: SessionTurns, event: HookEvent, now: Seconds) -> list[Action]:
        match event:
            case Displayed():
                session.display(event, now)
            case Stopped():
                gone = _withdrawn(session, session.dialogs.turn_ended())
                return gone + self._speak(session, session.stop(event, now))
            case Failed():
                session.fail(event, now)
                return _withdrawn(session, session.dialogs.turn_ended())
            case UserPrompt():
                return self._prompt(session, event, now)
            case SessionStart():
                session.reopen()
                return [SessionOpened(session.name, event.cwd)]
            case SessionEnd():
                return self._close(session, event.reason, now)
            case ToolUse() if event.tool_name.startswith(TOOL_PREFIX):
                return [ToolCall(event.tool_use_id, session.name, event.tool_name)]
            case Notified() | Asked() | ToolUse() | ToolEnded() | AgentEnded():
                return self._attend(session, event, now)
        return []

    def _attend(
        self,
        session: SessionTurns,
        event: Notified | Asked | ToolUse | ToolEnded | AgentEnded,
        now: Seconds,
    ) -> list[Action]:
        """Return what follows from an event that asks for attention, or is the answer to one that did."""
        match event:
            case Notified():
                known = event.kind == "permission_prompt" and session.dialogs.any_open
                return [] if known else [self._announce(session, event, now)]
            case Asked() | ToolUse():
                asks = isinstance(event, Asked) or event.tool_name in ASKING_TOOLS
                dialog = session.dialogs.open(event, now) if asks else None
                return [self._announce(session, dialog, now)] if dialog else []
            case ToolEnded():
                return _withdrawn(session, session.dialogs.answered(event))
            case AgentEnded():
                gone = _withdrawn(session, session.dialogs.agent_ended(event.agent_id))
                return gone + ([self._announce(session, event, now)] if session.agents.is_news(event) else [])

    def _prompt(self, session: SessionTurns, event: UserPrompt, now: Seconds) -> list[Action]:
        if not event.human:
            session.reopen(event.prompt_id)
            return []
        session.dialogs.close_all()
        overtook = session.prompt(event.prompt_id, now)
        return [Silence(session.name), Prompted(session.name), *self._speak(session, overtook)]

    def _close(self, session: SessionTurns, reason: str, now: Seconds) -> list[Action]:
        closed = SessionClosed(session.name, reason)
        session.closed = True
        session.dialogs.close_all()
        if reason not in HUMAN_ENDS:
            return [*self._speak(session, session.settle(now)), closed]
        session.leave()
        return [Silence(session.name), closed]

    def _announce(
        self, session: SessionTurns, about: Dialog | Notified | AgentEnded, now: Seconds
    ) -> Announce:
        self._notices += 1
        number = about.id if isinstance(about, Dialog) else f"notice-{self._notices}"
        return Announce(Announcement(number, session.name, about, now))

    def _speak(self, session: SessionTurns, heard: list[Heard]) -> list[Action]:
        return [Speak(self._utterance(session, each)) for each in heard]

    def _utterance(self, session: SessionTurns, heard: Heard) -> Utterance:
        self._utterances += 1
        return Utterance(
            id=f"turn-{self._utterances}",
            session=session.name,
            sentences=heard.sentences,
            language=heard.language,
            arrived_s=heard.arrived_s,
            priority=heard.priority,
            roles=heard.roles,
            passage=heard.passage,
            closes=heard.closes,
            names=heard.names,
        )


def _withdrawn(session: SessionTurns, dialogs: list[Dialog]) -> list[Action]:
    return [Withdraw(session.name, tuple(dialog.id for dialog in dialogs))] if dialogs else []
