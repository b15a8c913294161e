"""Claude Code itself: where its command is, which version it has, and which files it reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.errors import NarratorError

MIN_VERSION = (2, 1, 152)
"""The first with the event MessageDisplay. Before 2.1.101 an unknown event made the whole file void."""
_TIMEOUT_S = 20
_RUN_TIMEOUT_S = 60
_USUAL_PLACES = (".local/bin/claude", ".claude/local/claude")


class ClaudeFailed(NarratorError):
    """Claude Code's command could not be run, or refused."""

    code = "claude_failed"


class ClaudeTooOld(NarratorError):
    """This Claude Code has no event MessageDisplay."""

    code = "claude_too_old"


@dataclass(frozen=True, slots=True)
class ClaudeFiles:
    """Claude Code's files of this user: `settings` holds hooks and rules, `account` the MCP servers."""

    settings: Path
    account: Path

    @property
    def commands(self) -> Path:
        """The folder of the files behind `/voice:NAME`."""
        return self.settings.parent / "commands" / "voice"

    def environment(self, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return the environment in which Claude Code's command uses these files."""
        if self.account.parent == self.settings.parent:
            return {**environ, "CLAUDE_CONFIG_DIR": str(self.settings.parent)}
        return {name: value for name, value in environ.items() if name != "CLAUDE_CONFIG_DIR"}


def claude_files(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> ClaudeFiles:
    """Return the files in `folder`, else in `CLAUDE_CONFIG_DIR`, else in the home folder."""
    configured = folder or (Path(environ["CLAUDE_CONFIG_DIR"]) if environ.get("CLAUDE_CONFIG_DIR") else None)
    if configured:
        configured = configured.expanduser().absolute()
        return ClaudeFiles(configured / "settings.json", configured / ".claude.json")
    return ClaudeFiles(Path.home() / ".claude" / "settings.json", Path.home() / ".claude.json")


def managed_settings() -> Path:
    """Return the file by which an administrator overrules the user's settings."""
    folder = "/Library/Application Support/ClaudeCode" if sys.platform == "darwin" else "/etc/claude-code"
    return Path(folder) / "managed-settings.json"


def find_claude() -> Path | None:
    """Return Claude Code's command, or nothing."""
    found = shutil.which("claude")
    places = [Path(found)] if found else [Path.home() / place for place in _USUAL_PLACES]
    return next((place for place in places if os.access(place, os.X_OK)), None)


def version_of(command: Path) -> tuple[int, ...] | None:
    """Return what `claude --version` says, or nothing when it says none."""
    try:
        done = subprocess.run(
            [command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb"(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found else None


def run_claude(files: ClaudeFiles, *arguments: str) -> None:
    """Run `claude ARGUMENTS` on `files`.

    :raises ClaudeFailed: it is not on PATH, does not end, or says no; with the last line that it says.
    """
    command, shown = find_claude(), " ".join(("claude", *arguments))
    if command is None:
        raise ClaudeFailed(f"`{shown}` cannot be run: Claude Code was not found on PATH", "Install it first.")
    try:
        done = subprocess.run(
            [command, *arguments],
            env=files.environment(),
            cwd=Path.home(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_RUN_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClaudeFailed(f"`{shown}` cannot be run: {error}") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise ClaudeFailed(f"`{shown}` failed, saying: {said}", "Run it yourself to see more.")


def check_version() -> str:
    """Return a line on the Claude Code that is installed.

    :raises ClaudeTooOld: it cannot tell the narrator what it writes.
    """
    command = find_claude()
    if command is None:
        return "Claude Code was not found on PATH; this takes effect once it is installed."
    version = version_of(command)
    if version is None:
        return f"{command} did not tell its version; it must be {_dotted(MIN_VERSION)} or later."
    if version < MIN_VERSION:
        raise ClaudeTooOld(
            f"Claude Code {_dotted(version)} has no MessageDisplay hook; {_dotted(MIN_VERSION)} is the first",
            "Run `claude update`, then this again; nothing was changed.",
        )
    return f"Claude Code {_dotted(version)}"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
