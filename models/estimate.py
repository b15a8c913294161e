"""What an engine will take in memory, before it is loaded: its files, and what it declares beside them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from claude_narrator.models.options import MODEL, MODEL_FOLDER
from claude_narrator.models.registry import EngineRecord


def needs_of(record: EngineRecord, folder_of: Callable[[str], Path]) -> tuple[int, ...]:
    """Return bytes, one for each choice among the engine's models that are here, in its order of preference.

    A model that the user named is no choice.
    """
    beside = record.declaration.memory_mb * 10**6
    if folder := record.options.get(MODEL_FOLDER):
        return (beside + folder_bytes(Path(folder).expanduser()),)
    named = record.options.get(MODEL, "")
    groups = []
    for group in record.declaration.models:
        here = [model for model in group if model in record.models]
        chosen = [model for model in here if model == named] or here
        groups.append([folder_bytes(folder_of(model)) for model in chosen] or [0])
    return tuple(beside + sum(choice) for choice in itertools.product(*groups))


def folder_bytes(folder: Path) -> int:
    """Return the size of all files below `folder`; 0 when there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
