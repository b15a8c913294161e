"""Runs the terminal UI of the real Claude Code CLI inside tmux, as a person at a keyboard."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.e2e.claude_cli import User, require

POLL_S = 0.05
ROWS, COLUMNS = 60, 160


def wait_until(ready: Callable[[], bool], problem: str, timeout_s: float = 20.0) -> None:
    """Return as soon as `ready` holds.

    :raises TimeoutError: it never did; the message is `problem`.
    """
    deadline_s = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > deadline_s:
            raise TimeoutError(problem)
        time.sleep(POLL_S)


SETTLE_S = 2.0
"""The prompt is there before the settings are read: what is typed at once may run without hooks."""


class Terminal:
    """One interactive Claude Code in a tmux server of its own; a context manager."""

    def __init__(self, user: User, *arguments: str, folder: Path | None = None) -> None:
        """Run it in `folder`, or in the user's project."""
        self._tmux = require("tmux", "tmux 3 or newer")
        self._user, self._folder = user, folder or user.project
        self._socket = f"narrator-{uuid.uuid4().hex[:12]}"
        self._command = [str(user.claude), "--permission-mode", "default", *arguments]

    def __enter__(self) -> Terminal:
        environment = [f"{name}={value}" for name, value in self._user.environment().items()]
        command = shlex.join(["env", "-i", *environment, *self._command])
        size = ("-x", str(COLUMNS), "-y", str(ROWS))
        self._run("-f", "/dev/null", "new-session", "-d", *size, "-c", str(self._folder), command)
        self._run("set-option", "-g", "remain-on-exit", "on")
        try:
            self.wait_for(r"^\s*[❯>]", timeout_s=30.0)
        except TimeoutError:
            self._kill()
            raise
        time.sleep(SETTLE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()

    def screen(self) -> str:
        """Return what the screen shows, with what has scrolled away above."""
        return self._run("capture-pane", "-p", "-S", "-2000")

    def wait_for(self, pattern: str, timeout_s: float = 20.0) -> None:
        """Return when a line of the screen matches the regular expression.

        :raises TimeoutError: it never did; the message holds the screen.
        """
        found = re.compile(pattern, re.MULTILINE)
        try:
            wait_until(lambda: bool(found.search(self.screen())), pattern, timeout_s)
        except TimeoutError:
            raise TimeoutError(f"no {pattern!r} on the screen:\n{self.screen()}") from None

    def ask(self, prompt: str) -> None:
        """Type a prompt, see it on the screen, and send it."""
        self._run("send-keys", "-l", prompt)
        self.wait_for(r"^\s*[❯>]\s" + re.escape(prompt))
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press a key by its tmux name: Enter, Escape, C-c."""
        self._run("send-keys", key)

    def leave(self) -> None:
        """End the session as a person does, and wait until the program is gone."""
        self.ask("/exit")
        wait_until(lambda: self._run("list-panes", "-F", "#{pane_dead}").strip() == "1", "it did not leave")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._tmux, "-L", self._socket, *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def _kill(self) -> None:
        self._run("kill-server")
