"""What stands between everything that could be said and the queue: pure, with `now` as an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from claude_narrator.models.types import Seconds, Utterance


class Gate(Protocol):
    """Decides what becomes of an utterance before it waits to be spoken."""

    def admit(self, utterance: Utterance, now: Seconds) -> Iterable[Utterance]:
        """Return what takes the place of `utterance`: itself, a part of it, something else, or nothing."""


@runtime_checkable
class Holding(Protocol):
    """A gate that may hold utterances back."""

    def silence(self, session: str, forget: bool) -> None:
        """Take note that what waits of `session`, "" for all, is dropped.

        With `forget`, what is held back goes with it; without, a turn that goes on keeps it.
        """


def admitted_by(gates: Sequence[Gate], utterance: Utterance, now: Seconds) -> list[Utterance]:
    """Return what is left of `utterance` behind the last of `gates`."""
    admitted = [utterance]
    for gate in gates:
        admitted = [kept for each in admitted for kept in gate.admit(each, now)]
    return admitted


def silence_held(gates: Sequence[Gate], session: str, forget: bool) -> None:
    """Tell those of `gates` that hold utterances back that `session`, "" for all, is silenced."""
    for gate in gates:
        if isinstance(gate, Holding):
            gate.silence(session, forget)
