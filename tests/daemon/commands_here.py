"""`voice` commands in this process, in a home without a daemon."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_narrator.daemon.commands import build_parser
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.paths import HOME_VARIABLE


@contextmanager
def empty_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cn-", dir="/tmp") as folder:
        monkeypatch.setenv(HOME_VARIABLE, folder)
        yield Path(folder)


def voice(*arguments: str) -> int:
    """Run a command and return its exit code."""
    parsed = build_parser().parse_args(arguments)
    return exit_code_of(lambda: int(parsed.run(parsed)), Path("/dev/null"))
