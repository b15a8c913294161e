"""What Claude Code's hooks report, turned into what is to be said: pure, with `now` as an argument.

A session is a line of turns, a turn a line of messages, a message a line of deltas. Deliveries overtake each
other, so each level holds back what is not next; `daemon/turn.py` has the waits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claude_narrator.daemon.hook_events import (
    Displayed,
    Failed,
    HookEvent,
    Notified,
    SessionEnd,
    SessionStart,
    Stopped,
    ToolUse,
    UserPrompt,
    decode_event,
)
from claude_narrator.daemon.messages import Heard
from claude_narrator.daemon.session_turns import SessionTurns
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.transcript_records import Interruption, News
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

MAX_SESSIONS = 64
SESSION_IDLE_S = Seconds(12 * 3600)
"""A session that was silent for so long is forgotten: it may have ended without a word."""
TOOL_PREFIX = "mcp__"

_HUMAN_ENDS = frozenset({"clear", "prompt_input_exit", "logout", "resume"})
"""Reasons of SessionEnd that say: the human has left. Print mode ends with `other` right behind its reply."""
_URGENT = frozenset({"permission_prompt", "agent_needs_input"})


@dataclass(frozen=True, slots=True)
class Speak:
    """Put `utterance` into the queue."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop what sounds of `session`, and drop what waits of it."""

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


Action = Speak | Silence | SessionOpened | SessionClosed | ToolCall


class Turns:
    """The turns of all sessions."""

    def __init__(self, source_language: Language) -> None:
        """Know no session; `source_language` is what Claude writes unless the script says otherwise."""
        self._language = source_language
        self._sessions: OrderedDict[str, SessionTurns] = OrderedDict()
        self._utterances = 0

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
            session = self._sessions[event.session] = SessionTurns(event.session, self._language)
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
                return self._speak(session, session.stop(event, now))
            case Failed():
                session.fail(event, now)
            case UserPrompt():
                return self._prompt(session, event, now)
            case SessionStart():
                session.reopen()
                return [SessionOpened(session.name, event.cwd)]
            case SessionEnd():
                return self._close(session, event.reason, now)
            case Notified():
                return self._notify(session, event, now)
            case ToolUse() if event.tool_name.startswith(TOOL_PREFIX):
                return [ToolCall(event.tool_use_id, session.name, event.tool_name)]
        return []

    def _prompt(self, session: SessionTurns, event: UserPrompt, now: Seconds) -> list[Action]:
        if not event.human:
            session.reopen(event.prompt_id)
            return []
        overtook = session.prompt(event.prompt_id, now)
        return [Silence(session.name), *self._speak(session, overtook)]

    def _close(self, session: SessionTurns, reason: str, now: Seconds) -> list[Action]:
        closed = SessionClosed(session.name, reason)
        session.closed = True
        if reason not in _HUMAN_ENDS:
            return [*self._speak(session, session.settle(now)), closed]
        session.leave()
        return [Silence(session.name), closed]

    def _notify(self, session: SessionTurns, event: Notified, now: Seconds) -> list[Action]:
        sentences = speakable_sentences(event.message, self._language)
        if not sentences:
            return []
        priority = Priority.IMPORTANT if event.kind in _URGENT else Priority.NOTIFICATION
        return self._speak(session, [Heard(tuple(sentences), self._language, now, priority)])

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
        )
