"""Whose turn it is to speak among several Claude Code sessions: pure, with `now` as an argument.

One session has the floor: the one that its human prompted last or asked to hear. Once that one is gone, or
has said nothing for `expire_s`, the floor is free, and the next that speaks takes it until the chosen one
speaks again. What others write is held for them, bounded, and given back when somebody asks for it; it never
comes by itself. What is important passes, and so does what comes from no session: a command, for one.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from claude_narrator.daemon.chime import CHIME
from claude_narrator.models.types import Priority, Seconds, Utterance, VoiceChoice

OTHERS = ("chime", "silent", "all")
"""What sessions without the floor do: chime once and wait, wait, or speak in turn."""
MAX_SESSIONS = 64
MAX_HELD = 64
MAX_HELD_CHARS = 40_000
"""Held of one session: about three quarters of an hour of speech."""

_PASSING_NEWS = (Priority.NOTIFICATION, Priority.PROGRESS)


@dataclass(frozen=True, slots=True)
class FloorRules:
    """`others` is one of OTHERS; `expire_s` how long held text keeps, and the floor without a word."""

    others: str = "chime"
    expire_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Standing:
    """One session: what it holds, what was left out since it last had the floor, when it was prompted."""

    session: str
    owner: bool
    closed: bool
    held: int
    dropped: int
    expired: int
    prompted_s: Seconds | None


@dataclass(slots=True, eq=False)
class _Party:
    seen_s: Seconds
    closed: bool = False
    chimed: bool = False
    prompted_s: Seconds | None = None
    dropped: int = 0
    expired: int = 0
    held: deque[tuple[Seconds, Utterance]] = field(default_factory=deque)

    @property
    def overfull(self) -> bool:
        """True when more is held than may be."""
        return len(self.held) > MAX_HELD or sum(_chars(each) for _, each in self.held) > MAX_HELD_CHARS


class Floor:
    """A `Gate`. `dropped` and `expired` count all that was held or refused and will not be heard."""

    def __init__(self, rules: Callable[[], FloorRules] = FloorRules) -> None:
        """Know no session; `rules` are asked for each time, for settings change."""
        self._rules = rules
        self._parties: OrderedDict[str, _Party] = OrderedDict()
        self._chosen = ""
        self._owner = ""
        self.dropped = 0
        self.expired = 0

    def owner(self, now: Seconds) -> str:
        """Return the session that has the floor; empty when it is free."""
        party = self._parties.get(self._owner)
        if party is None or party.closed or now - party.seen_s > self._rules().expire_s:
            return ""
        return self._owner

    def open_sessions(self) -> list[str]:
        """Return the sessions that have not closed."""
        return [session for session, party in self._parties.items() if not party.closed]

    def opened(self, session: str, now: Seconds) -> None:
        """Know that a session is there; may come again for the same one."""
        self._meet(session, now).closed = False

    def closed(self, session: str, by_human: bool, now: Seconds) -> None:
        """Free the floor if `session` has it. What it holds ends with it if its human closed it."""
        if (party := self._parties.get(session)) is None:
            return
        party.closed, party.seen_s = True, now
        self._chosen = "" if session == self._chosen else self._chosen
        self._owner = "" if session == self._owner else self._owner
        if by_human:
            self._end_held(party)

    def prompted(self, session: str, now: Seconds) -> None:
        """Give the floor to the session that its human prompted; what it held is no news any more."""
        party = self._give(session, now)
        self._end_held(party)
        party.dropped = party.expired = 0
        party.prompted_s = now

    def listen(self, session: str, now: Seconds) -> list[Utterance]:
        """Give the floor to a session, unless it has closed, and return what it held, oldest first."""
        self._expire(now)
        if (party := self._parties.get(session)) is None:
            return []
        if not party.closed:
            self._give(session, now)
        kept = [utterance for _, utterance in party.held]
        party.held.clear()
        party.chimed = False
        party.dropped = party.expired = 0
        return kept

    def silenced(self, session: str) -> None:
        """End what a session holds: its human has stopped it."""
        if party := self._parties.get(session):
            self._end_held(party)

    def hold(self, utterances: Iterable[Utterance], now: Seconds) -> None:
        """Hold what a session had waiting to be said when it lost the floor."""
        for utterance in utterances:
            if utterance.sentences != (CHIME,):
                self._keep(self._meet(utterance.session, now), utterance, now)

    def admit(self, utterance: Utterance, now: Seconds) -> tuple[Utterance, ...]:
        """Return what may be said now: `utterance`, a chime in its place, or nothing."""
        self._expire(now)
        party = self._parties.get(utterance.session)
        if party is not None:
            self._parties.move_to_end(utterance.session)
        if party is None or utterance.priority is Priority.IMPORTANT:
            return (utterance,)
        if self._may_speak(utterance.session, now):
            party.seen_s = now
            return (utterance,)
        if utterance.priority in _PASSING_NEWS:
            self._drop(party)
            return ()
        self._keep(party, utterance, now)
        return self._chime(party, utterance, now)

    def standings(self, now: Seconds) -> list[Standing]:
        """Return every session, the one that was heard of last at the end."""
        self._expire(now)
        owner = self.owner(now)
        return [_standing(session, party, session == owner) for session, party in self._parties.items()]

    def _may_speak(self, session: str, now: Seconds) -> bool:
        if self._rules().others == "all":
            return True
        if session == self._chosen or not self.owner(now):
            self._owner = session
        return session == self._owner

    def _give(self, session: str, now: Seconds) -> _Party:
        self._chosen = self._owner = session
        party = self._meet(session, now)
        party.seen_s, party.closed = now, False
        return party

    def _meet(self, session: str, now: Seconds) -> _Party:
        party = self._parties.setdefault(session, _Party(now))
        self._parties.move_to_end(session)
        while len(self._parties) > MAX_SESSIONS:
            _, oldest = self._parties.popitem(last=False)
            self._end_held(oldest)
        return party

    def _keep(self, party: _Party, utterance: Utterance, now: Seconds) -> None:
        party.held.append((now, utterance))
        while party.overfull:
            party.held.popleft()
            self._drop(party)

    def _drop(self, party: _Party) -> None:
        party.dropped += 1
        self.dropped += 1

    def _end_held(self, party: _Party) -> None:
        while party.held:
            party.held.popleft()
            self._drop(party)
        party.chimed = False

    def _chime(self, party: _Party, about: Utterance, now: Seconds) -> tuple[Utterance, ...]:
        """Return the chime when there is first something to hear, and for each thing said on purpose."""
        heard_before = party.chimed and about.priority is not Priority.MESSAGE
        if self._rules().others != "chime" or heard_before or not party.held:
            return ()
        party.chimed = True
        how = VoiceChoice(about.language)
        name = f"{about.id}-chime"
        return (Utterance(name, about.session, (CHIME,), about.language, now, Priority.MESSAGE, how),)

    def _expire(self, now: Seconds) -> None:
        expire_s = self._rules().expire_s
        for session, party in list(self._parties.items()):
            while party.held and now - party.held[0][0] > expire_s:
                party.held.popleft()
                party.expired += 1
                self.expired += 1
            party.chimed = party.chimed and bool(party.held)
            if party.closed and not party.held:
                del self._parties[session]


def _standing(session: str, party: _Party, owner: bool) -> Standing:
    counts = len(party.held), party.dropped, party.expired
    return Standing(session, owner, party.closed, *counts, party.prompted_s)


def _chars(utterance: Utterance) -> int:
    return sum(map(len, utterance.sentences))
