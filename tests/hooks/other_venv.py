"""A virtual environment of its own in which the daemon is a small stand-in that speaks the real frames."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).with_name("stand_in_daemon.py")


class OtherVenv:
    """Starts like the real thing: `python -m claude_narrator.daemon.app` of this environment is the stand-in.

    Files in `home` steer it: `broken` makes it fail, `hold` makes it wait before it listens, `refuse` makes
    it turn MCP away.
    """

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="cn-", dir="/tmp"))
        self.python = self.home / "venv" / "bin" / "python"
        self._make()

    def __enter__(self) -> OtherVenv:
        return self

    def __exit__(self, *_: object) -> None:
        (self.home / "broken").touch()
        for pid in self.started():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def paths(self) -> Paths:
        return find_paths({HOME_VARIABLE: str(self.home)})

    def command(self, script: str) -> list[str]:
        """Return how the installer has `script` started."""
        places = [str(ROOT / script), str(self.paths.socket), "--home", str(self.home)]
        return [str(self.python), "-I", "-S", *places]

    def started(self) -> list[int]:
        """Return the process ids of the daemons that have won the lock, oldest first."""
        return [int(line) for line in self._lines("started")]

    def events(self) -> list[dict[str, Any]]:
        """Return the hook events that have arrived."""
        return [json.loads(line) for line in self._lines("events")]

    def messages(self) -> list[dict[str, Any]]:
        """Return the MCP messages that have arrived, the first frame of each connection included."""
        return [json.loads(line) for line in self._lines("messages")]

    def daemon_environment(self) -> dict[str, str]:
        return dict(json.loads((self.home / "environment").read_text(encoding="utf-8")))

    def kill(self) -> int:
        """Kill the daemon that runs and return its process id, once it is gone."""
        pid = self.started()[-1]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid), "the daemon outlives SIGKILL")
        return pid

    def _lines(self, name: str) -> list[str]:
        path = self.home / name
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def _make(self) -> None:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = self.home / "venv" / "lib" / version / "site-packages"
        package = packages / "claude_narrator"
        (package / "daemon").mkdir(parents=True)
        self.python.parent.mkdir()
        self.python.symlink_to(sys.executable)
        shutil.copy(Path(sys.prefix) / "pyvenv.cfg", self.home / "venv")
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        for folder in ("hooks", "mcp_server", "models"):
            (package / folder).symlink_to(ROOT / folder)
        for source in (ROOT / "daemon").glob("*.py"):
            if source.name != "app.py":
                (package / "daemon" / source.name).symlink_to(source)
        (package / "daemon" / "app.py").symlink_to(STAND_IN)


def eventually(condition: Callable[[], object], problem: str, timeout_s: float = 10.0) -> None:
    """Return as soon as `condition` holds.

    :raises TimeoutError: it never did.
    """
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(problem)
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for yet does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")
