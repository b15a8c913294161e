"""The catalog: every weight file by its size and SHA-256, and whether this machine has it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.models.errors import BadInput
from claude_narrator.models.marker import read_marker
from claude_narrator.models.sources import Source, parse_source

CATALOG_FILE = Path(__file__).with_name("catalog.toml")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
_NAME = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file: `name` in the model's folder, its size, its hash, and where to look for it, in order.

    A model works without a file that is `optional`, with less to offer.
    """

    name: str
    bytes: int
    sha256: str
    sources: tuple[Source, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A set of files that one engine needs.

    `kind` is translator, voice or recogniser. `confirm` asks the user to accept the licence first. A text in
    `unverified` says why the files are not known yet: such a model can be listed and not pulled.
    """

    id: str
    summary: str
    kind: str
    licence: str
    files: tuple[ModelFile, ...]
    confirm: bool = False
    unverified: str = ""

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)


def load_catalog(path: Path = CATALOG_FILE) -> dict[str, Model]:
    """Return every model by its id, in the order of the file.

    :raises BadInput: the file is not TOML or an entry is malformed.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        models = [_model(entry) for entry in document["model"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is not a valid catalog: {error}") from None
    by_id = {model.id: model for model in models}
    if len(by_id) != len(models):
        raise BadInput(f"{path} names a model twice")
    return by_id


def find_model(model_id: str, catalog: Mapping[str, Model] | None = None) -> Model:
    """Return the model with that id.

    :raises BadInput: no such model; the hint names the nearest.
    """
    known = load_catalog() if catalog is None else catalog
    if model_id in known:
        return known[model_id]
    near = difflib.get_close_matches(model_id, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."
    raise BadInput(f"no model {model_id!r} in the catalog", hint)


def model_folder(model_id: str, models_root: Path) -> Path:
    """Return the folder that holds the files of a model, whether it is there or not."""
    return models_root / model_id


def is_present(model: Model, models_root: Path) -> bool:
    """Return whether every file that is not optional was verified once and keeps its size; hashes nothing."""
    needed = tuple(file for file in model.files if not file.optional)
    return _verified(needed, model_folder(model.id, models_root))


def is_complete(model: Model, models_root: Path) -> bool:
    """Return whether `is_present` holds of the optional files too."""
    return _verified(model.files, model_folder(model.id, models_root))


def _verified(files: tuple[ModelFile, ...], folder: Path) -> bool:
    marked = read_marker(folder).verified
    return bool(files) and all(
        marked.get(file.name) == file.sha256 and _size(folder / file.name) == file.bytes for file in files
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _model(entry: Mapping[str, Any]) -> Model:
    unverified = entry.get("unverified", "")
    model = Model(
        id=entry["id"],
        summary=entry["summary"],
        kind=entry["kind"],
        licence=entry["licence"],
        files=() if unverified else tuple(_file(entry["id"], file) for file in entry["file"]),
        confirm=entry.get("confirm", False),
        unverified=unverified,
    )
    if not _ID.fullmatch(model.id):
        raise BadInput(f"{model.id!r} is no model id", "Use lower case letters, digits, dots and hyphens.")
    return model


def _file(model_id: str, entry: Mapping[str, Any]) -> ModelFile:
    sources = tuple(parse_source(written) for written in entry["sources"])
    file = ModelFile(entry["name"], entry["bytes"], entry["sha256"], sources, entry.get("optional", False))
    if not _NAME.fullmatch(file.name):
        raise BadInput(f"{model_id}: {file.name!r} is no file name inside the model's folder")
    if not _SHA256.fullmatch(file.sha256) or file.bytes <= 0 or not sources:
        raise BadInput(f"{model_id}: {file.name} needs bytes, a sha256 in lower case and at least one source")
    return file
