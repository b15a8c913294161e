"""Who speaks next: utterances of all sessions in one bounded line. Pure: no clock, no I/O.

The priorities are speech-dispatcher's (its manual, "Message Priority Model") in a simple form:

* IMPORTANT goes before everything else.
* MESSAGE and TEXT are first in, first out.
* PROGRESS waits behind all others, and only the last one waits.
* NOTIFICATION is dropped as soon as anything else waits; of several the last one waits.

So what a session says with one priority keeps its order, and what it says as TEXT and MESSAGE together does.
"""

from __future__ import annotations

from collections.abc import Iterable

from claude_narrator.models.types import Priority, Utterance

MAX_UTTERANCES = 2_048
MAX_CHARS = 200_000
"""About four hours of speech."""


class SpeechQueue:
    """Utterances that wait to be spoken."""

    def __init__(self, max_utterances: int = MAX_UTTERANCES, max_chars: int = MAX_CHARS) -> None:
        """Start empty; `max_chars` bounds the characters of all sentences together."""
        self._max_utterances = max_utterances
        self._max_chars = max_chars
        self._waiting: list[Utterance] = []
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

    def put(self, utterance: Utterance) -> tuple[Utterance, ...]:
        """Let `utterance` wait, and return what will not be said because of it; that may be itself."""
        self._waiting.insert(self._place_of(utterance), utterance)
        dropped = self._drop_outdone(utterance)
        while self._too_much():
            dropped.append(self._waiting.pop(self._least()))
        return tuple(dropped)

    def take(self) -> Utterance | None:
        """Return the next utterance, which waits no longer; None when nothing waits."""
        return self._waiting.pop(0) if self._waiting else None

    def rearrange(self, waiting: Iterable[Utterance]) -> None:
        """Let `waiting` wait in place of all that does, in that order."""
        self._waiting = list(waiting)

    def silence(self, session: str = "") -> tuple[Utterance, ...]:
        """Begin a new generation, and return what will not be said: all that waits, or all of `session`."""
        self._generation += 1
        dropped = tuple(each for each in self._waiting if session in ("", each.session))
        self._waiting = [each for each in self._waiting if session not in ("", each.session)]
        return dropped

    def _place_of(self, utterance: Utterance) -> int:
        if utterance.priority is Priority.IMPORTANT:
            return sum(each.priority is Priority.IMPORTANT for each in self._waiting)
        if utterance.priority in (Priority.MESSAGE, Priority.TEXT):
            return sum(each.priority is not Priority.PROGRESS for each in self._waiting)
        return len(self._waiting)

    def _drop_outdone(self, newest: Utterance) -> list[Utterance]:
        """Take out the notifications and progress reports that do not wait any more."""
        others = any(each.priority is not Priority.NOTIFICATION for each in self._waiting)
        outdone = [each for each in self._waiting if _is_outdone(each, newest, others)]
        self._waiting = [each for each in self._waiting if not _is_outdone(each, newest, others)]
        return outdone

    def _too_much(self) -> bool:
        chars = sum(len(sentence) for each in self._waiting for sentence in each.sentences)
        return len(self._waiting) > self._max_utterances or chars > self._max_chars

    def _least(self) -> int:
        """Return the place of the oldest of the lowest priority."""
        return min(range(len(self._waiting)), key=lambda at: self._waiting[at].priority)


def _is_outdone(utterance: Utterance, newest: Utterance, others: bool) -> bool:
    """Return whether `utterance` makes way for `newest`, or for `others` that are no notifications."""
    older = utterance is not newest and utterance.priority is newest.priority
    return (utterance.priority is Priority.PROGRESS and older) or (
        utterance.priority is Priority.NOTIFICATION and (others or older)
    )
