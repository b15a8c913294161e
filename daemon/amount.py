"""How much is said of what a session writes, as `speech.amount` has it: docs/what-is-said.md has the table.

Which message is the last of its turn is known when the turn ends. Where only that one is heard, what could be
a part of it is held back until then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from claude_narrator.daemon.roles import only
from claude_narrator.models.types import NO_PASSAGE, Origin, Passage, Priority, Role, Seconds, Utterance

MAX_HELD_SESSIONS = 64
MAX_HELD_MESSAGES = 8
"""Of a session; a last message of several blocks is displayed as so many at most."""


class Amount(Enum):
    """What is heard of a session."""

    ALL = "all"
    FINAL = "final"
    BRIEF = "brief"
    ALERTS = "alerts"
    OFF = "off"


AMOUNTS = tuple(each.value for each in Amount)

_ROLES = {
    Amount.BRIEF: frozenset({Role.OPENING, Role.WARNING, Role.QUESTION}),
    Amount.ALERTS: frozenset({Role.QUESTION}),
    Amount.OFF: frozenset[Role](),
}
"""What is heard of a reply, or of its last message; all of it where nothing is said here."""
_LAST_MESSAGE_ONLY = (Amount.FINAL, Amount.ALERTS)
_ALERTS = (Priority.IMPORTANT, Priority.NOTIFICATION)


@dataclass(slots=True)
class _Held:
    """What a session has written and nobody has heard; the first `silenced` of it came before a prompt."""

    utterances: list[Utterance] = field(default_factory=list)
    silenced: int = 0

    def add(self, utterance: Utterance) -> None:
        self._forget_overtaken(utterance)
        self.utterances.append(utterance)
        passages = list(dict.fromkeys(each.passage for each in self.utterances))
        forgotten = passages[:-MAX_HELD_MESSAGES]
        kept = [each for each in self.utterances if each.passage not in forgotten]
        self.silenced = max(0, self.silenced - (len(self.utterances) - len(kept)))
        self.utterances = kept

    def _forget_overtaken(self, utterance: Utterance) -> None:
        """Forget that `utterance` came before: words that overtake their own prompt come again behind it."""
        for at, each in enumerate(self.utterances[: self.silenced]):
            if _same_words(each, utterance):
                del self.utterances[at]
                self.silenced -= 1
                break

    def of(self, *passages: Passage) -> list[Utterance]:
        return [each for each in self.utterances if each.passage in passages]


class AmountGate:
    """A gate that lets through what the listener wants to hear."""

    def __init__(self, amount_of: Callable[[str], str]) -> None:
        """`amount_of` tells what is in force for a session; it is asked anew for everything that comes."""
        self._amount_of = amount_of
        self._held: OrderedDict[str, _Held] = OrderedDict()

    def admit(self, utterance: Utterance, now: Seconds) -> list[Utterance]:
        """Return what is heard now: `utterance`, a part of it, what was held back, or nothing."""
        if utterance.origin is Origin.USER:
            return [utterance]
        amount = Amount(self._amount_of(utterance.session))
        if utterance.origin is not Origin.NARRATION or utterance.priority in _ALERTS:
            heard = [] if amount is Amount.OFF else [replace(utterance, closes=None)]
        else:
            heard = self._of_reply(utterance, amount)
        if utterance.closes is not None:
            heard = self._close(utterance.session, utterance.closes, amount) + heard
        return heard

    def silence(self, session: str, forget: bool) -> None:
        """Forget what is held back of `session`, "" for all; without `forget` a turn keeps it."""
        for name in [session] if session else list(self._held):
            if forget:
                self._held.pop(name, None)
            elif held := self._held.get(name):
                held.silenced = len(held.utterances)

    def _of_reply(self, utterance: Utterance, amount: Amount) -> list[Utterance]:
        if utterance.priority is Priority.PROGRESS and amount is not Amount.ALL:
            return []
        if amount in _LAST_MESSAGE_ONLY:
            if utterance.passage != NO_PASSAGE:
                self._hold(utterance)
            return []
        begun: list[Utterance] = []
        if utterance.sentences and (held := self._held.pop(utterance.session, None)):
            begun = held.of(utterance.passage)
        return _parts_of([*begun, replace(utterance, closes=None)], amount)

    def _hold(self, utterance: Utterance) -> None:
        if not utterance.sentences:
            return
        held = self._held.setdefault(utterance.session, _Held())
        held.add(utterance)
        self._held.move_to_end(utterance.session)
        while len(self._held) > MAX_HELD_SESSIONS:
            self._held.popitem(last=False)

    def _close(self, session: str, last: tuple[Passage, ...], amount: Amount) -> list[Utterance]:
        """Return what is held back of the last message of a turn, and forget the rest."""
        held = self._held.pop(session, _Held())
        return _parts_of(held.of(*last), amount)


def _same_words(one: Utterance, other: Utterance) -> bool:
    return (one.passage, one.arrived_s, one.sentences) == (other.passage, other.arrived_s, other.sentences)


def _parts_of(utterances: list[Utterance], amount: Amount) -> list[Utterance]:
    """Return what is heard of parts of a reply."""
    roles = _ROLES.get(amount)
    heard = utterances if roles is None else [only(each, roles) for each in utterances]
    return [each for each in heard if each.sentences]
