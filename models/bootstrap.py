"""Starts the worker with an interpreter in which this project is not installed.

That is the one of an engine's own environment (`environments.py`). Of the project only this folder can be
imported there, and of other packages only what the engine's environment holds.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PACKAGE = "claude_narrator"


def make_importable(folder: Path) -> None:
    """Let `claude_narrator.models` be imported from `folder`, and nothing else of `claude_narrator`."""
    package = ModuleType(PACKAGE)
    package.__path__ = []
    spec = importlib.util.spec_from_file_location(
        f"{PACKAGE}.models", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    models = importlib.util.module_from_spec(spec)
    sys.modules.update({PACKAGE: package, spec.name: models})
    spec.loader.exec_module(models)


if __name__ == "__main__":
    make_importable(Path(__file__).resolve().parent)
    from claude_narrator.models.worker import main

    main()
