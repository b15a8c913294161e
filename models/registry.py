"""Which engines there are and whether each could run, found without importing one.

An engine is an entry point of the group `claude_narrator.engines`, `name = "module:Class"`; its module
declares it in a literal dict, `ENGINE`, which `declaration.py` documents and reads.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from claude_narrator.models import environments, stored_voices
from claude_narrator.models.declaration import Declaration, DeclarationError, find_module, read_declaration
from claude_narrator.models.errors import BadInput
from claude_narrator.models.options import MODEL_FOLDER, VOICES, command, filled, parse_voices, what_is_unset
from claude_narrator.models.types import Language

GROUP = "claude_narrator.engines"
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class EngineStatus(StrEnum):
    """Whether an engine could run here; the values are what the listener reads."""

    READY = "ready"
    MISSING_PACKAGE = "missing package"
    MISSING_MODEL = "missing model"
    NOT_CONFIGURED = "not configured"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """An engine that was found: `entry_point` is `module:Class`; `reason` is empty when `status` is ready.

    Otherwise `reason` is one line that says what is wrong and, where there is one, the command that mends it.
    `options` has a value for each of the declaration's, `models` those of its catalog ids that are here,
    `stored` the voices on disk that are among the declaration's. `environment` is the folder of its own
    environment, None when it needs none.
    """

    name: str
    entry_point: str
    declaration: Declaration
    status: EngineStatus
    reason: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    stored: Mapping[str, Path] = field(default_factory=dict)
    environment: Path | None = None


def find_engines(
    is_present: Callable[[str], bool],
    entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
    options: Mapping[str, Mapping[str, str]] | None = None,
    data: Path | None = None,
) -> tuple[EngineRecord, ...]:
    """Return a record for every engine, by name. Never raises, never imports an engine.

    `is_present` says whether the model with that catalog id is on this machine, whole. `entry_points`
    stands in for the installed ones. `options` is what the user set, by engine and name. `data` is the folder
    that holds the engines' own environments and the voices that the user keeps; None stands for an empty one.
    """
    found = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    place = _Place(is_present, data or Path("/nonexistent"))
    records: dict[str, EngineRecord] = {}
    for entry_point in sorted(found, key=_own_first):
        record = _record(entry_point, place, (options or {}).get(entry_point.name, {}))
        records.setdefault(record.name, record)
    return tuple(records[name] for name in sorted(records))


@dataclass(frozen=True, slots=True)
class _Place:
    """What is on this machine."""

    is_present: Callable[[str], bool]
    data: Path

    def environment_of(self, engine: str) -> Path:
        return self.data / environments.FOLDER / engine

    def voices_of(self, engine: str) -> tuple[stored_voices.StoredVoice, ...]:
        return stored_voices.stored_voices(self.data / stored_voices.FOLDER / engine)


def _own_first(entry_point: importlib.metadata.EntryPoint) -> tuple[str, bool, str]:
    """No other distribution can take the name of an engine of ours."""
    return entry_point.name, _distribution(entry_point) != "claude-narrator", entry_point.value


def _distribution(entry_point: importlib.metadata.EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist is not None else "claude-narrator"


def _record(
    entry_point: importlib.metadata.EntryPoint, place: _Place, given: Mapping[str, str]
) -> EngineRecord:
    name, value = entry_point.name, entry_point.value
    try:
        if not _NAME.match(name):
            raise DeclarationError(f"the name {name!r} must be lower-case letters, digits and _")
        declaration = read_declaration(value)
        options = filled(declaration.options, given)
        missing = _missing(name, declaration, _distribution(entry_point), place)
        models = tuple(filter(place.is_present, _every_model(declaration)))
        lacking = (
            missing
            or _missing_model(declaration, models, options)
            or _no_voice(name, declaration, models, place)
        )
        status, reason = lacking or (EngineStatus.READY, "")
        if status is EngineStatus.READY:
            declaration, reason = _configured(name, declaration, options)
            status = EngineStatus.NOT_CONFIGURED if reason else status
        record = EngineRecord(name, value, declaration, status, reason, options, models)
        return _with_own(record, place)
    except DeclarationError as mistake:
        return EngineRecord(name, value, Declaration(), EngineStatus.BROKEN, str(mistake))
    except Exception as error:  # whatever a stranger's package does to the import system, the list is shown
        reason = f"{value} cannot be read: {type(error).__name__}: {error}".splitlines()[0]
        return EngineRecord(name, value, Declaration(), EngineStatus.BROKEN, reason)


def _with_own(record: EngineRecord, place: _Place) -> EngineRecord:
    """The record with the environment, the further languages and the stored voices of its engine."""
    added = (tag for model in record.models for tag in record.declaration.adds.get(model, ()))
    spoken = tuple(dict.fromkeys((*record.declaration.languages, *added)))
    record = replace(record, declaration=replace(record.declaration, languages=spoken))
    if record.declaration.environment is not None:
        record = replace(record, environment=place.environment_of(record.name))
    found = place.voices_of(record.name) if record.declaration.stores_voices else ()
    own = _voices_here(record) if record.status is EngineStatus.READY else record.declaration.voices
    voices = stored_voices.with_stored(own, spoken, found)
    languages = tuple(dict.fromkeys((*spoken, *voices)))
    declaration = replace(record.declaration, voices=voices, languages=languages)
    return replace(record, declaration=declaration, stored={voice.name: voice.folder for voice in found})


def _voices_here(record: EngineRecord) -> dict[Language, tuple[str, ...]]:
    """The declared voices without those whose own model is not on this machine."""
    lacking = {
        voice for voice, model in record.declaration.voice_models.items() if model not in record.models
    }
    declared = record.declaration.voices.items()
    here = {tag: tuple(name for name in names if name not in lacking) for tag, names in declared}
    return {tag: names for tag, names in here.items() if names}


def _configured(engine: str, declaration: Declaration, options: Mapping[str, str]) -> tuple[Declaration, str]:
    """The declaration with the voices that the user lists, and what is not set right."""
    unset = what_is_unset(engine, declaration.options, options)
    if VOICES not in declaration.options:
        return declaration, unset
    try:
        voices = parse_voices(options[VOICES])
    except BadInput as error:
        how = command(engine, VOICES, declaration.options[VOICES])
        return declaration, f"in engines.{engine}.{VOICES} {error.problem}: {how}"
    return replace(declaration, voices=voices, languages=tuple(voices)), unset


def _missing(
    engine: str, declaration: Declaration, distribution: str, place: _Place
) -> tuple[EngineStatus, str] | None:
    """What of other people's software is not on this machine."""
    if declaration.environment is not None:
        if environments.is_installed(place.environment_of(engine), declaration.environment):
            return None
        reason = f"its environment is not installed: voice engines install {engine}"
        return EngineStatus.MISSING_PACKAGE, reason
    for group in declaration.modules:
        if not any(find_module(module) for module in group):
            what = f"{distribution}[{declaration.extra}]" if declaration.extra else distribution
            reason = f"{' or '.join(group)} is not installed: pip install '{what}'"
            return EngineStatus.MISSING_PACKAGE, reason
    for command_name in declaration.commands:
        if shutil.which(command_name) is None:
            return EngineStatus.MISSING_PACKAGE, f"there is no command {command_name!r} on this machine"
    return None


def _every_model(declaration: Declaration) -> tuple[str, ...]:
    needed = (model for group in declaration.models for model in group)
    return (*needed, *declaration.adds, *declaration.voice_models.values())


def _no_voice(
    engine: str, declaration: Declaration, here: tuple[str, ...], place: _Place
) -> tuple[EngineStatus, str] | None:
    """What to pull where every voice is a model, none is here, and the user has stored none."""
    models = tuple(dict.fromkeys(declaration.voice_models.values()))
    if not models or any(model in here for model in models) or place.voices_of(engine):
        return None
    reason = f"{' or '.join(models)} is not on this machine: voice models pull {models[0]}"
    return EngineStatus.MISSING_MODEL, reason


def _missing_model(
    declaration: Declaration, here: tuple[str, ...], options: Mapping[str, str]
) -> tuple[EngineStatus, str] | None:
    if options.get(MODEL_FOLDER):
        return None
    for group in declaration.models:
        if not any(model in here for model in group):
            pull = declaration.suggested if declaration.suggested in group else ""
            missing = pull or " or ".join(group)
            reason = f"{missing} is not on this machine: voice models pull {pull or group[0]}"
            return EngineStatus.MISSING_MODEL, reason
    return None
