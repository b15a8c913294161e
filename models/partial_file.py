"""A file on its way in: it grows beside its target, is hashed meanwhile, and appears only when right."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import BinaryIO

from claude_narrator.models.errors import NarratorError
from claude_narrator.models.sources import SourceFailed

CHUNK = 1 << 18
"""Bytes read, hashed and written at a time."""


class DiskFull(NarratorError):
    """There is no room for a file."""

    code = "disk_full"


class PartialFile:
    """Bytes `0..done` of a file of `size` bytes, kept over interruptions.

    Use it as a context manager: entering opens what an earlier try left. `parts` holds the offset after each
    finished package member, so that the next try starts with the first unfinished one.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        self.done = 0
        self.parts: list[int] = []
        self._journal = path.with_name(path.name + ".parts")

    def __enter__(self) -> PartialFile:
        self._file: BinaryIO = self.path.open("a+b", buffering=0)
        self.parts = self._read_journal()
        self.rewind(min(self.path.stat().st_size, self.size))
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def rewind(self, offset: int = 0) -> None:
        """Drop everything after `offset` and hash what stays."""
        self._file.truncate(offset)
        self._file.seek(0)
        self._hash = hashlib.sha256()
        while block := self._file.read(CHUNK):
            self._hash.update(block)
        self.done = self._file.tell()
        self.parts = [end for end in self.parts if end <= self.done]

    def rewind_to_part(self) -> None:
        """Drop what came after the last finished package member."""
        self.rewind(self.parts[-1] if self.parts else 0)

    def write(self, block: bytes) -> None:
        """Append `block`.

        :raises SourceFailed: the file would be larger than the catalog says.
        :raises DiskFull: the system takes no more.
        """
        if self.done + len(block) > self.size:
            raise SourceFailed(f"more than the {self.size} bytes of the catalog")
        written = 0
        while written < len(block):
            written += self._append(block[written:])
        self._hash.update(block)
        self.done += len(block)

    def end_part(self) -> None:
        """Remember that a package member ends here."""
        os.fsync(self._file.fileno())
        self.parts.append(self.done)
        self._journal.write_text(json.dumps(self.parts), encoding="ascii")

    def move_to(self, target: Path, sha256: str) -> None:
        """Give the finished file its name; a wrong one is deleted.

        :raises SourceFailed: too short, or another SHA-256.
        """
        found = self._hash.hexdigest()
        if self.done == self.size and found == sha256:
            os.fsync(self._file.fileno())
            self._journal.unlink(missing_ok=True)
            os.replace(self.path, target)
            return
        reason = (
            f"{self.done} of {self.size} bytes" if self.done < self.size else f"SHA-256 {found}, not {sha256}"
        )
        self.rewind()
        self._journal.unlink(missing_ok=True)
        raise SourceFailed(reason)

    def _append(self, block: bytes) -> int:
        try:
            return self._file.write(block)
        except OSError as error:
            self._file.truncate(self.done)
            raise DiskFull(
                f"{self.path} cannot grow beyond {self.done} bytes: {error.strerror or error}",
                "Make room and pull again; what has arrived is kept.",
            ) from None

    def _read_journal(self) -> list[int]:
        try:
            ends = json.loads(self._journal.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return []
        good = isinstance(ends, list) and all(isinstance(end, int) for end in ends) and ends == sorted(ends)
        return ends if good else []
