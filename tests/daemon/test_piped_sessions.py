"""Whose report of a reply is heard: the pipe's while it is open, the hooks' otherwise."""

from __future__ import annotations

from claude_narrator.daemon.piped_sessions import FORGOTTEN_S, MAX_SESSIONS, SOURCE, SOURCE_KEY, PipedSessions
from claude_narrator.models.types import Seconds


def admits(sessions: PipedSessions, name: str, at: float, session: str = "s", piped: bool = False) -> bool:
    payload = {"hook_event_name": name, "session_id": session, **({SOURCE_KEY: SOURCE} if piped else {})}
    return sessions.admits(payload, Seconds(at))


def test_while_a_session_is_piped_its_hooks_are_not_heard_but_those_of_others_are() -> None:
    sessions = PipedSessions()
    assert admits(sessions, "MessageDisplay", 0.0)
    assert admits(sessions, "SessionStart", 1.0, piped=True)
    assert not admits(sessions, "MessageDisplay", 2.0)
    assert not admits(sessions, "Stop", 2.0)
    assert admits(sessions, "MessageDisplay", 2.0, piped=True)
    assert admits(sessions, "MessageDisplay", 2.0, session="other")


def test_what_is_no_reply_is_heard_all_the_same() -> None:
    sessions = PipedSessions()
    admits(sessions, "SessionStart", 0.0, piped=True)
    assert all(admits(sessions, name, 1.0) for name in ("PreToolUse", "Notification", "SessionStart"))


def test_the_end_of_the_pipe_frees_its_session() -> None:
    sessions = PipedSessions()
    admits(sessions, "SessionStart", 0.0, piped=True)
    assert not admits(sessions, "SessionEnd", 1.0)
    assert admits(sessions, "SessionEnd", 1.0, piped=True)
    assert admits(sessions, "MessageDisplay", 2.0)


def test_a_pipe_of_which_nothing_is_heard_is_forgotten() -> None:
    sessions = PipedSessions()
    admits(sessions, "SessionStart", 0.0, piped=True)
    assert not admits(sessions, "MessageDisplay", FORGOTTEN_S)
    assert admits(sessions, "MessageDisplay", FORGOTTEN_S + 1)


def test_only_so_many_piped_sessions_are_remembered() -> None:
    sessions = PipedSessions()
    for number in range(MAX_SESSIONS + 1):
        admits(sessions, "SessionStart", 0.0, session=f"s{number}", piped=True)
    assert admits(sessions, "MessageDisplay", 1.0, session="s0")
    assert not admits(sessions, "MessageDisplay", 1.0, session="s1")


def test_a_payload_that_makes_no_sense_is_left_to_others() -> None:
    assert PipedSessions().admits({"session_id": 7, SOURCE_KEY: SOURCE}, Seconds(0.0))
