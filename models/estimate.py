"""What an engine will load, and what that takes in memory: its files, and what it declares beside them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
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
    return tuple(
        beside + sum(folder_bytes(folder_of(model)) for model in choice) for choice in _choices(record)
    )


def with_model(record: EngineRecord, needs: Sequence[int], limit_bytes: int) -> EngineRecord:
    """Return the record with what it declares for the models it will load: its first choice that fits.

    `needs` are those of `needs_of`. Nothing is declared for what lies in a folder of the user's own.
    """
    declared = record.declaration
    if not declared.by_model or record.options.get(MODEL_FOLDER):
        return record
    choices = _choices(record)
    fitting = (choice for choice, need in zip(choices, needs, strict=True) if need <= limit_bytes)
    for model in next(fitting, choices[-1]):
        if (own := declared.by_model.get(model)) is not None:
            quality = declared.quality if own.quality is None else own.quality
            gpus = declared.gpus if own.gpus is None else own.gpus
            declared = replace(declared, quality=quality, gpus=gpus)
    return replace(record, declaration=declared)


def folder_bytes(folder: Path) -> int:
    """Return the size of all files below `folder`; 0 when there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _choices(record: EngineRecord) -> list[tuple[str, ...]]:
    """The models that are loaded together, by preference; a group of which none is here has none in it."""
    named = record.options.get(MODEL, "")
    groups = []
    for group in record.declaration.models:
        here = [model for model in group if model in record.models]
        groups.append([model for model in here if model == named] or here or [""])
    return [tuple(filter(None, choice)) for choice in itertools.product(*groups)]
