"""Starts the daemon on behalf of a process that belongs to a Claude Code session and ends with it."""

from __future__ import annotations

import os

from claude_narrator.daemon.client import DaemonDown, connect
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths
from claude_narrator.models.errors import NarratorError

_OF_A_SESSION = ("CLAUDE", "ANTHROPIC_", "PYTHON", "VIRTUAL_ENV")
_KEPT = ("CLAUDE_CONFIG_DIR",)


def start_if_down(home: str, timeout_s: float) -> Paths:
    """Return the places of the daemon of folder `home` (empty: the platform's own), started if it is down.

    This process's environment becomes the daemon's: what belongs to one session or one project is taken out.

    :raises DaemonDown: it did not come up within `timeout_s`, or `home` has gone: who removed it wants none.
    :raises BadInput: `home` is too long a path for a socket.
    """
    check_home(home)
    _keep_what_outlives_a_session(home)
    paths = find_paths()
    with connect(paths.socket, paths.log, timeout_s):
        return paths


def check_home(home: str) -> None:
    """Refuse to bring back the folder `home`, which was there when Claude Code was told of it.

    :raises DaemonDown: it has gone.
    """
    if home and not os.path.isdir(home):
        raise DaemonDown(f"the folder {home} has gone; run voice-install again")


def report_start(home: str, timeout_s: float, descriptor: int) -> None:
    """Start the daemon as above; write `+` and its socket's path, or `-` and why it is down."""
    try:
        report = b"+" + os.fsencode(start_if_down(home, timeout_s).socket)
    except (DaemonDown, NarratorError, OSError) as error:
        report = b"-" + str(error).encode("utf-8", "replace")
    os.write(descriptor, report)


def _keep_what_outlives_a_session(home: str) -> None:
    # Secrets of one session and a project's PYTHONPATH would stay in a process that serves all of them.
    for name in [n for n in os.environ if n.startswith(_OF_A_SESSION) and n not in _KEPT]:
        del os.environ[name]
    if home:
        os.environ[HOME_VARIABLE] = home
