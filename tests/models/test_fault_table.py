"""Every engine of the registry comes through every fault: the listener hears each sentence and learns why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from claude_narrator.models.catalog import load_catalog
from claude_narrator.models.registry import EngineRecord
from tests.models.fault_bed import Bed, bed_of
from tests.models.faults import WHILE_IT_WORKS
from tests.models.load_faults import BEFORE_IT_LOADS
from tests.runnable_engines import prepared, runnable

pytestmark = pytest.mark.anyio
WITHIN_S = 120
SLOW_BYTES = 500_000_000


def _is_slow_to_start(record: EngineRecord) -> bool:
    """Whether it has an environment of its own, or large weights."""
    models = (load_catalog()[model] for group in record.declaration.models for model in group)
    return record.declaration.environment is not None or any(model.bytes > SLOW_BYTES for model in models)


ENGINES = [
    *runnable("synthesizer", tiny=True, elsewhere=True),
    *runnable("translator", tiny=True, elsewhere=True),
]
APART = [engine for engine in ENGINES if _is_slow_to_start(engine.values[0])]
SOME = ("kill -9 in mid-sentence", "SIGSTOP")


@pytest.fixture(scope="module")
async def bed(record: EngineRecord) -> AsyncIterator[Bed]:
    """One pipeline an engine: after every fault the engine has to come back by itself."""
    async with bed_of(prepared(record)) as bed:
        yield bed


@pytest.mark.parametrize("record", [e for e in ENGINES if e not in APART], scope="module")
@pytest.mark.parametrize("name", WHILE_IT_WORKS)
async def test_a_fault_of_the_process_costs_no_sentence(bed: Bed, name: str) -> None:
    with anyio.fail_after(WITHIN_S):
        assert await WHILE_IT_WORKS[name](bed)


@pytest.mark.parametrize("record", APART, scope="module")
@pytest.mark.parametrize("name", SOME)
async def test_some_faults_of_a_process_that_is_slow_to_start_cost_no_sentence(bed: Bed, name: str) -> None:
    with anyio.fail_after(WITHIN_S):
        assert await WHILE_IT_WORKS[name](bed)


@pytest.mark.parametrize("record", ENGINES)
@pytest.mark.parametrize("name", BEFORE_IT_LOADS)
async def test_weights_that_are_not_whole_are_refused_and_another_engine_is_heard(
    record: EngineRecord, name: str, tmp_path: Path
) -> None:
    with anyio.fail_after(WITHIN_S):
        assert await BEFORE_IT_LOADS[name](record, tmp_path)
