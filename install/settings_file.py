"""Replaces Claude Code's files so that nobody's work is lost: atomically, through links, after a recheck."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.errors import BadInput, NarratorError

_LOCK_STALE_S, _LOCK_TIMEOUT_S = 10.0, 15.0
"""Claude Code touches a lock it holds more often than every 10 s; seen with 2.1.328."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was read: `data` is nothing when there is none; `target` is the file behind a link."""

    path: Path
    target: Path
    data: bytes | None


def read(path: Path) -> Snapshot:
    """Read a file, or find that there is none.

    :raises NarratorError: it is a folder or the like, or may not be read.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise BadInput(f"{path} is not a file", "Remove it; nothing was changed.")
    try:
        return Snapshot(path, target, target.read_bytes())
    except FileNotFoundError:
        return Snapshot(path, target, None)
    except OSError as error:
        raise NarratorError(f"cannot read {path}: {error.strerror}", "Nothing was changed.") from None


def check_writable(snapshot: Snapshot) -> None:
    """Make sure that the file may be replaced.

    :raises NarratorError: it, or its folder, is read-only.
    """
    if snapshot.data is not None and not snapshot.target.stat().st_mode & 0o222:
        raise NarratorError(f"{snapshot.target} is read-only", f"Run: chmod u+w {snapshot.target}")
    folder = next(parent for parent in snapshot.target.parents if parent.exists())
    if not os.access(folder, os.W_OK):
        raise NarratorError(f"{folder} is read-only", "Make it writable; nothing was changed.")


def replace(snapshot: Snapshot, data: bytes | None) -> None:
    """Give the file the content `data`, or remove it when that is nothing; mode, owner and links stay.

    :raises NarratorError: it is not as `snapshot` says any more, or cannot be written; it is untouched then.
    """
    if data is None:
        _check_unchanged(snapshot)
        snapshot.target.unlink(missing_ok=True)
        return
    try:
        snapshot.target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _beside(snapshot.target) as temporary:
            _fill(temporary, data)
            _take_over_mode(snapshot, temporary)
            _check_unchanged(snapshot)
            temporary.replace(snapshot.target)
    except OSError as error:
        problem = f"cannot write {snapshot.target}: {error.strerror}"
        raise NarratorError(problem, "The file is as it was.") from None


@contextmanager
def account_lock(account: Path) -> Iterator[None]:
    """Hold the lock under which Claude Code itself changes `.claude.json`: a folder beside it.

    :raises NarratorError: a session holds it for longer than 15 s.
    """
    lock = account.with_name(account.name + ".lock")
    deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
    while not _take(lock):
        if time.monotonic() > deadline_s:
            raise NarratorError(f"{lock} is held by a running Claude Code", "Close it and run this again.")
        time.sleep(0.02)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            lock.rmdir()


def _take(lock: Path) -> bool:
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.mkdir()
        return True
    except FileExistsError:
        with contextlib.suppress(OSError):
            if time.time() - lock.stat().st_mtime > _LOCK_STALE_S:
                lock.rmdir()
        return False
    except OSError as error:
        raise NarratorError(f"cannot write beside {lock}: {error.strerror}", "Nothing was changed.") from None


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _fill(temporary: Path, data: bytes) -> None:
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _take_over_mode(snapshot: Snapshot, temporary: Path) -> None:
    if snapshot.data is None:
        return
    old, new = snapshot.target.stat(), temporary.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(old.st_mode & 0o7777)


def _check_unchanged(snapshot: Snapshot) -> None:
    if read(snapshot.path) != snapshot:
        raise NarratorError(
            f"{snapshot.path} was changed by another program at this very moment",
            "Run this again; that change is kept.",
        )
