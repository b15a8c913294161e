"""What is known of the files in a model's folder without reading them: the file `.verified.json` there.

It is `{file name: sha256}` of what was found right. Under `.seen` it keeps of each file, right or not, what
it was when it was last hashed: `{file name: [bytes, mtime in ns, ctime in ns, sha256]}`. While size and times
are the same a file is not read again, the rule by which git's index knows a changed file; the change time
cannot be set, so an older file that is copied over it is noticed too.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MARKER = ".verified.json"
_SEEN = ".seen"
"""No file of a model has a name that begins with a dot."""


@dataclass(slots=True)
class Marker:
    """`verified` is sha256 by file name, of what was found right."""

    folder: Path
    verified: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, list[Any]] = field(default_factory=dict)
    _written: str = ""

    def note(self, name: str, sha256: str) -> None:
        """Remember what a file is that was hashed while it was written.

        :raises OSError: it is not there.
        """
        self._seen[name] = [*_stamp(self.folder / name), sha256]

    def hash_of(self, name: str) -> str:
        """Return the SHA-256 of a file, from memory when the file has not changed since it was hashed.

        :raises OSError: it cannot be read.
        """
        path = self.folder / name
        known = self._seen.get(name, [])
        if known[:-1] != _stamp(path):
            return self.hash_now(name)
        return str(known[-1])

    def hash_now(self, name: str) -> str:
        """Return the SHA-256 of a file, read from the first byte to the last.

        :raises OSError: it cannot be read.
        """
        path = self.folder / name
        before = _stamp(path)
        sha256 = hash_of(path)
        self._seen[name] = [*before, sha256]
        return sha256

    def write(self) -> None:
        """Replace the marker in the folder, if there is news.

        :raises OSError: it cannot be written.
        """
        text = json.dumps(self.verified | {_SEEN: self._seen})
        if text == self._written:
            return
        fresh = self.folder / f"{MARKER}.{os.getpid()}.new"
        try:
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, self.folder / MARKER)
        finally:
            fresh.unlink(missing_ok=True)


def read_marker(folder: Path) -> Marker:
    """Return the marker of a model's folder; an empty one when there is none that can be read."""
    marker = Marker(folder)
    with suppress(OSError, ValueError, AttributeError, TypeError):
        text = (folder / MARKER).read_text(encoding="utf-8")
        written = json.loads(text)
        marker._seen = {name: entry for name, entry in written.pop(_SEEN, {}).items() if _is_seen(entry)}
        marker.verified = {name: sha256 for name, sha256 in written.items() if isinstance(sha256, str)}
        marker._written = text
    return marker


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _is_seen(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 4 and isinstance(entry[-1], str)
