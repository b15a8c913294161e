"""Which engines there are and whether each could run, found without importing one.

An engine is an entry point of the group `claude_narrator.engines`, `name = "module:Class"`; its module
declares it in a literal dict, `ENGINE`, which `declaration.py` documents and reads.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from claude_narrator.models import environments, stored_voices
from claude_narrator.models.declaration import Declaration, DeclarationError, Needs, read_declaration
from claude_narrator.models.errors import BadInput
from claude_narrator.models.extras import install_command
from claude_narrator.models.modules import find_module
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
    environment, None when it needs none. `unspoken` says of languages that need more than is here, in the way
    of `status` and `reason`, what that is; it is empty unless the engine is ready.
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
    unspoken: Mapping[Language, tuple[EngineStatus, str]] = field(default_factory=dict)

    @property
    def voices(self) -> dict[Language, tuple[str, ...]]:
        """Its voices by language, without the languages that lack something here."""
        voices = self.declaration.voices
        return {language: names for language, names in voices.items() if language not in self.unspoken}

    def lacks(self, language: Language) -> tuple[EngineStatus, str]:
        """Return the status and the reason that hold of one of its languages."""
        return self.unspoken.get(language, (self.status, self.reason))


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
        own = _distribution(entry_point)
        models = tuple(filter(place.is_present, _every_model(declaration)))
        lacking = (
            _missing_software(name, declaration, own, place)
            or _missing_model(declaration, models, options)
            or _no_voice(name, declaration, models, place)
        )
        status, reason = lacking or (EngineStatus.READY, "")
        unspoken = {} if lacking else _unspoken(declaration, own, models)
        if status is EngineStatus.READY:
            declaration, reason = _configured(name, declaration, options)
            status = EngineStatus.NOT_CONFIGURED if reason else status
        record = EngineRecord(name, value, declaration, status, reason, options, models, unspoken=unspoken)
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
        listed = parse_voices(options[VOICES])
    except BadInput as error:
        how = command(engine, VOICES, declaration.options[VOICES])
        return declaration, f"in engines.{engine}.{VOICES} {error.problem}: {how}"
    voices = {**listed, **{tag: (*listed.get(tag, ()), *names) for tag, names in declaration.voices.items()}}
    return replace(declaration, voices=voices, languages=tuple(voices)), unset


def _missing_software(
    engine: str, declaration: Declaration, distribution: str, place: _Place
) -> tuple[EngineStatus, str] | None:
    """What of other people's software is not on this machine."""
    if declaration.environment is None:
        return _missing(declaration, distribution)
    if environments.is_installed(place.environment_of(engine), declaration.environment):
        return None
    reason = f"its environment is not installed: voice engines install {engine}"
    return EngineStatus.MISSING_PACKAGE, reason


def _missing(needs: Declaration | Needs, distribution: str) -> tuple[EngineStatus, str] | None:
    for group in needs.modules:
        if not any(find_module(module) for module in group):
            how = install_command(needs.extra or "", distribution)
            reason = f"{' or '.join(group)} is not installed: {how}"
            return EngineStatus.MISSING_PACKAGE, reason
    for name in needs.commands:
        if shutil.which(name) is None:
            how = f": {needs.commands_from}" if needs.commands_from else ""
            return EngineStatus.MISSING_PACKAGE, f"there is no command {name!r} on this machine{how}"
    return None


def _unspoken(
    declaration: Declaration, distribution: str, here: tuple[str, ...]
) -> dict[Language, tuple[EngineStatus, str]]:
    """What each language lacks that needs more than the engine itself."""
    found = {
        language: _missing(needs, distribution) or _missing_model(needs, here, {})
        for language, needs in declaration.needs.items()
    }
    return {language: lack for language, lack in found.items() if lack is not None}


def _every_model(declaration: Declaration) -> tuple[str, ...]:
    groups = [*declaration.models, *(group for needs in declaration.needs.values() for group in needs.models)]
    needed = itertools.chain.from_iterable(groups)
    return tuple(dict.fromkeys((*needed, *declaration.adds, *declaration.voice_models.values())))


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
    declaration: Declaration | Needs, here: tuple[str, ...], options: Mapping[str, str]
) -> tuple[EngineStatus, str] | None:
    if options.get(MODEL_FOLDER):
        return None
    for group in declaration.models:
        if not any(model in here for model in group):
            suggested = declaration.suggested if isinstance(declaration, Declaration) else ""
            pull = suggested if suggested in group else ""
            missing = pull or " or ".join(group)
            reason = f"{missing} is not on this machine: voice models pull {pull or group[0]}"
            return EngineStatus.MISSING_MODEL, reason
    return None
