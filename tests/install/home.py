"""A user with a home folder of his own and a stand-in for Claude Code."""

from __future__ import annotations

import sys
from pathlib import Path

from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths

STAND_IN = Path(__file__).with_name("stand_in_claude.py")


class Home:
    """A user with Claude Code, and all places of his."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / ".claude" / "settings.json"
        self.account = folder / ".claude.json"
        self.commands = folder / "bin"
        self.settings.parent.mkdir()
        self.commands.mkdir()
        self.install_claude("2.1.328 (Claude Code)")

    @property
    def paths(self) -> Paths:
        return find_paths({HOME_VARIABLE: str(self.folder / "n")})

    def install_claude(self, version: str) -> None:
        command = self.commands / "claude"
        command.write_text(f"#!/bin/sh\nexec {sys.executable} -I {STAND_IN} '{version}' \"$@\"\n")
        command.chmod(0o755)

    def files(self) -> dict[str, bytes]:
        """Return everything there is, by path."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}
