"""The transcript that Claude Code writes of a session: what is new in it, read with bounds.

A transcript is JSON lines; the records are those of CLI 2.1.197 and 2.1.328, and new types come every week.
What is not looked for is skipped.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.daemon.strict_json import load_object

MAX_LINE = 256 << 10
"""Bytes; a longer line is a record of no interest here."""
MAX_BEHIND = 4 << 20
"""Bytes that are read at once; what was written before them is skipped."""
INTERRUPTED = "[Request interrupted by user"
_CHUNK = 256 << 10


@dataclass(frozen=True, slots=True)
class Interruption:
    """The human has stopped the turn of `prompt_id`, which is empty when the record does not tell."""

    prompt_id: str


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


def interruption_in(line: bytes) -> Interruption | None:
    """Return the interruption that a line of a transcript records, None when it is anything else.

    A human who types the same words writes a record whose content is no list, or whose origin is `human`.
    """
    if INTERRUPTED.encode() not in line:
        return None
    try:
        record = load_object(line)
    except ValueError:
        return None
    if record.get("type") != "user" or record.get("isSidechain") or _is_typed(record):
        return None
    prompt_id = record.get("promptId")
    return Interruption(prompt_id if isinstance(prompt_id, str) else "") if _says_so(record) else None


def _is_typed(record: dict[str, Any]) -> bool:
    origin = record.get("origin")
    return isinstance(origin, dict) and origin.get("kind") == "human"


def _says_so(record: dict[str, Any]) -> bool:
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    first = content[0] if isinstance(content, list) and content else None
    text = first.get("text") if isinstance(first, dict) else None
    return isinstance(text, str) and text.startswith(INTERRUPTED)
