"""Who speaks next: utterances of all sessions in one bounded line. Pure: no clock, no I/O.

The priorities are speech-dispatcher's (SSIP, "Priority Categories"):

* IMPORTANT is said at once. What sounds of MESSAGE and TEXT makes way and is said again afterwards; what
  sounds of NOTIFICATION and PROGRESS is dropped.
* MESSAGE is said before TEXT that waits, and is never interrupted by itself.
* TEXT is said when no IMPORTANT and no MESSAGE waits.
* NOTIFICATION is dropped when anything else sounds or waits; of several the last one is said.
* PROGRESS does not interrupt itself: while anything sounds, only the last report waits, behind everything,
  and is then said as a MESSAGE. One that sounds makes way for all but NOTIFICATION and PROGRESS.

Two rules of SSIP are not kept, because TEXT is a reply here and not a menu entry: new TEXT does not cancel
older TEXT (a new prompt silences its session instead), and MESSAGE postpones TEXT where SSIP cancels it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from claude_narrator.models.types import Priority, Utterance

MAX_UTTERANCES = 2_048
MAX_CHARS = 200_000
"""About four hours of speech."""

_PLACES = (Priority.IMPORTANT, Priority.MESSAGE, Priority.TEXT, Priority.NOTIFICATION, Priority.PROGRESS)
_READ = (Priority.MESSAGE, Priority.TEXT)


def place_of(priority: Priority) -> int:
    """Return the rank in which a priority is said: 0 is first."""
    return _PLACES.index(priority)


@dataclass(frozen=True, slots=True)
class MakesWay:
    """An utterance that has begun must stop now; `again` says that what is left of it is said afterwards."""

    utterance: Utterance
    again: bool


class SpeechQueue:
    """Utterances that wait to be spoken, and those that have been taken and have not ended."""

    def __init__(self, max_utterances: int = MAX_UTTERANCES, max_chars: int = MAX_CHARS) -> None:
        """Start empty; `max_chars` bounds the characters of all sentences that wait together."""
        self._max_utterances = max_utterances
        self._max_chars = max_chars
        self._waiting: list[Utterance] = []
        self._begun: list[Utterance] = []
        self._late: set[str] = set()
        self._generation = 0

    def __len__(self) -> int:
        """Return how many utterances wait."""
        return len(self._waiting)

    @property
    def generation(self) -> int:
        """A number that grows with every `silence`: sound of an older generation is not to be heard."""
        return self._generation

    def waiting(self) -> tuple[Utterance, ...]:
        """Return what waits, next first."""
        return tuple(self._waiting)

    def begun(self) -> tuple[Utterance, ...]:
        """Return what was taken and has not ended, oldest first."""
        return tuple(self._begun)

    def put(self, utterance: Utterance) -> tuple[Utterance, ...]:
        """Let `utterance` wait, and return what will not be said because of it; that may be itself."""
        dropped = self._outdone_by(utterance)
        if utterance not in dropped:
            self._mark_late(utterance)
            self._insert(utterance)
        self._waiting = [each for each in self._waiting if each not in dropped]
        while self._too_much():
            dropped.append(self._waiting.pop(self._least()))
        return tuple(dropped)

    def take(self, before: Priority | None = None) -> Utterance | None:
        """Return the next utterance, begun from now on; None when nothing waits that goes before `before`."""
        if not self._waiting:
            return None
        first = self._waiting[0]
        if before is not None and place_of(first.priority) >= place_of(before):
            return None
        self._waiting.pop(0)
        if first.id in self._late:
            self._late.discard(first.id)
            first = replace(first, priority=Priority.MESSAGE)
        self._begun.append(first)
        return first

    def making_way(self) -> tuple[MakesWay, ...]:
        """Return what has begun and must stop for what waits, oldest first.

        What is said again afterwards stays begun, and is returned each time. A report of PROGRESS that is the
        last one goes back to wait.
        """
        stops = [way for each in self._begun if (way := self._way_of(each)) is not None]
        for way in stops:
            if not way.again:
                self.ended(way.utterance.id)
                self._wait_again(way.utterance)
        return tuple(stops)

    def ended(self, utterance_id: str) -> None:
        """Forget an utterance that had begun: all of it has been said, or nothing more of it will be."""
        self._begun = [each for each in self._begun if each.id != utterance_id]

    def rearrange(self, waiting: Iterable[Utterance]) -> None:
        """Let `waiting` wait in place of all that does, in that order."""
        self._waiting = list(waiting)

    def silence(self, session: str = "") -> tuple[Utterance, ...]:
        """Begin a new generation, and return what will not be said: all that waits, or all of `session`."""
        self._generation += 1
        dropped = tuple(each for each in self._waiting if session in ("", each.session))
        self._waiting = [each for each in self._waiting if session not in ("", each.session)]
        self._begun = [each for each in self._begun if session not in ("", each.session)]
        return dropped

    def withdraw(self, ids: Collection[str]) -> tuple[Utterance, ...]:
        """Return what waits of the utterances `ids`, which nobody needs any more; forget those begun."""
        dropped = tuple(each for each in self._waiting if each.id in ids)
        self._waiting = [each for each in self._waiting if each.id not in ids]
        self._begun = [each for each in self._begun if each.id not in ids]
        return dropped

    def take_back(self, session: str) -> tuple[Utterance, ...]:
        """Take out what waits of `session` but is not important, and return it, next first."""
        own = [e for e in self._waiting if e.session == session and e.priority is not Priority.IMPORTANT]
        self._waiting = [each for each in self._waiting if each not in own]
        return tuple(own)

    def _insert(self, utterance: Utterance) -> None:
        place = place_of(utterance.priority)
        at = sum(place_of(each.priority) <= place for each in self._waiting)
        self._waiting.insert(at, utterance)

    def _outdone_by(self, newest: Utterance) -> list[Utterance]:
        """Return what is not said because `newest` has come, which may be `newest`."""
        if newest.priority is Priority.NOTIFICATION and self._busy_with_others():
            return [newest]
        gone = [each for each in self._waiting if each.priority is Priority.NOTIFICATION]
        if newest.priority is Priority.PROGRESS:
            gone += [each for each in self._waiting if each.priority is Priority.PROGRESS]
        return gone

    def _busy_with_others(self) -> bool:
        return any(each.priority is not Priority.NOTIFICATION for each in (*self._waiting, *self._begun))

    def _mark_late(self, newest: Utterance) -> None:
        """A report that had to wait for anything is the last of its series when its turn comes."""
        reports = [each for each in (*self._waiting, newest) if each.priority is Priority.PROGRESS]
        if self._begun or self._waiting:
            self._late = {each.id for each in reports}

    def _way_of(self, begun: Utterance) -> MakesWay | None:
        waiting = {each.priority for each in self._waiting}
        if begun.priority in _READ and Priority.IMPORTANT in waiting:
            return MakesWay(begun, again=True)
        if begun.priority is Priority.NOTIFICATION and waiting:
            return MakesWay(begun, again=False)
        if begun.priority is Priority.PROGRESS and waiting & {Priority.IMPORTANT, *_READ}:
            return MakesWay(begun, again=False)
        return None

    def _wait_again(self, cut: Utterance) -> None:
        newer = any(each.priority is Priority.PROGRESS for each in self._waiting)
        if cut.priority is Priority.PROGRESS and not newer:
            self._insert(cut)
            self._late = {cut.id}

    def _too_much(self) -> bool:
        chars = sum(len(sentence) for each in self._waiting for sentence in each.sentences)
        return len(self._waiting) > self._max_utterances or chars > self._max_chars

    def _least(self) -> int:
        """Return the place of the oldest of the lowest priority."""
        return min(range(len(self._waiting)), key=lambda at: self._waiting[at].priority)
