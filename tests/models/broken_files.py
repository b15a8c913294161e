"""Copies of an engine's weights with something wrong: the catalog's, a folder's, or what packages carry."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from claude_narrator.models.catalog import find_model
from claude_narrator.models.registry import EngineRecord
from tests.runnable_engines import folder_of

Break = Callable[[Path], None]
_CODE = {".py", ".pyi", ".pyc", ".so"}
_SMALLEST_WEIGHTS_BYTES = 100_000


def is_missing(path: Path) -> None:
    """Leave the file out."""


def is_truncated(path: Path) -> None:
    """Write the first tenth of the file."""
    with path.resolve().open("rb") as whole:
        part = whole.read(min(path.stat().st_size // 10, 1 << 20))
    _replace(path, part)


def has_other_bytes(path: Path) -> None:
    """Write zeros in place of the file."""
    size = path.stat().st_size
    _replace(path, b"")
    os.truncate(path, size)


def broken_models(record: EngineRecord, how: Break, root: Path) -> Path:
    """Return a models folder in which the largest file of each of the engine's models is broken."""
    for model_id in record.models:
        _link_tree(folder_of(model_id), root / model_id)
        needed = (file for file in find_model(model_id).files if not file.optional)
        largest = max(needed, key=lambda file: file.bytes)
        _break(root / model_id / largest.name, how)
    return root


def broken_folder(folder: Path, how: Break, root: Path) -> Path:
    """Return a copy of a folder of weights in which the largest file is broken."""
    _link_tree(folder, root / folder.name)
    _break(max(_weights(root / folder.name), key=lambda path: path.stat().st_size), how)
    return root / folder.name


def broken_packages(record: EngineRecord, how: Break, root: Path) -> Path:
    """Return a folder for the module path in which the engine's packages have broken weights."""
    for module in (module for group in record.declaration.modules for module in group):
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None or not spec.submodule_search_locations:
            continue  # a module that is one file carries no weights
        package = Path(spec.origin).parent
        if weights := list(_weights(package)):
            shutil.copytree(package, root / module, symlinks=True, copy_function=_link_unless_code)
            for path in weights:
                _break(root / module / path.relative_to(package), how)
    return root


def _weights(package: Path) -> Iterator[Path]:
    for path in package.rglob("*"):
        if path.suffix not in _CODE and path.is_file() and path.stat().st_size > _SMALLEST_WEIGHTS_BYTES:
            yield path


def _link_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=os.symlink, ignore=shutil.ignore_patterns(".*"))
    for marker in source.glob(".*.json"):
        shutil.copy2(marker, target)


def _link_unless_code(source: str, target: str) -> None:
    (shutil.copy2 if Path(source).suffix in _CODE else os.symlink)(source, target)


def _break(path: Path, how: Break) -> None:
    how(path)
    if path.is_symlink():
        path.unlink()


def _replace(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)
