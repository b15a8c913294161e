"""Memory does not grow with what is said; `make soak` says 2,000 sentences, this a hundred or so."""

from __future__ import annotations

import pytest

from claude_narrator.models.declaration import Declaration
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language
from tests.bench.soak import soak
from tests.models.worker_bench import ROOT, SCRIPTED, importable_in_workers
from tests.runnable_engines import runnable

pytestmark = pytest.mark.anyio
FEW, MANY, APART = (40, 80), (30, 90), (100, 400)
ALLOWED_KB = 100.0
"""A sentence: two seconds of samples are 200. Short runs show how an allocator settles, too."""
ALLOWED_APART_KB = 300.0
"""For an engine in an environment of its own: Piper's memory swings by 30 MB up and down over 400 sentences,
so that a run of this length shows great leaks only."""


@pytest.mark.parametrize("record", [*runnable("synthesizer"), *runnable("translator")])
async def test_a_sentence_leaves_nothing_behind(record: EngineRecord) -> None:
    marks, allowed_kb = FEW if record.declaration.models else MANY, ALLOWED_KB
    if record.declaration.environment:
        marks, allowed_kb = APART, ALLOWED_APART_KB
    assert (await soak(record, marks)).kb_a_sentence < allowed_kb


async def test_an_engine_that_keeps_what_it_says_is_found_out() -> None:
    voices = {Language("en"): ("plain",)}
    declaration = Declaration("synthesizer", languages=tuple(voices), voices=voices)
    entry_point = SCRIPTED.replace("Scripted", "Keeper")
    leaky = EngineRecord("keeper", entry_point, declaration, EngineStatus.READY)
    with importable_in_workers(ROOT):
        assert (await soak(leaky, FEW)).kb_a_sentence > ALLOWED_KB
