"""Of many voices, Piper keeps loaded those that spoke last."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import piper
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.types import Language


def test_the_voices_that_spoke_last_stay_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load(folder: Path, threads: int) -> object:
        loads.append(folder.name)
        return object()

    monkeypatch.setitem(sys.modules, "piper", ModuleType("piper"))
    monkeypatch.setattr(piper, "_load", load)
    engine = piper.Piper()
    engine.load(EngineContext(voices={name: Path(name) for name in "abcd"}))
    for name in "abcadaba":
        engine.synthesize("Hello.", name, Language("en"), 1.0)
    assert "".join(loads) == "abcdb"
    engine.close()
    with pytest.raises(EngineFailed, match="not loaded"):
        engine.synthesize("Hello.", "a", Language("en"), 1.0)
