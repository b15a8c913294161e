"""Runs the real Claude Code CLI with a HOME of its own, headless."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NEW, OLD = "2.1.328", "2.1.197"
VERSIONS = (NEW, OLD)
"""The CLI versions whose recorded payloads lie in `tests/data/claude-code`."""
both_versions = pytest.mark.parametrize("cli_version", VERSIONS)
"""Runs a test that takes the fixture `user` once with each version."""
API_KEY = "sk-test-local"
CACHE_VARIABLE = "CLAUDE_NARRATOR_TEST_CACHE"
ROOT = Path(__file__).resolve().parents[2]


def require(program: str, package: str) -> str:
    """Return the path of a program; a missing one fails the test and says what to install."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(
            f"{program} is not on PATH; the end-to-end tests need it: install {package}", pytrace=False
        )
    return path


def cli(version: str = NEW) -> Path:
    """Return the executable of a version, installed into the cache first if need be.

    Each version has a folder of its own there: they are used side by side, also by tests at the same time.
    """
    cache = Path(os.environ.get(CACHE_VARIABLE, "") or ROOT / ".cache" / "claude-code")
    folder = cache / version
    folder.mkdir(parents=True, exist_ok=True)
    (cache / ".gitignore").write_text("*\n", encoding="utf-8")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_installed(folder, version):
            _install(folder, version)
    return folder / "node_modules" / ".bin" / "claude"


def _is_installed(folder: Path, version: str) -> bool:
    package = folder / "node_modules" / "@anthropic-ai" / "claude-code" / "package.json"
    if not package.is_file() or not (folder / "node_modules" / ".bin" / "claude").exists():
        return False
    return bool(json.loads(package.read_text(encoding="utf-8"))["version"] == version)


def _install(folder: Path, version: str) -> None:
    npm = require("npm", "Node.js 18 or newer")
    package = f"@anthropic-ai/claude-code@{version}"
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.fail(f"npm could not install {package}:\n{done.stderr[-2000:]}", pytrace=False)


@dataclass(slots=True)
class User:
    """One user of Claude Code: a HOME, a project folder that is trusted, an environment, a CLI version.

    `extra` is added to the environment of everything that is started for this user.
    """

    folder: Path
    api_url: str
    version: str = NEW
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.project.mkdir(parents=True)
        self.home.mkdir(parents=True)
        known = {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [API_KEY], "rejected": []},
            "projects": {str(self.project): {"hasTrustDialogAccepted": True}},
        }
        self.account_file.write_text(json.dumps(known), encoding="utf-8")

    @property
    def claude(self) -> Path:
        """The CLI of this user."""
        return cli(self.version)

    @property
    def home(self) -> Path:
        """The user's HOME."""
        return self.folder / "home"

    @property
    def project(self) -> Path:
        """The folder that Claude Code works in."""
        return self.folder / "project"

    @property
    def account_file(self) -> Path:
        """`~/.claude.json`."""
        return self.home / ".claude.json"

    @property
    def settings_file(self) -> Path:
        """`~/.claude/settings.json`."""
        return self.home / ".claude" / "settings.json"

    def add_project(self, name: str) -> Path:
        """Make another folder that Claude Code trusts."""
        folder = self.folder / name
        folder.mkdir()
        known = json.loads(self.account_file.read_text(encoding="utf-8"))
        known["projects"][str(folder)] = {"hasTrustDialogAccepted": True}
        self.account_file.write_text(json.dumps(known), encoding="utf-8")
        return folder

    def environment(self) -> dict[str, str]:
        """Return the whole environment of a program of this user."""
        path = os.pathsep.join([str(self.claude.parent), os.environ["PATH"]])
        return {
            "PATH": path,
            "HOME": str(self.home),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "ANTHROPIC_BASE_URL": self.api_url,
            "ANTHROPIC_API_KEY": API_KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "IS_SANDBOX": "1",
            **self.extra,
        }

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write `~/.claude/settings.json`."""
        self.settings_file.parent.mkdir(parents=True, exist_ok=True)
        self.settings_file.write_text(json.dumps(settings, indent=2), encoding="utf-8")


@dataclass(slots=True)
class HeadlessRun:
    """A finished `claude -p`: its stream-json lines, what it printed as errors, how long it took."""

    lines: list[dict[str, Any]]
    stderr: str
    returncode: int
    took_s: float

    @property
    def result(self) -> dict[str, Any]:
        """The last line of the stream."""
        return next(line for line in reversed(self.lines) if line.get("type") == "result")

    def of_type(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of one type."""
        return (line for line in self.lines if line.get("type") == kind)


class Headless:
    """A running `claude -p` with stream-json; a context manager, so that none is left over.

    `arguments` follow the list of allowed tools, which holds Bash alone.
    """

    def __init__(self, user: User, prompt: str, *arguments: str) -> None:
        tools = ("--allowedTools", "Bash")
        stream = ("--output-format", "stream-json", "--verbose", "--include-partial-messages")
        program = str(user.claude)
        self._out = (user.folder / f"stdout-{time.monotonic_ns()}").open("w+")
        self._err = (user.folder / f"stderr-{time.monotonic_ns()}").open("w+")
        self._began_s = time.monotonic()
        self.process = subprocess.Popen(
            [program, "-p", prompt, *stream, *tools, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            cwd=user.project,
            env=user.environment(),
        )

    def __enter__(self) -> Headless:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._out.close()
        self._err.close()

    def finish(self, timeout_s: float = 40.0) -> HeadlessRun:
        """Wait for the end and return what came out.

        :raises subprocess.TimeoutExpired: it hangs.
        """
        self.process.wait(timeout_s)
        took_s = time.monotonic() - self._began_s
        self._out.seek(0)
        self._err.seek(0)
        lines = [json.loads(line) for line in self._out if line.strip()]
        return HeadlessRun(lines, self._err.read(), self.process.returncode, took_s)


def ask(user: User, prompt: str, *arguments: str) -> HeadlessRun:
    """Run one headless prompt to its end."""
    with Headless(user, prompt, *arguments) as run:
        return run.finish()
