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
FEW, MANY = (10, 40), (30, 90)
ALLOWED_KB = 100.0
"""A sentence: two seconds of samples are 200. Short runs show how an allocator settles, too."""


@pytest.mark.parametrize("record", [*runnable("synthesizer"), *runnable("translator")])
async def test_a_sentence_leaves_nothing_behind(record: EngineRecord) -> None:
    marks = FEW if record.models or record.declaration.environment else MANY
    assert (await soak(record, marks)).kb_a_sentence < ALLOWED_KB


async def test_an_engine_that_keeps_what_it_says_is_found_out() -> None:
    voices = {Language("en"): ("plain",)}
    declaration = Declaration("synthesizer", languages=tuple(voices), voices=voices)
    entry_point = SCRIPTED.replace("Scripted", "Keeper")
    leaky = EngineRecord("keeper", entry_point, declaration, EngineStatus.READY)
    with importable_in_workers(ROOT):
        assert (await soak(leaky, FEW)).kb_a_sentence > ALLOWED_KB
