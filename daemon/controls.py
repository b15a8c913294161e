"""What a listener does while it talks: one request, as light as possible, for a key press waits behind it."""

from __future__ import annotations

from typing import Any

from claude_narrator.daemon.client import Client, DaemonDown, connect
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.protocol import Pause, Request, Resume, Skip, Stop

CONTROLS: dict[str, tuple[str, Request]] = {
    "stop": ("Be silent now and drop what waits.", Stop()),
    "pause": ("Hold the speech.", Pause()),
    "resume": ("Go on where it was held.", Resume()),
    "skip": ("Go on with the next sentence.", Skip()),
}


def control(request: Request) -> int:
    """Send a control and return exit code 0: without a daemon there is nothing to control."""
    call_running(request)
    return 0


def call(request: Request) -> dict[str, Any]:
    """Send a request to the daemon, started first if need be."""
    paths = find_paths()
    with connect(paths.socket, paths.log) as client:
        return client.call(request)


def call_running(request: Request) -> dict[str, Any] | None:
    """Send a request to the daemon if one runs, and return the result."""
    try:
        with Client(find_paths().socket) as client:
            return client.call(request)
    except DaemonDown:
        return None
