"""Refuses weights that are not what the catalog says, before an engine opens them.

A file that changed since it was last hashed is hashed again; one that did not costs a look at its size and
times.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from claude_narrator.models.catalog import Model, ModelFile, load_catalog
from claude_narrator.models.errors import ModelCorrupt, ModelMissing
from claude_narrator.models.marker import Marker, read_marker


def check_folders(folders: Mapping[str, Path], catalog: Mapping[str, Model] | None = None) -> None:
    """Check the models in `folders`, by catalog id; one that the catalog has no hashes of is passed over.

    :raises ModelMissing, ModelCorrupt: as `check_folder`.
    """
    known = load_catalog() if folders and catalog is None else catalog or {}
    for model_id, folder in folders.items():
        if model_id in known:
            check_folder(known[model_id], folder)


def check_folder(model: Model, folder: Path) -> None:
    """Return when every file is the one that the catalog names; a wrong one counts as not here from then on.

    :raises ModelMissing: a file that is not optional is not there.
    :raises ModelCorrupt: a file has another size or SHA-256.
    """
    marker = read_marker(folder)
    try:
        for file in model.files:
            _check_file(model, file, marker)
    finally:
        with suppress(OSError):  # a folder that is not ours: the next load hashes again
            marker.write()


def _check_file(model: Model, file: ModelFile, marker: Marker) -> None:
    path = marker.folder / file.name
    hint = f"Run: voice models pull {model.id}"
    if not path.is_file():
        if file.optional:
            return
        marker.verified.pop(file.name, None)
        raise ModelMissing(f"{file.name} of {model.id} is not here", hint)
    if problem := _difference(file, path, marker):
        marker.verified.pop(file.name, None)
        raise ModelCorrupt(f"{file.name} of {model.id} {problem}", hint)
    marker.verified[file.name] = file.sha256


def _difference(file: ModelFile, path: Path, marker: Marker) -> str:
    try:
        if (size := path.stat().st_size) != file.bytes:
            return f"has {size} bytes, not {file.bytes}"
        same = marker.hash_of(file.name) == file.sha256
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "" if same else "has another SHA-256 than the catalog says"
