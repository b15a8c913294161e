"""The engines that can be run where only package registries can be reached, and what makes them ready."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from claude_narrator.models.catalog import model_folder
from claude_narrator.models.engine_state import Deadlines
from claude_narrator.models.host import EngineHost
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import EngineRecord, EngineStatus, find_engines
from claude_narrator.models.types import Language, VoiceChoice
from tests import tiny_models
from tests.engine_environments import installed
from tests.models_home import ensure_any, is_obtainable, models_root
from tests.peers import COMMANDS, SERVICES, with_peer
from tests.sentences import SENTENCES

_NEEDED = {
    record.name: {
        name: option.example for name, option in record.declaration.options.items() if option.default is None
    }
    for record in find_engines(lambda model: True)
}
RECORDS = find_engines(lambda model: True, options=_NEEDED)
"""Every engine, as if its models were here and what must be set were set."""


def runnable(
    kind: str, *, served: bool = True, tiny: bool = False, elsewhere: bool = False
) -> list[ParameterSet]:
    """One parameter an engine of that kind; those with weights or an environment of their own are marked.

    `served` says whether those count that ask a server of the user's, for which tests have a stand-in; `tiny`
    whether those do whose weights cannot be had, for which tests have tiny ones; `elsewhere` whether services
    on the network and commands of other systems do, with stand-ins too.
    """
    return [
        pytest.param(record, id=record.name, marks=[pytest.mark.models] if _is_heavy(record) else [])
        for record in runnable_records(tiny=tiny, elsewhere=elsewhere)
        if record.declaration.kind == kind and (served or not _NEEDED[record.name])
    ]


def runnable_records(*, tiny: bool = False, elsewhere: bool = False) -> list[EngineRecord]:
    """Return every engine of `runnable`, synthesizers first."""
    more = (*(tiny_models.ENGINES if tiny else ()), *((*SERVICES, *COMMANDS) if elsewhere else ()))
    able = [record for record in RECORDS if _can_run(record) or record.name in more]
    return sorted(able, key=lambda record: record.declaration.kind)


def prepared(record: EngineRecord) -> EngineRecord:
    """Return the record of the engine with its weights, or tiny ones, and its environment fetched."""
    if record.name in tiny_models.ENGINES:
        return tiny_models.with_tiny_model(record)
    own = tuple((model,) for model in record.declaration.voice_models.values())
    some = (group for needs in record.declaration.needs.values() for group in needs.models)
    models = ensure_any(tuple(dict.fromkeys((*record.declaration.models, *own, *some))))
    return replace(installed(record), models=models)


@asynccontextmanager
async def loaded(record: EngineRecord, deadlines: Deadlines | None = None) -> AsyncIterator[EngineHost]:
    """The engine, ready: its weights and environment fetched if need be, its server a stand-in."""
    with with_peer(prepared(record)) as served:
        async with EnginePool([served], folder_of, deadlines=deadlines) as pool:
            await pool.load(record.name)
            yield host_of(pool, record)


def host_of(pool: EnginePool, record: EngineRecord) -> EngineHost:
    """Return the host of an engine that can be chosen for the first pair, or voice, of its own."""
    if record.declaration.kind == "translator":
        return pool.translator_for(*pair_of(record), record.name)
    language, voice = first_voice(record)
    return pool.synthesizer_for(VoiceChoice(language, f"{record.name}/{voice}"))[0]


def pair_of(record: EngineRecord) -> tuple[Language, Language]:
    """Return a source and a target of a translator for which there is a sentence, English first."""
    known = [language for language in record.declaration.languages if language.split("-")[0] in SENTENCES]
    known.sort(key=lambda language: language != "en")
    return known[0], known[1]


def first_voice(record: EngineRecord) -> tuple[Language, str]:
    """Return the first language of an engine in which there is a sentence, and its first voice."""
    voices = record.declaration.voices
    language = next((one for one in voices if one.split("-")[0] in SENTENCES), next(iter(voices)))
    return language, voices[language][0]


def folder_of(model_id: str) -> Path:
    """Return where the tests keep a model."""
    return model_folder(model_id, models_root())


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
