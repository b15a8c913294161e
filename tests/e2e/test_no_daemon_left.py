"""The end of a test leaves no daemon, whenever a hook started it, and ends nobody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_narrator.daemon.paths import HOME_VARIABLE
from tests.e2e.narrator import daemons_of, end_daemons
from tests.e2e.terminal import wait_until

APP = "claude_narrator.daemon.app"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cn-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def start(home: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, HOME_VARIABLE: str(home)}
    with subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_daemon_that_has_only_just_begun_is_found_without_its_lock_and_ended(home: Path) -> None:
    with start(home, "-m", APP) as daemon:
        wait_until(lambda: daemons_of(home) == [daemon.pid], "it is not found")
        end_daemons(home)
        assert daemon.wait(1) is not None


def test_a_daemon_that_does_not_listen_is_killed_and_that_of_another_home_is_left_alone(home: Path) -> None:
    with start(home, "-c", DEAF, APP) as deaf, start(Path(f"{home}-2"), "-c", DEAF, APP) as other:
        for each in (deaf, other):
            assert each.stdout is not None
            assert each.stdout.readline()
        end_daemons(home)
        assert deaf.poll() is not None
        assert other.poll() is None
