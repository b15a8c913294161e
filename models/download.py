"""Bring models in, check them, and give the room back.

A pull takes the model's lock, looks whether the disk has room, asks the sources of each file in order until
one gives the bytes that the catalog promises, and marks the model as verified. It may be interrupted
anywhere; the next one goes on where it stopped.
"""

from __future__ import annotations

import errno
import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.catalog import Model, ModelFile, is_complete, is_present, model_folder
from claude_narrator.models.errors import ModelMissing, NarratorError
from claude_narrator.models.marker import Marker, read_marker
from claude_narrator.models.obtain import Sources
from claude_narrator.models.partial_file import DiskFull

__all__ = [
    "DiskFull",
    "ModelBusy",
    "ModelUnverified",
    "Progress",
    "is_present",
    "model_folder",
    "pull",
    "remove",
    "verify",
]

PARTIAL = ".partial"
"""In a model's folder: what has arrived of unfinished files."""
WORKING_BYTES = 200 * 1024 * 1024
"""Room for archives on their way in, beside the files themselves."""


class ModelUnverified(NarratorError):
    """The catalog has no sizes and hashes for the model."""

    code = "model_unverified"


class ModelBusy(NarratorError):
    """Another process pulls the model."""

    code = "model_busy"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull is: bytes of the whole model, and what is being done, in words."""

    done_bytes: int
    total_bytes: int
    what: str


def free_bytes(folder: Path) -> int:
    """Return how many bytes may still be written where `folder` lies."""
    return shutil.disk_usage(folder).free


def pull(
    model: Model,
    models_root: Path,
    sources: Sequence[str] = (),
    free: Callable[[Path], int] = free_bytes,
) -> Iterator[Progress]:
    """Fetch what is missing of a model, the user's own `sources` (folders or addresses) first.

    An optional file that no source has is left out, and the step says so.

    Nothing happens before the first step of the iterator; closing it interrupts the pull.

    :raises ModelUnverified: the catalog does not know the files.
    :raises DiskFull: less room than the message names.
    :raises ModelMissing: no source gave a file; the message lists each one and why.
    :raises BadInput: one of `sources` is neither a folder nor an address.
    :raises NarratorError: the folder cannot be written.
    """
    if model.unverified:
        raise ModelUnverified(
            f"{model.id} cannot be pulled: the catalog has no hash for it yet, {model.unverified}",
            "Put its files in place yourself, or choose another model.",
        )
    folder = model_folder(model.id, models_root)
    asked = Sources(model, sources, folder / PARTIAL)
    with _one_line_errors(models_root):
        with _locked(model, models_root, wait=False) as free_now:
            if not free_now:
                yield Progress(0, model.bytes, "waiting for another pull")
        with _locked(model, models_root, wait=True):
            if not _is_unchanged(model, models_root):
                _check_room(model, models_root, free)
                yield from _pull_files(model, folder, asked)
                shutil.rmtree(folder / PARTIAL)
    yield Progress(model.bytes, model.bytes, "ready")


def verify(model: Model, models_root: Path) -> list[str]:
    """Hash every file; return a line for each that is missing or wrong, and mark the model accordingly.

    :raises ModelUnverified: the catalog does not know the files.
    """
    if model.unverified:
        raise ModelUnverified(f"{model.id} cannot be verified: {model.unverified}")
    folder = model_folder(model.id, models_root)
    marker = read_marker(folder)
    expected = [file for file in model.files if not file.optional or (folder / file.name).exists()]
    problems = [problem for file in expected if (problem := _problem(marker, file))]
    if not problems:
        _mark(model, marker)
    elif folder.is_dir():
        marker.verified = {}
        marker.write()
    return problems


def remove(model: Model, models_root: Path) -> int:
    """Delete a model and what has arrived of it; return how many bytes that freed.

    :raises ModelBusy: another process pulls it.
    """
    folder = model_folder(model.id, models_root)
    if not folder.is_dir():
        return 0
    with _locked(model, models_root, wait=False) as free_now:
        if not free_now:
            raise ModelBusy(f"{model.id} is being pulled by another process", "Wait for it, or interrupt it.")
        freed = _bytes_in(folder)
        shutil.rmtree(folder)
    return freed


@contextmanager
def _locked(model: Model, models_root: Path, wait: bool) -> Iterator[bool]:
    """Hold the model's lock; yield whether it could be had."""
    locks = models_root / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / model.id).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _one_line_errors(models_root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        kind = DiskFull if full else NarratorError
        reason = error.strerror or str(error)
        raise kind(f"cannot write in {models_root}: {reason}", "Put that right and pull again.") from None


def _check_room(model: Model, models_root: Path, free: Callable[[Path], int]) -> None:
    here = _bytes_in(model_folder(model.id, models_root))
    needed = max(model.bytes - here, 0) + WORKING_BYTES
    available = free(models_root)
    if available < needed:
        raise DiskFull(
            f"{model.id} needs {megabytes(needed)} in {models_root}, {megabytes(available)} are free",
            "Make room and pull again.",
        )


def _bytes_in(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def megabytes(count: int) -> str:
    """Return a number of bytes for people, in MB of 10^6."""
    return f"{count / 1e6:,.0f} MB" if count >= 10**7 else f"{count / 1e6:,.1f} MB"


def _is_unchanged(model: Model, models_root: Path) -> bool:
    """Whether every file is here and was not touched since it was hashed; hashes what was never seen."""
    if not is_complete(model, models_root):
        return False
    marker = read_marker(model_folder(model.id, models_root))
    if not all(_already_right(marker, file) for file in model.files):
        return False
    _mark(model, marker)
    return True


def _pull_files(model: Model, folder: Path, sources: Sources) -> Iterator[Progress]:
    marker = read_marker(folder)
    (folder / PARTIAL).mkdir(parents=True, exist_ok=True)
    before = reported = 0
    with sources:
        for file in model.files:
            if not _already_right(marker, file):
                for step in _obtain(file, marker, sources):
                    reported = max(reported, before + step.done_bytes)
                    yield Progress(reported, model.bytes, step.what)
            before += file.bytes
            reported = max(reported, before)
    _mark(model, marker)


def _obtain(file: ModelFile, marker: Marker, sources: Sources) -> Iterator[Progress]:
    try:
        for step in sources.obtain(file, marker.folder / file.name):
            yield Progress(step.done_bytes, file.bytes, f"{file.name} from {step.source}")
        marker.note(file.name, file.sha256)
    except ModelMissing as error:
        if not file.optional:
            raise
        yield Progress(file.bytes, file.bytes, f"{file.name} is left out: {error.problem}")


def _already_right(marker: Marker, file: ModelFile) -> bool:
    path = marker.folder / file.name
    if not path.is_file() or path.stat().st_size != file.bytes:
        return False
    return marker.hash_of(file.name) == file.sha256


def _problem(marker: Marker, file: ModelFile) -> str:
    path = marker.folder / file.name
    if not path.is_file():
        return f"{file.name} is missing"
    size = path.stat().st_size
    if size != file.bytes:
        return f"{file.name} has {size} bytes, not {file.bytes}"
    right = marker.hash_now(file.name) == file.sha256
    return "" if right else f"{file.name} has another SHA-256 than the catalog says"


def _mark(model: Model, marker: Marker) -> None:
    marker.verified = {file.name: file.sha256 for file in model.files if _already_right(marker, file)}
    marker.write()
