"""`voice …`: run one command, give its exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from claude_narrator.daemon.controls import CONTROLS, control
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.paths import find_paths


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    crash_log = find_paths().state / "crash.log"
    if len(given) == 1 and given[0] in CONTROLS:
        return exit_code_of(lambda: control(CONTROLS[given[0]][1]), crash_log)
    from claude_narrator.daemon.commands import build_parser  # 0.2 s of imports that a control can do without

    parsed = build_parser().parse_args(given)
    command: Callable[[argparse.Namespace], int] = parsed.run
    return exit_code_of(lambda: command(parsed), crash_log)


if __name__ == "__main__":
    sys.exit(main())
