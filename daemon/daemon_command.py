"""`voice daemon run|start|stop`."""

from __future__ import annotations

import argparse
import time
from typing import Any

from claude_narrator.daemon import app
from claude_narrator.daemon.client import Client, DaemonDown, connect
from claude_narrator.daemon.errors import EXIT_EXPECTED, EXIT_OK
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.protocol import Shutdown, Status

STOP_TIMEOUT_S = 5.0


def add_parser(commands: Any) -> None:
    """Add the `daemon` command."""
    parser = commands.add_parser(
        "daemon", help="Run, start or stop the daemon.", epilog="example: voice daemon start"
    )
    parser.add_argument("action", choices=("run", "start", "stop"))
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return {"run": _run_here, "start": _start, "stop": _stop}[arguments.action]()


def _run_here() -> int:
    find_paths().state.mkdir(parents=True, exist_ok=True, mode=0o700)
    return app.main()


def _start() -> int:
    paths = find_paths()
    with connect(paths.socket, paths.log) as client:
        print(f"The daemon runs, pid {client.call(Status())['pid']}.")
    return EXIT_OK


def _stop() -> int:
    paths = find_paths()
    try:
        with Client(paths.socket) as client:
            client.call(Shutdown())
    except DaemonDown:
        print("The daemon is not running.")
        return EXIT_OK
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            Client(paths.socket).__exit__()
        except DaemonDown:
            return EXIT_OK
        time.sleep(0.02)
    print(f"The daemon has not stopped within {STOP_TIMEOUT_S:.0f} seconds.")
    return EXIT_EXPECTED
