"""Engines whose weights no package registry has, on tiny random models of their real architecture."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from claude_narrator.models.options import MODEL_FOLDER
from claude_narrator.models.registry import EngineRecord
from tests.engine_environments import installed, probe

_SCRIPT = Path(__file__).parent / "models" / "engines" / "make_tiny.py"
ENGINES = ("nllb", "xtts", "cosyvoice")
"""Those for which `make_tiny.py` has a maker."""


@functools.cache
def tiny_model(engine: str) -> Path:
    """Return the folder of the engine's tiny model, made once a session in its own environment."""
    scratch = Path(tempfile.mkdtemp(prefix="tiny-models-"))
    atexit.register(shutil.rmtree, scratch)
    return Path(probe(engine, _SCRIPT, engine, str(scratch / engine)))


def with_tiny_model(record: EngineRecord) -> EngineRecord:
    """Return the record as if the user had set the engine to the tiny model, on the CPU."""
    folder = str(tiny_model(record.name))
    given = {MODEL_FOLDER: folder, "trust": folder, "device": "cpu"}
    options = {name: given.get(name, value) for name, value in record.options.items()}
    return replace(installed(replace(record, options=options)), options=options, models=())
