"""The transcript that Claude Code writes of a session, JSON lines: what is new in it, read with bounds."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MAX_LINE = 256 << 10
"""Bytes; a longer line is a record of no interest here."""
MAX_BEHIND = 4 << 20
"""Bytes that are read at once; what was written before them is skipped."""
_CHUNK = 256 << 10


def projects_folder(environ: os._Environ[str] | dict[str, str] = os.environ) -> Path:
    """Return the folder below which Claude Code keeps its transcripts."""
    home = environ.get("CLAUDE_CONFIG_DIR", "")
    return (Path(home) if home else Path(environ.get("HOME", "/")) / ".claude") / "projects"


def open_transcript(path: Path, root: Path) -> int:
    """Return a file descriptor of the regular file of ours at `path`, which must lie below `root`.

    :raises OSError: it cannot be opened.
    :raises ValueError: a link leads out of `root`, or it is no regular file, or another user's.
    """
    real = os.path.realpath(path)
    if not Path(real).is_relative_to(os.path.realpath(root)):
        raise ValueError("outside Claude's projects folder")
    descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid():
        return descriptor
    os.close(descriptor)
    raise ValueError("not a regular file of ours")


class Tail:
    """What is appended to a transcript from now on, line by line. Blocking, and for one thread at a time."""

    def __init__(self, path: Path, root: Path) -> None:
        """Begin at the end of the file at `path`, at its beginning if there is none yet."""
        self.path, self._root = path, root
        self._file_id: tuple[int, int] | None = None
        self._offset = 0
        self._line = bytearray()
        self._skips = False
        try:
            found = path.stat()
        except (OSError, ValueError):
            return
        self._offset, self._file_id = found.st_size, (found.st_dev, found.st_ino)

    def read(self) -> list[bytes]:
        """Return the lines completed since; none when the file cannot, or must not, be read."""
        try:
            descriptor = open_transcript(self.path, self._root)
        except (OSError, ValueError):
            return []
        try:
            self._find_place(os.fstat(descriptor))
            return self._lines(descriptor)
        except OSError:
            return []
        finally:
            os.close(descriptor)

    def _find_place(self, found: os.stat_result) -> None:
        """Go to the end of a file that was replaced or cut; pass over what is too much to read."""
        file_id = (found.st_dev, found.st_ino)
        if found.st_size < self._offset or (self._file_id not in (None, file_id)):
            self._offset, self._skips = found.st_size, False
            self._line.clear()
        elif found.st_size - self._offset > MAX_BEHIND:
            self._offset, self._skips = found.st_size - MAX_BEHIND, True
            self._line.clear()
        self._file_id = file_id

    def _lines(self, descriptor: int) -> list[bytes]:
        lines: list[bytes] = []
        for _ in range(MAX_BEHIND // _CHUNK):
            chunk = os.pread(descriptor, _CHUNK, self._offset)
            if not chunk:
                break
            self._offset += len(chunk)
            lines += self._split(chunk)
        return lines

    def _split(self, chunk: bytes) -> list[bytes]:
        *ends, rest = chunk.split(b"\n")
        lines: list[bytes] = []
        for end in ends:
            if not self._skips and len(self._line) + len(end) <= MAX_LINE:
                lines.append(bytes(self._line) + end)
            self._skips = False
            self._line.clear()
        self._line += b"" if self._skips else rest
        if len(self._line) > MAX_LINE:
            self._skips = True
            self._line.clear()
        return lines
