"""What the installer does to one file, as a value."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from claude_narrator.daemon.gateway_address import TOKEN_PREFIX
from claude_narrator.install.settings_file import Snapshot


@dataclass(frozen=True, slots=True)
class Edit:
    """What happens to one file: `after` is its new content, nothing for a file that goes.

    `changes` says it in words. `original` is the text to be kept for the day of uninstalling, nothing if the
    file was not there.
    """

    before: Snapshot
    after: bytes | None
    changes: tuple[str, ...]
    original: str | None = None

    def diff(self) -> str:
        """Return a unified diff with our token masked."""
        old, new = (
            (data or b"").decode("utf-8").splitlines(keepends=True) for data in (self.before.data, self.after)
        )
        name = str(self.before.path)
        lines = difflib.unified_diff(old, new, name, name)
        shown = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
        return re.sub(rf"{TOKEN_PREFIX}[\w-]+", f"{TOKEN_PREFIX}***", shown)
