"""A loaded nllb engine, what it says, and how it refuses; runs in the engine's environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.nllb import Nllb
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.types import Language


@contextmanager
def opened(folder: Path, backend: str = "auto", **options: str) -> Iterator[tuple[Nllb, Any]]:
    """A loaded engine and what `load` said."""
    engine = Nllb()
    given = {"model_folder": str(folder), "backend": backend, "device": "cpu", **options}
    try:
        yield engine, engine.load(EngineContext({}, 1, given))
    finally:
        engine.close()


def said(engine: Nllb, text: str, source: str = "en", target: str = "ja") -> str:
    return "".join(engine.translate(text, Language(source), Language(target)))


def refusal(act: Callable[[], object]) -> list[str]:
    """The code and the text of the error that `act` raises."""
    try:
        act()
    except NarratorError as error:
        return [error.code, str(error)]
    return ["none", ""]


def load_refusal(folder: Path, backend: str = "torch-fp32") -> list[str]:
    def load() -> None:
        with opened(folder, backend):
            pass

    return refusal(load)
