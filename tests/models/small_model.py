"""A model of one file of 3 MiB on a hub, and where its pieces lie."""

from __future__ import annotations

from pathlib import Path

from claude_narrator.models.catalog import Model, model_folder
from claude_narrator.models.download import PARTIAL, Progress, pull
from tests.models.samples import file_of, model_of, random_bytes

CONTENT = random_bytes(3 << 20)
PATH = "/owner/repo/resolve/main/weights.bin"
MODEL = model_of(file_of(CONTENT, "hub:owner/repo/weights.bin"))


def fetched(model: Model, root: Path, *sources: str) -> list[Progress]:
    """Pull `model` and return every step."""
    return list(pull(model, root, sources))


def weights(root: Path) -> Path:
    """Return where the file of MODEL belongs."""
    return model_folder(MODEL.id, root) / "weights.bin"


def arrived(root: Path) -> list[Path]:
    """Return what is there of unfinished files of MODEL."""
    return [path for path in (model_folder(MODEL.id, root) / PARTIAL).iterdir() if path.is_file()]
