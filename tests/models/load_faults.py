"""What can be wrong with an engine's weights before it is loaded, and how it comes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from claude_narrator.models.errors import EngineUnavailable
from claude_narrator.models.options import MODEL_FOLDER
from claude_narrator.models.registry import EngineRecord
from tests.models.broken_files import (
    Break,
    broken_folder,
    broken_models,
    broken_packages,
    has_other_bytes,
    is_missing,
    is_truncated,
)
from tests.models.fault_bed import bed_of
from tests.models.worker_bench import importable_in_workers
from tests.runnable_engines import prepared

HAS_NO_FILES = "-"
REFUSED = "refused, other engine"


async def missing_file(record: EngineRecord, scratch: Path) -> str:
    """A file of its weights is not there."""
    return await _with_broken(record, is_missing, scratch)


async def truncated_file(record: EngineRecord, scratch: Path) -> str:
    """A file breaks off."""
    return await _with_broken(record, is_truncated, scratch)


async def wrong_hash(record: EngineRecord, scratch: Path) -> str:
    """A file has its size and other bytes."""
    return await _with_broken(record, has_other_bytes, scratch)


BEFORE_IT_LOADS: dict[str, Callable[[EngineRecord, Path], Awaitable[str]]] = {
    "missing file": missing_file,
    "truncated file": truncated_file,
    "wrong hash": wrong_hash,
}


async def _with_broken(record: EngineRecord, how: Break, scratch: Path) -> str:
    record = prepared(record)
    if record.models:
        await _is_refused(record, broken_models(record, how, scratch))
        return REFUSED
    if folder := record.options.get(MODEL_FOLDER):
        broken = str(broken_folder(Path(folder), how, scratch))
        options = {name: broken if value == folder else value for name, value in record.options.items()}
        await _is_refused(replace(record, options=options), None)
        return REFUSED
    if record.environment is not None or not any(broken_packages(record, how, scratch).iterdir()):
        return HAS_NO_FILES
    with importable_in_workers(scratch):
        await _is_refused(record, None)
    return REFUSED


async def _is_refused(record: EngineRecord, folders: Path | None) -> None:
    async with bed_of(record, folders) as bed:
        with pytest.raises(EngineUnavailable) as refused:
            await bed.pool.load(bed.name)
        assert len(str(refused.value).splitlines()) == 1
        assert refused.value.hint, "it says what to do"
        assert bed.state.reason == str(refused.value)
        for _ in range(2):
            said = await bed.hear(bed.sentence)
            assert said.outcome == "spoken"
            assert said.words
        assert bed.state.status != "ready"
        if folders is not None:
            assert any(model in refused.value.problem for model in record.models)
