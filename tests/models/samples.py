"""Small models with true hashes, and the packages that carry them."""

from __future__ import annotations

import hashlib
import random
import zipfile
from pathlib import Path

from claude_narrator.models.catalog import Model, ModelFile
from claude_narrator.models.sources import parse_source


def random_bytes(count: int, seed: int = 1) -> bytes:
    """Return bytes that do not compress."""
    return random.Random(seed).randbytes(count)


def file_of(
    content: bytes, *sources: str | list[str], name: str = "weights.bin", optional: bool = False
) -> ModelFile:
    """Return the catalog's entry of a file."""
    parsed = tuple(parse_source(source) for source in sources)
    return ModelFile(name, len(content), hashlib.sha256(content).hexdigest(), parsed, optional)


def model_of(*files: ModelFile, model_id: str = "small") -> Model:
    """Return the catalog's entry of a model."""
    return Model(model_id, "a small model", "voice", "MIT", files)


def write_wheel(folder: Path, name: str, members: dict[str, bytes], version: str = "1.0") -> Path:
    """Write a wheel that pip accepts."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    path = folder / f"{module}-{version}-py3-none-any.whl"
    info = f"{module}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path
