"""What a hook's detached child does when nobody listened: start the daemon, then deliver the event."""

from __future__ import annotations

import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from claude_narrator.daemon.detached import start_if_down
from claude_narrator.daemon.paths import find_paths
from claude_narrator.hooks.event import send

START_TIMEOUT_S = 5.0
_LIFETIME_S = 10


def deliver(frame: bytes, home: str) -> None:
    """Send `frame` to the daemon of the folder `home` (empty: the platform's own places), started if need be.

    Ends the process when that takes longer than 10 s: an event so late describes nothing any more.

    :raises DaemonDown: the daemon did not come up.
    :raises OSError: it went away again, or `home` has gone.
    """
    signal.alarm(_LIFETIME_S)
    paths = find_paths({"CLAUDE_NARRATOR_HOME": home})
    if not home:
        paths.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _one_at_a_time(paths.run):
        start_if_down(home, START_TIMEOUT_S)
        send(str(paths.socket), frame)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    # Waiters on a lock wake in the order they came: events stay in theirs, and one child starts the daemon.
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "late.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
