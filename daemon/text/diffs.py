"""What a diff does, counted while it still grows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FILE = re.compile(r"\+\+\+ (?:b/)?(?P<path>[^\t\n]{1,300})")
_NO_FILE = "/dev/null"


@dataclass(frozen=True, slots=True)
class Changes:
    """How many lines a diff adds and removes; `file` is the one it changes, empty when there is not one."""

    added: int
    removed: int
    file: str = ""


class ChangeCounter:
    """Counts the lines of a unified diff."""

    def __init__(self) -> None:
        """Start without a line."""
        self._added = self._removed = 0
        self._files: list[str] = []

    def feed(self, line: str) -> None:
        """Take a line."""
        if line.startswith("+++ "):
            found = _FILE.match(line)
            if found and found["path"] != _NO_FILE and len(self._files) < 2:
                self._files.append(found["path"].strip())
        elif line.startswith("+"):
            self._added += 1
        elif line.startswith("-") and not line.startswith("--- "):
            self._removed += 1

    def counted(self) -> Changes:
        """Return what the lines so far do."""
        return Changes(self._added, self._removed, self._files[0] if len(self._files) == 1 else "")
