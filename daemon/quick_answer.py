"""Tells the answer to a control that was sent without the client of `client.py`."""

from __future__ import annotations

from claude_narrator.daemon.client import DaemonDown, Refused
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.wire import decode_answer


def tell(body: bytes) -> int:
    """Print what the body of an answer says, and return the exit code of the command; empty is no answer."""
    return exit_code_of(lambda: _tell(body), find_paths().state / "crash.log")


def _tell(body: bytes) -> int:
    if not body:
        raise DaemonDown("the daemon closed the connection")
    answer = decode_answer(body)
    if answer.error is not None:
        raise Refused(answer.error)
    print(answer.result["said"])
    return 0
