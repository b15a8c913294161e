"""A real daemon in a home of its own, with a file for a loudspeaker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from claude_narrator.daemon import settings
from claude_narrator.daemon.client import Client, DaemonDown
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths

START_TIMEOUT_S = 20.0


class RunningDaemon:
    """A context manager: the daemon runs inside it and is gone after it."""

    def __init__(
        self, models: Path | None = None, environment: Mapping[str, str] | None = None, **changes: object
    ) -> None:
        """Make the home; `changes` are settings, `__` for the dot; `models` is a folder of weights."""
        self.home = Path(tempfile.mkdtemp(prefix="cn-", dir="/tmp"))
        self.environment = {**os.environ, **(environment or {}), HOME_VARIABLE: str(self.home)}
        self.wav = self.home / "heard.wav"
        for key, value in {"audio__sink": f"file:{self.wav}", **changes}.items():
            settings.set_value(self.paths.settings_file, key.replace("__", "."), value)
        if models is not None:
            self.paths.models.symlink_to(models, target_is_directory=True)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def paths(self) -> Paths:
        """The places of this daemon."""
        return find_paths({HOME_VARIABLE: str(self.home)})

    def __enter__(self) -> RunningDaemon:
        self.process = self.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.client().__exit__()
            except DaemonDown:
                assert self.process.poll() is None, self.log()
                time.sleep(0.01)
            else:
                return self
        raise AssertionError(f"the daemon did not start: {self.log()}")

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the daemon did not stop within 10 s of SIGTERM") from None
        shutil.rmtree(self.home)

    def start(self) -> subprocess.Popen[bytes]:
        """Start a daemon process in this home, without waiting for it."""
        return subprocess.Popen([sys.executable, "-m", "claude_narrator.daemon.app"], env=self.environment)

    def client(self) -> Client:
        """Connect to it."""
        return Client(self.paths.socket)

    def voice(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `voice` command in this home."""
        return subprocess.run(
            [sys.executable, "-m", "claude_narrator.daemon.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def log(self) -> str:
        """What the daemon's log holds."""
        return self.paths.log.read_text(encoding="utf-8") if self.paths.log.exists() else ""
