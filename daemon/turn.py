"""One turn of Claude: its messages, and an end that is reconciled with what the Stop hook says."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from claude_narrator.daemon.message_line import LastMessage, MessageLine
from claude_narrator.daemon.messages import Delta, Heard
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.text_style import StyleSource, default_style
from claude_narrator.models.types import Language, Priority, Seconds

STOP_GRACE_S = Seconds(0.3)
"""How long after Stop deltas may still come: three deliveries run at once, each takes up to 0.1 s."""


class Phase(Enum):
    """Text may come; Stop or the next turn came; all is said; nothing more may be said."""

    OPEN = auto()
    ENDING = auto()
    CLOSED = auto()
    DROPPED = auto()


class Turn:
    """What one prompt set off: messages one after the other, until Stop, a failure, or the next turn.

    Its methods return what is to be said next, in order.
    """

    def __init__(self, key: str, language: Language, number: int, style: StyleSource = default_style) -> None:
        """Start with nothing; `key` is the prompt's id, `number` counts the turns of the session from 1."""
        self.key = key
        self.phase = Phase.OPEN
        self._language = language
        self._line = MessageLine(language, number, style)
        self._ends_s = Seconds(0.0)
        self._stop: LastMessage | None = None
        self._failed, self._error = False, ""

    @property
    def running(self) -> bool:
        """True as long as something of this turn may have to be said before the next turn."""
        return self.phase in (Phase.OPEN, Phase.ENDING)

    @property
    def crowded(self) -> bool:
        """True when more waits than a real turn would ever have waiting."""
        return self._line.crowded

    @property
    def next_due_s(self) -> Seconds | None:
        """When `advance` must be called even if nothing arrives."""
        moments = [self._line.next_due_s(self._stop)]
        if self.phase is Phase.ENDING:
            moments.append(self._ends_s)
        return min((at for at in moments if at is not None), default=None)

    def display(self, message_id: str, index: int, delta: Delta) -> None:
        """Take a delta."""
        if self.phase is not Phase.DROPPED:
            self._line.put(message_id, index, delta)
        if self.phase is Phase.CLOSED and not self._line.empty:
            self.phase = Phase.OPEN

    def stop(self, text: str, now: Seconds) -> list[Heard]:
        """Begin to end, with `text` as the last message; an earlier stop was blocked, so the turn went on."""
        if self.phase is Phase.DROPPED:
            return []
        stop = LastMessage(text.strip(), now)
        heard = self.close(now) if self._stop and self._stop.text != stop.text else []
        self._end(now)
        self._stop = stop
        return heard

    def fail(self, now: Seconds, error: str = "") -> None:
        """Begin to end with a notice that Claude failed, and why: `error` is one of Claude Code's kinds."""
        if self.phase is not Phase.DROPPED:
            self._end(now)
            self._failed, self._error = True, error

    def give_way(self, now: Seconds) -> None:
        """Begin to end because the next turn has begun, though no Stop came."""
        if self.phase is Phase.OPEN:
            self._end(now)

    def drop(self) -> None:
        """Say nothing more, whatever comes."""
        self.phase = Phase.DROPPED
        self._line.clear()

    def forget(self) -> None:
        """Keep no text: nothing of this turn will be compared any more."""
        self._line.clear()

    def advance(self, now: Seconds) -> list[Heard]:
        """Return what can be said by now."""
        heard = self._line.go_on(now, self._stop)
        if self.phase is Phase.ENDING and (now >= self._ends_s or self._settled() or self.crowded):
            heard += self.close(now)
            heard += self._line.go_on(now, self._stop)
        return heard

    def settle(self, now: Seconds) -> list[Heard]:
        """Return what is left after Stop, without waiting for late deltas."""
        return self.close(now) if self.phase is Phase.ENDING else []

    def close(self, now: Seconds) -> list[Heard]:
        """Return what is left to be said, and be closed unless messages came behind the one Stop tells of.

        That one counts as the last of the turn even when the stop was blocked: whoever listens to last
        messages alone hears at once what Claude took for its end, and the next end after it.
        """
        stop, self._stop = self._stop, None
        if self._failed:
            return self._fail(now)
        if stop is None:
            heard = self._line.interrupt(now)
        else:
            heard = self._line.reconcile(stop, now) if stop.text else self._line.flush(now)
        self.phase = Phase.CLOSED if self._line.empty else Phase.OPEN
        heard = heard or [Heard((), self._language, now)]
        last = self._line.passages_of(stop.text if stop else "")
        return [*heard[:-1], replace(heard[-1], closes=last)]

    def _end(self, now: Seconds) -> None:
        self.phase = Phase.ENDING
        self._ends_s = Seconds(now + STOP_GRACE_S)

    def _settled(self) -> bool:
        """Return whether all that Stop tells of has been said."""
        if self._failed or self._stop is None:
            return False
        return self._line.missing_of(self._stop.text) == "" if self._stop.text else self._line.empty

    def _fail(self, now: Seconds) -> list[Heard]:
        notices = notices_for(self._language)
        said = (notices.failure(self._error),)
        notice = Heard(said, notices.language, now, Priority.IMPORTANT, closes=())
        heard = [*self._line.flush(now), notice]
        self.drop()
        return heard
