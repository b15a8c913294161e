"""The engines that can be run where only package registries can be reached, and what makes them ready."""

from __future__ import annotations

from dataclasses import replace

import pytest

from claude_narrator.models.registry import EngineRecord, EngineStatus, find_engines
from tests.engine_environments import installed
from tests.models_home import ensure_any, is_obtainable

_NEEDED = {
    record.name: {
        name: option.example for name, option in record.declaration.options.items() if option.default is None
    }
    for record in find_engines(lambda model: True)
}
RECORDS = find_engines(lambda model: True, options=_NEEDED)
"""Every engine, as if its models were here and what must be set were set."""


def runnable(kind: str, *, served: bool = True) -> list[object]:
    """One parameter an engine of that kind; those with weights or an environment of their own are marked.

    `served` says whether those count that ask a server of the user's, for which tests have a stand-in.
    """
    return [
        pytest.param(record, id=record.name, marks=[pytest.mark.models] if _is_heavy(record) else [])
        for record in RECORDS
        if record.declaration.kind == kind and _can_run(record) and (served or not _NEEDED[record.name])
    ]


def prepared(record: EngineRecord) -> EngineRecord:
    """Return the record of the engine with its weights and its environment fetched."""
    models = ensure_any(record.declaration.models)
    return replace(installed(record), models=models)


def _is_heavy(record: EngineRecord) -> bool:
    return bool(record.declaration.models) or record.declaration.environment is not None


def _can_run(record: EngineRecord) -> bool:
    """What needs no more than an environment of its own can be run: it is installed when it is needed."""
    declared = record.declaration
    lacks_only_environment = (
        declared.environment is not None and record.status is EngineStatus.MISSING_PACKAGE
    )
    if record.status is not EngineStatus.READY and not lacks_only_environment:
        return False
    return not declared.network and all(any(map(is_obtainable, group)) for group in declared.models)
