"""Mute means mute: nothing passes until its time, nothing is said later, and it is counted."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.mute import EVERYTHING, Mute
from claude_narrator.daemon.mute_file import KeptMute
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

FOREVER = Seconds(math.inf)


def utterance(session: str, priority: Priority = Priority.TEXT) -> Utterance:
    return Utterance("u", session, ("Hello.",), Language("en"), Seconds(0.0), priority)


def passes(mute: Mute, session: str, now: float, priority: Priority = Priority.TEXT) -> bool:
    spoken = utterance(session, priority)
    admitted = tuple(mute.admit(spoken, Seconds(now)))
    assert admitted in ((), (spoken,))
    return bool(admitted)


@pytest.mark.parametrize("priority", list(Priority))
def test_while_everything_is_muted_nothing_passes_however_important(priority: Priority) -> None:
    mute = Mute()
    mute.mute(EVERYTHING, FOREVER)
    assert not passes(mute, "a", 0.0, priority)


def test_a_muted_session_is_silent_and_the_others_are_heard() -> None:
    mute = Mute()
    mute.mute("a", FOREVER)
    assert not passes(mute, "a", 0.0)
    assert passes(mute, "b", 0.0)


def test_a_mute_ends_at_its_time_and_not_before() -> None:
    mute = Mute()
    mute.mute(EVERYTHING, Seconds(10.0))
    assert not passes(mute, "a", 9.999)
    assert passes(mute, "a", 10.0)
    assert mute.state(Seconds(10.0)) == ()


def test_a_later_mute_takes_the_place_of_the_one_before_and_goes_on_counting() -> None:
    mute = Mute()
    mute.mute(EVERYTHING, FOREVER)
    assert not passes(mute, "a", 0.0)
    mute.mute(EVERYTHING, Seconds(5.0))
    assert mute.state(Seconds(1.0))[0].dropped == 1
    assert passes(mute, "a", 5.0)


def test_unmuting_everything_lets_every_session_pass_and_tells_how_much_was_not_said() -> None:
    mute = Mute()
    mute.mute("a", FOREVER)
    mute.mute("b", FOREVER)
    assert not any(passes(mute, session, 0.0) for session in ("a", "b", "b"))
    assert mute.unmute(EVERYTHING, Seconds(1.0)) == 3
    assert passes(mute, "a", 1.0)


def test_a_session_stays_silent_while_everything_is_muted() -> None:
    mute = Mute()
    mute.mute(EVERYTHING, FOREVER)
    mute.mute("a", FOREVER)
    assert mute.unmute("a", Seconds(0.0)) == 0
    muting = mute.muting("a", Seconds(0.0))
    assert muting is not None
    assert muting.session == EVERYTHING


changes = st.lists(
    st.tuples(
        st.sampled_from(["mute", "unmute", "say"]),
        st.sampled_from(["", "a", "b"]),
        st.integers(0, 9) | st.just(math.inf),
    ),
    max_size=30,
)


@given(changes)
def test_what_passes_is_what_nobody_muted_whatever_was_done_before(
    steps: list[tuple[str, str, float]],
) -> None:
    mute, until = Mute(), dict.fromkeys(("", "a", "b"), 0.0)
    for now, (step, session, span) in enumerate(steps):
        if step == "mute":
            mute.mute(session, Seconds(now + span))
            until[session] = now + span
        elif step == "unmute":
            mute.unmute(session, Seconds(now))
            until = {key: 0.0 if session in ("", key) else at for key, at in until.items()}
        elif session:
            assert passes(mute, session, now) == (now >= until[""] and now >= until[session])


def test_who_is_muted_outlives_the_daemon(tmp_path: Path) -> None:
    path = tmp_path / "mute.json"
    now = time.monotonic()
    KeptMute(path).mute(EVERYTHING, Seconds(now + 3600))
    again = KeptMute(path)
    (muted,) = again.state(Seconds(now))
    assert muted.session == EVERYTHING
    assert muted.until_s == pytest.approx(now + 3600, abs=2)
    again.mute("a", FOREVER)
    again.unmute(EVERYTHING, Seconds(now))
    assert KeptMute(path).state(Seconds(now)) == ()


def test_a_mute_that_has_run_out_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "mute.json"
    path.write_text(json.dumps({"": time.time() - 1, "a": None}), encoding="utf-8")
    assert [each.session for each in KeptMute(path).state(Seconds(time.monotonic()))] == ["a"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": "soon"}', b"\xff", b'{"a": true}', b"[" * 50_000])
def test_a_file_that_makes_no_sense_mutes_nobody_and_is_a_line_in_the_log(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mute.json"
    path.write_bytes(content)
    assert KeptMute(path).state(Seconds(time.monotonic())) == ()
    assert "cannot be read" in caplog.text


def test_a_disk_that_refuses_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mute = KeptMute(tmp_path / "gone" / "mute.json")
    mute.mute(EVERYTHING, FOREVER)
    assert not passes(mute, "a", 0.0)
    assert "cannot be kept" in caplog.text
