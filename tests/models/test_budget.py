"""The least recently used leaves, what works or is embedded never, and a refusal says by how much."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.budget import NoRoom, Resident, Room, make_room, relieve

OLD, NEW = Resident("old", 400, 1.0), Resident("new", 500, 2.0)
LIMIT = 1000

_residents = st.lists(
    st.builds(
        Resident,
        name=st.text(min_size=1, max_size=4),
        bytes=st.integers(0, 1000),
        last_used_s=st.floats(0, 100),
        embedded=st.booleans(),
        busy=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda resident: resident.name,
)
_needs = st.lists(st.integers(1, 2000), min_size=1, max_size=3)
_limits = st.integers(0, 4000)
_moments = st.one_of(st.just(math.inf), st.floats(0, 100))


def test_what_fits_beside_the_others_moves_nobody() -> None:
    assert make_room([100], [OLD, NEW], LIMIT) == Room((), 100)


def test_the_least_recently_used_leaves_and_no_more_than_need_be() -> None:
    assert make_room([300], [NEW, OLD], LIMIT) == Room(("old",), 500)
    assert make_room([600], [NEW, OLD], LIMIT) == Room(("old", "new"), 1000)


def test_what_works_stays_and_is_waited_for() -> None:
    refused = make_room([700], [replace(OLD, busy=True), NEW], LIMIT)
    assert refused == NoRoom(700, 400, ("old",), alone=False, passing=True)


def test_what_is_embedded_stays_and_what_cannot_fit_beside_it_is_refused() -> None:
    refused = make_room([700], [replace(OLD, embedded=True), NEW], LIMIT)
    assert refused == NoRoom(700, 400, ("old",), alone=True, passing=False)


def test_a_newcomer_for_whom_nobody_waits_leaves_alone_what_was_used_a_moment_ago() -> None:
    assert make_room([600], [OLD, NEW], LIMIT, spare_since_s=2.0) == NoRoom(600, 500, ("new",), False, False)
    assert make_room([500], [OLD, NEW], LIMIT, spare_since_s=2.0) == Room(("old",), 500)


def test_of_several_needs_the_first_that_can_be_had_counts() -> None:
    assert make_room([1100, 800, 50], [OLD, NEW], LIMIT) == Room(("old", "new"), 1000)
    assert make_room([1100, 1050], [OLD], LIMIT) == NoRoom(1050, 0, (), alone=True, passing=False)


@given(_needs, _residents, _limits, _moments)
def test_after_the_unloading_the_newcomer_fits_and_nobody_left_who_may_not(
    needs: list[int], residents: list[Resident], limit: int, spare_since_s: float
) -> None:
    made = make_room(needs, residents, limit, spare_since_s)
    if isinstance(made, NoRoom):
        return
    leaving = [each for each in residents if each.name in made.unload]
    staying = sum(each.bytes for each in residents if each not in leaving)
    assert made.bytes == limit - staying
    assert min(needs) <= made.bytes
    assert not any(each.embedded or each.busy or each.last_used_s >= spare_since_s for each in leaving)


@given(_needs, _residents, _limits, _moments)
def test_nobody_leaves_who_was_used_after_one_that_stays_and_could_leave(
    needs: list[int], residents: list[Resident], limit: int, spare_since_s: float
) -> None:
    made = make_room(needs, residents, limit, spare_since_s)
    if isinstance(made, NoRoom):
        return
    movable = [r for r in residents if not (r.embedded or r.busy) and r.last_used_s < spare_since_s]
    left = [each.last_used_s for each in movable if each.name in made.unload]
    stayed = [each.last_used_s for each in movable if each.name not in made.unload]
    assert max(left, default=0) <= min(stayed, default=math.inf)
    free = made.bytes + sum(each.bytes for each in movable if each.name not in made.unload)
    wanted = next(need for need in needs if need <= free)
    if made.unload:
        last = next(each for each in movable if each.name == made.unload[-1])
        assert wanted > made.bytes - last.bytes


@given(_needs, _residents, _limits, _moments)
def test_a_refusal_is_true(
    needs: list[int], residents: list[Resident], limit: int, spare_since_s: float
) -> None:
    made = make_room(needs, residents, limit, spare_since_s)
    if isinstance(made, Room):
        return
    fixed = [r for r in residents if r.embedded or r.busy or r.last_used_s >= spare_since_s]
    assert made.needed_bytes == min(needs)
    assert min(needs) > limit - sum(each.bytes for each in fixed)
    assert made.alone == (min(needs) > limit - sum(each.bytes for each in residents if each.embedded))
    assert not (made.alone and made.passing)


@given(_residents, _limits)
def test_what_has_grown_is_relieved_by_the_least_recently_used_as_far_as_it_can(
    residents: list[Resident], limit: int
) -> None:
    leaving = relieve(residents, limit)
    movable = sorted((r for r in residents if not (r.embedded or r.busy)), key=lambda r: r.last_used_s)
    assert sorted(leaving) == sorted(each.name for each in movable[: len(leaving)]) or _tied(movable)
    total = sum(each.bytes for each in residents if each.name not in leaving)
    assert total <= limit or len(leaving) == len(movable)
    if total <= limit and leaving:
        last = next(each for each in residents if each.name == leaving[-1])
        assert total + last.bytes > limit


def _tied(residents: list[Resident]) -> bool:
    return len({each.last_used_s for each in residents}) < len(residents)
