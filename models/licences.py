"""Which licences the user has accepted: a file a model, so that a pull which goes on does not ask again."""

from __future__ import annotations

from pathlib import Path

from claude_narrator.models.catalog import Model

FOLDER = ".accepted"
"""Beside the models; a model that is removed stays accepted."""


def is_accepted(model: Model, models_root: Path) -> bool:
    """Return whether the licence that the model has now was accepted."""
    try:
        return _file(model, models_root).read_text(encoding="utf-8") == model.licence
    except (OSError, UnicodeDecodeError):
        return False


def note_accepted(model: Model, models_root: Path) -> None:
    """Remember that it was.

    :raises OSError: the folder cannot be written.
    """
    file = _file(model, models_root)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(model.licence, encoding="utf-8")


def _file(model: Model, models_root: Path) -> Path:
    return models_root / FOLDER / model.id
