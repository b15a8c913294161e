"""Mute means mute: nothing passes until its time, nothing is said later, and it is counted."""

from __future__ import annotations

import json
import math
import re
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.clock import CLOCK as clock_of_mutes
from claude_narrator.daemon.clock import elapsed_s
from claude_narrator.daemon.mute import EVERYTHING, Mute, Muted
from claude_narrator.daemon.mute_file import KeptMute
from claude_narrator.daemon.mute_words import span_s, until_time
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

FOREVER = math.inf
HOUR_S = 3600.0
GATES_CLOCK = Seconds(0.0)
"""Stands still while the machine sleeps; a mute must not look at it."""


class Clock:
    """A clock that goes on when it is told to; `day_s` is the time of day, which may be set."""

    def __init__(self) -> None:
        self.now_s, self.day_s = 500.0, 1_700_000_000.0

    def __call__(self) -> Seconds:
        return Seconds(self.now_s)

    def pass_time(self, seconds: float) -> None:
        self.now_s += seconds
        self.day_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def utterance(session: str, priority: Priority = Priority.TEXT) -> Utterance:
    return Utterance("u", session, ("Hello.",), Language("en"), Seconds(0.0), priority)


def passes(mute: Mute, session: str, priority: Priority = Priority.TEXT) -> bool:
    spoken = utterance(session, priority)
    admitted = tuple(mute.admit(spoken, GATES_CLOCK))
    assert admitted in ((), (spoken,))
    return bool(admitted)


@pytest.mark.parametrize("priority", list(Priority))
def test_while_everything_is_muted_nothing_passes_however_important(priority: Priority) -> None:
    mute = Mute()
    mute.mute(EVERYTHING, FOREVER)
    assert not passes(mute, "a", priority)


def test_a_muted_session_is_silent_and_the_others_are_heard() -> None:
    mute = Mute()
    mute.mute("a", FOREVER)
    assert not passes(mute, "a")
    assert passes(mute, "b")


def test_a_mute_ends_at_its_time_and_not_before(clock: Clock) -> None:
    mute = Mute(clock)
    mute.mute(EVERYTHING, 10.0)
    clock.pass_time(9.999)
    assert not passes(mute, "a")
    clock.pass_time(0.001)
    assert passes(mute, "a")
    assert mute.state() == ()


def test_a_later_mute_takes_the_place_of_the_one_before_and_goes_on_counting(clock: Clock) -> None:
    mute = Mute(clock)
    mute.mute(EVERYTHING, FOREVER)
    assert not passes(mute, "a")
    mute.mute(EVERYTHING, 5.0)
    assert mute.state() == (Muted(EVERYTHING, 5.0, 1),)
    clock.pass_time(5.0)
    assert passes(mute, "a")


def test_unmuting_everything_lets_every_session_pass_and_tells_how_much_was_not_said() -> None:
    mute = Mute()
    mute.mute("a", FOREVER)
    mute.mute("b", FOREVER)
    assert not any(passes(mute, session) for session in ("a", "b", "b"))
    assert sum(each.dropped for each in mute.unmute(EVERYTHING)) == 3
    assert passes(mute, "a")


def test_a_session_stays_silent_while_everything_is_muted() -> None:
    mute = Mute()
    mute.mute(EVERYTHING, FOREVER)
    mute.mute("a", FOREVER)
    assert [each.session for each in mute.unmute("a")] == ["a"]
    muting = mute.muting("a")
    assert muting is not None
    assert muting.session == EVERYTHING


changes = st.lists(
    st.tuples(
        st.sampled_from(["mute", "unmute", "say"]),
        st.sampled_from(["", "a", "b"]),
        st.integers(1, 9) | st.just(math.inf),
    ),
    max_size=30,
)


@given(changes)
def test_what_passes_is_what_nobody_muted_whatever_was_done_before(
    steps: list[tuple[str, str, float]],
) -> None:
    clock = Clock()
    mute, until = Mute(clock), dict.fromkeys(("", "a", "b"), 0.0)
    for step, session, span in steps:
        clock.pass_time(1.0)
        now = clock()
        if step == "mute":
            mute.mute(session, span)
            until[session] = now + span
        elif step == "unmute":
            mute.unmute(session)
            until = {key: 0.0 if session in ("", key) else at for key, at in until.items()}
        elif session:
            assert passes(mute, session) == (now >= until[""] and now >= until[session])


def test_the_clock_of_a_mute_is_one_that_sleep_does_not_stop_and_nobody_sets() -> None:
    wanted = time.CLOCK_MONOTONIC_RAW if sys.platform == "darwin" else time.CLOCK_BOOTTIME
    assert clock_of_mutes == wanted  # on a machine that has not slept, several clocks show the same
    before_s = time.clock_gettime(wanted)
    assert before_s <= elapsed_s() <= time.clock_gettime(wanted)
    mute = Mute()
    mute.mute(EVERYTHING, HOUR_S)
    (muted,) = mute.state()
    assert HOUR_S - 60 < muted.left_s <= HOUR_S


def test_who_is_muted_outlives_the_daemon(tmp_path: Path) -> None:
    path = tmp_path / "mute.json"
    KeptMute(path).mute(EVERYTHING, HOUR_S)
    again = KeptMute(path)
    (muted,) = again.state()
    assert muted.session == EVERYTHING
    assert muted.left_s == pytest.approx(HOUR_S, abs=60)
    again.mute("a", FOREVER)
    again.unmute(EVERYTHING)
    assert KeptMute(path).state() == ()


def test_time_passes_for_a_mute_while_no_daemon_runs(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "mute.json"
    before = KeptMute(path, clock, lambda: clock.day_s)
    before.mute("a", HOUR_S)
    before.mute("b", FOREVER)
    before.mute("c", HOUR_S / 2)
    clock.pass_time(HOUR_S / 2)
    clock.now_s = 0.0  # the machine was started anew
    left_s = {each.session: each.left_s for each in KeptMute(path, clock, lambda: clock.day_s).state()}
    assert left_s == {"a": pytest.approx(HOUR_S / 2), "b": FOREVER}


def test_a_time_of_day_that_was_set_changes_no_mute_that_runs(tmp_path: Path, clock: Clock) -> None:
    mute = KeptMute(tmp_path / "mute.json", clock, lambda: clock.day_s)
    mute.mute(EVERYTHING, HOUR_S)
    clock.day_s -= 10 * HOUR_S
    assert mute.state()[0].left_s == HOUR_S
    clock.day_s += 20 * HOUR_S
    assert mute.state()[0].left_s == HOUR_S


def test_a_time_of_day_that_was_set_back_while_no_daemon_ran_makes_no_mute_longer(
    tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "mute.json"
    KeptMute(path, clock, lambda: clock.day_s).mute(EVERYTHING, HOUR_S)
    clock.day_s -= 10 * HOUR_S
    (muted,) = KeptMute(path, clock, lambda: clock.day_s).state()
    assert muted.left_s == HOUR_S


def test_a_mute_that_has_run_out_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "mute.json"
    kept = {"": {"until": time.time() - 1, "left": HOUR_S}, "a": None}
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert [each.session for each in KeptMute(path).state()] == ["a"]


NONSENSE = [
    b"",
    b"[]",
    b'{"a": "soon"}',
    b"\xff",
    b'{"a": true}',
    b'{"a": {"until": 1}}',
    b'{"a": {"until": true, "left": 1}}',
    b'{"a": {"until": NaN, "left": Infinity}}',
    b"[" * 50_000,
]


@pytest.mark.parametrize("content", NONSENSE)
def test_a_file_that_makes_no_sense_mutes_nobody_and_is_a_line_in_the_log(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mute.json"
    path.write_bytes(content)
    assert KeptMute(path).state() == ()
    assert "cannot be read" in caplog.text


def test_a_disk_that_refuses_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mute = KeptMute(tmp_path / "gone" / "mute.json")
    mute.mute(EVERYTHING, FOREVER)
    assert not passes(mute, "a")
    assert "cannot be kept" in caplog.text
    assert "cannot be kept" in mute.problem


@pytest.mark.parametrize(
    ("words", "seconds"),
    [([], FOREVER), (["5"], 300.0), (["1h", "30m"], 5400.0), (["90s"], 90.0), (["forever"], FOREVER)],
)
def test_a_span_is_read_as_a_person_writes_it(words: list[str], seconds: float) -> None:
    assert span_s(words) == seconds


@pytest.mark.parametrize("word", ["0", "0s", "-5", "soon", "1e9", "999999999d", "²", "5x"])
def test_what_is_no_span_is_refused_in_a_line_that_says_what_to_write(word: str) -> None:
    with pytest.raises(BadInput) as caught:
        span_s([word])
    assert word[:10] in caught.value.problem
    assert caught.value.hint


def test_the_end_of_a_mute_is_told_by_the_clock_on_the_wall() -> None:
    assert until_time(FOREVER) == "until it is unmuted"
    assert re.fullmatch(r"until \d\d:\d\d:\d\d", until_time(20))
    assert re.fullmatch(r"until \d{4}-\d\d-\d\d \d\d:\d\d", until_time(2 * 86400))
    ends = datetime.now() + timedelta(minutes=90)
    assert until_time(5400).endswith((f"{ends:%H:%M}", f"{ends + timedelta(minutes=1):%H:%M}"))
