"""What must leave memory so that something else may enter it. Pure: figures in, names out.

The least recently used leaves first. What works, what loads and what is embedded stays, and what is `held`
against the newcomer; one that nobody waits for also leaves alone what was used a moment ago, so that two
engines which a sentence needs both do not push each other out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RECENT_S = 60.0
"""How long after its use a newcomer that nobody waits for leaves an engine alone."""


@dataclass(frozen=True, slots=True)
class Resident:
    """An engine in memory: what it takes, and when it was used last on the monotonic clock.

    One that is `held` is needed more than the newcomer is.
    """

    name: str
    bytes: int
    last_used_s: float
    embedded: bool = False
    busy: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """`unload` these, in this order; then the newcomer may take `bytes`."""

    unload: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The least that was needed does not fit.

    `taken_bytes` cannot be had: `by` whom. With `alone` it would not fit even beside nothing but the embedded
    ones, and `by` names only these; with `passing` there will be room once the busy ones are done.
    """

    needed_bytes: int
    taken_bytes: int
    by: tuple[str, ...]
    alone: bool
    passing: bool


def make_room(
    needs: Sequence[int], residents: Iterable[Resident], limit_bytes: int, spare_since_s: float = float("inf")
) -> Room | NoRoom:
    """Return what must leave for the first of `needs` (bytes, best first) that can be had at all.

    What was used at `spare_since_s` or later stays.
    """
    residents = tuple(residents)
    movable = [each for each in residents if _is_movable(each) and each.last_used_s < spare_since_s]
    fixed = [each for each in residents if each not in movable]
    free = limit_bytes - _total(fixed)
    for need in needs:
        if need <= free:
            return _unload(need, movable, free)
    least, embedded = min(needs), [each for each in residents if each.embedded]
    alone = least > limit_bytes - _total(embedded)
    working = _total(each for each in fixed if each.busy and not each.embedded)
    by = embedded if alone else fixed
    return NoRoom(
        needed_bytes=least,
        taken_bytes=_total(by),
        by=tuple(each.name for each in by),
        alone=alone,
        passing=not alone and least <= free + working,
    )


def relieve(residents: Iterable[Resident], limit_bytes: int) -> tuple[str, ...]:
    """Return what must leave, in order, so that what has grown comes below the limit, as far as it can."""
    residents = tuple(residents)
    movable = [each for each in residents if _is_movable(each)]
    room = limit_bytes - _total(each for each in residents if each not in movable)
    return _unload(0, movable, room).unload


def _unload(need: int, movable: Sequence[Resident], free: int) -> Room:
    """Let the least recently used go until `need` fits into what is free of them all."""
    staying = sorted(movable, key=lambda each: each.last_used_s)
    leaving = []
    while staying and need > free - _total(staying):
        leaving.append(staying.pop(0).name)
    return Room(tuple(leaving), free - _total(staying))


def _is_movable(resident: Resident) -> bool:
    return not (resident.embedded or resident.busy or resident.held)


def _total(residents: Iterable[Resident]) -> int:
    return sum(each.bytes for each in residents)
