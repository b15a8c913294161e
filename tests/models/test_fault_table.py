"""Every engine of the registry comes through every fault: the listener hears each sentence and learns why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from claude_narrator.models.registry import EngineRecord
from tests.models.fault_bed import Bed, bed_of
from tests.models.faults import WHILE_IT_WORKS, Fault
from tests.models.load_faults import BEFORE_IT_LOADS
from tests.runnable_engines import runnable

pytestmark = pytest.mark.anyio
WITHIN_S = 120
each_engine = pytest.mark.parametrize(
    "record", [*runnable("synthesizer", tiny=True), *runnable("translator", tiny=True)], scope="module"
)


@pytest.fixture(scope="module")
async def bed(record: EngineRecord) -> AsyncIterator[Bed]:
    """One pipeline an engine: after every fault the engine has to come back by itself."""
    async with bed_of(record) as bed:
        yield bed


@each_engine
@pytest.mark.parametrize("fault", WHILE_IT_WORKS.values(), ids=WHILE_IT_WORKS.keys())
async def test_a_fault_of_the_process_costs_no_sentence(bed: Bed, fault: Fault) -> None:
    with anyio.fail_after(WITHIN_S):
        assert await fault(bed)


@each_engine
@pytest.mark.parametrize("name", BEFORE_IT_LOADS)
async def test_weights_that_are_not_whole_are_refused_and_another_engine_is_heard(
    record: EngineRecord, name: str, tmp_path: Path
) -> None:
    with anyio.fail_after(WITHIN_S):
        assert await BEFORE_IT_LOADS[name](record, tmp_path)
