"""What an engine says of itself, read from its source text without running a line of it.

The module of an engine holds a literal dict named `ENGINE`:

- `kind`: `"synthesizer"` or `"translator"`
- `summary`: what it is, one line
- `licence`: of code and weights, as one would cite it
- `languages`: BCP-47 tags that it speaks, or among which it translates; `voices` adds its own
- `voices`: `{language: [name, ...]}`, the first of a language is its default; `"*"` stands for all of
  `languages`; synthesizers only
- `modules`: importable names it needs; a list inside the list means any one of those
- `extra`: the pip extra that brings the modules, `""` when the base install does
- `commands`: executables that must be on the PATH; `commands_from` is the command that brings them
- `environment`: what an environment of its own is made of, where the daemon's is not enough, in place of
  `modules` and `extra`: a dict of lists of texts. `packages` are pip requirements, NumPy among them;
  `without_dependencies` more of them, installed as they are; `remove` patterns of files below site-packages
  that do harm. Whatever the engine's file imports must be in it, except `claude_narrator.models`
- `models`: catalog ids of the weights it needs; a list inside the list means any one of those, best first
- `suggested`: the one of such a list that the user is told to pull when none is here; else the first
- `adds`: catalog ids of further weights, none of which must be there, and the languages that each one brings:
  `{id: [language, ...]}`
- `needs`: what some of its languages need besides, `{language: {"modules": …, "models": …}}`, in the words
  above: `modules`, `extra`, `commands`, `commands_from`, `models`. The others are spoken without it
- `options`: settings of its own, as `options.py` describes them
- `embedded`: true when the base install is enough and it loads in well under a second
- `network`: true when text leaves the machine: spoken or translated with when it is named, never by `auto`
- `stores_voices`: true when it also speaks voices that the user keeps on disk (`stored_voices.py`)
- `clones`: true when a recording is all it needs for such a voice (`cloned_voices.py`)
- `voice_models`: `{voice: catalog id}`, for voices that are a model each: a voice is there when its model is
- `voice_files`: what such a voice is when another program made it, as `voice_files.py` describes it
- `instructed`: true when it translates as a prompt tells it, so that it can be told more; translators only
- `quality`: order of preference for `auto`, higher wins
- `gpus`: the kinds of GPU of `accelerator.py` without any of which it is too slow to be preferred by `auto`
- `by_model`: `quality` and `gpus` where they are others with one of its `models`: `{id: {"quality": …}}`
- `quick`: true when it translates a sentence in some hundredths of a second: with `auto` it breaks a silence,
  and a better one works on what follows; translators only
- `memory_mb`: what it takes in memory beside the files of its models, in megabytes; 150 when it is not said
- `gain_db`: what brings its voices to -18 LUFS, one number or `{voice: number}`; synthesizers only

Only `kind` and `summary`, and `voices` or `languages`, must be there.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_narrator.models.declared_forms import EVERY_LANGUAGE, problem_in
from claude_narrator.models.modules import find_module
from claude_narrator.models.options import VOICES, Option, parse_option
from claude_narrator.models.types import Language
from claude_narrator.models.voice_files import VoiceFiles, parse_voice_files

VARIABLE = "ENGINE"
_PLAIN = frozenset(
    [
        "kind",
        "summary",
        "licence",
        "extra",
        "commands_from",
        "suggested",
        "embedded",
        "network",
        "stores_voices",
        "clones",
        "instructed",
        "quick",
        "quality",
        "memory_mb",
    ]
)
"""Keys whose values stay as they are."""


class DeclarationError(Exception):
    """The declaration cannot be used; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What an environment of an engine's own is made of; the keys as the module's docstring says."""

    packages: tuple[str, ...] = ()
    without_dependencies: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """What a language of an engine's needs; the keys as the module's docstring says."""

    modules: tuple[tuple[str, ...], ...] = ()
    extra: str = ""
    commands: tuple[str, ...] = ()
    commands_from: str = ""
    models: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ByModel:
    """What is another with one model of an engine's; None is what the engine itself declares."""

    quality: int | None = None
    gpus: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an engine says of itself; the keys of `ENGINE` as the module's docstring describes them."""

    kind: str = ""
    summary: str = ""
    licence: str = ""
    languages: tuple[Language, ...] = ()
    voices: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    modules: tuple[tuple[str, ...], ...] = ()
    extra: str = ""
    commands: tuple[str, ...] = ()
    commands_from: str = ""
    environment: Environment | None = None
    models: tuple[tuple[str, ...], ...] = ()
    suggested: str = ""
    needs: Mapping[Language, Needs] = field(default_factory=dict)
    adds: Mapping[str, tuple[Language, ...]] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    embedded: bool = False
    network: bool = False
    stores_voices: bool = False
    clones: bool = False
    instructed: bool = False
    voice_models: Mapping[str, str] = field(default_factory=dict)
    voice_files: VoiceFiles | None = None
    quality: int = 0
    gpus: tuple[str, ...] = ()
    by_model: Mapping[str, ByModel] = field(default_factory=dict)
    quick: bool = False
    memory_mb: int = 150
    gain_db: Mapping[str, float] = field(default_factory=dict)


def read_declaration(entry_point_value: str) -> Declaration:
    """Return what the engine at `module:Class` declares.

    :raises DeclarationError: no such module or class, or `ENGINE` is missing or malformed.
    :raises OSError, SyntaxError, UnicodeDecodeError: the source cannot be read.
    """
    module, _, attribute = entry_point_value.partition(":")
    spec = find_module(module.strip())
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise DeclarationError(f"there is no module {module.strip()}")
    tree = _parse(Path(spec.origin))
    if not any(isinstance(node, ast.ClassDef) and node.name == attribute.strip() for node in tree.body):
        raise DeclarationError(f"{module} has no class {attribute.strip()}")
    return _checked(_literal(tree, module))


def _parse(file: Path) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(file.read_text(encoding="utf-8"), file.name)


def _literal(tree: ast.Module, module: str) -> dict[str, Any]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else ()
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if not any(isinstance(target, ast.Name) and target.id == VARIABLE for target in targets):
            continue
        try:
            value = ast.literal_eval(getattr(node, "value", None) or ast.Constant(None))
        except ValueError:
            raise DeclarationError(f"{VARIABLE} in {module} is not a literal") from None
        if isinstance(value, dict):
            return value
    raise DeclarationError(f"{module} has no {VARIABLE} dict")


def _checked(given: dict[str, Any]) -> Declaration:
    if problem := problem_in(given):
        raise DeclarationError(f"{VARIABLE}{'' if problem.startswith('[') else ' '}{problem}")
    declaration = _typed(given)
    _check_voices(declaration)
    own_models = {model for group in declaration.models for model in group}
    if unknown := set(declaration.by_model) - own_models:
        raise DeclarationError(f"{VARIABLE}['by_model'] names no model of its own: {min(unknown)}")
    return declaration


def _check_voices(declaration: Declaration) -> None:
    speaks = bool(declaration.voices) or declaration.stores_voices or VOICES in declaration.options
    if not declaration.languages and VOICES not in declaration.options:
        raise DeclarationError(f"{VARIABLE} names no language")
    if (declaration.kind == "synthesizer") != speaks:
        raise DeclarationError(f"{VARIABLE}['voices'] belongs to synthesizers, and each has one")
    if unspoken := set(declaration.needs) - set(declaration.languages):
        raise DeclarationError(f"{VARIABLE}['needs'] names no language of its own: {min(unspoken)}")
    if (declaration.clones or declaration.voice_files) and not declaration.stores_voices:
        raise DeclarationError(f"{VARIABLE} lacks 'stores_voices', without which no voice can be kept")
    own = {name for names in declaration.voices.values() for name in names}
    for key in ("gain_db", "voice_models"):
        if unknown := set(getattr(declaration, key)) - own:
            raise DeclarationError(f"{VARIABLE}[{key!r}] names no voice of its own: {min(unknown)}")


def _typed(given: dict[str, Any]) -> Declaration:
    voices = _voices_by_language(given)
    languages = dict.fromkeys([*map(Language, given.get("languages", ())), *voices])
    environment = given.get("environment")
    gain = given.get("gain_db", {})
    if not isinstance(gain, dict):
        gain = {name: gain for names in voices.values() for name in names}
    plain = {key: value for key, value in given.items() if key in _PLAIN}
    return Declaration(
        **plain,
        voices=voices,
        languages=tuple(languages),
        modules=_groups(given.get("modules", ())),
        commands=tuple(given.get("commands", ())),
        needs={Language(tag): _needs(entry) for tag, entry in given.get("needs", {}).items()},
        environment=environment and Environment(**{key: tuple(lines) for key, lines in environment.items()}),
        models=_groups(given.get("models", ())),
        voice_models=dict(given.get("voice_models", {})),
        voice_files=parse_voice_files(given.get("voice_files")),
        adds={model: tuple(map(Language, tags)) for model, tags in given.get("adds", {}).items()},
        gpus=tuple(given.get("gpus", ())),
        by_model={model: _by_model(entry) for model, entry in given.get("by_model", {}).items()},
        options={name: parse_option(option) for name, option in given.get("options", {}).items()},
        gain_db={name: float(decibels) for name, decibels in gain.items()},
    )


def _by_model(entry: dict[str, Any]) -> ByModel:
    return ByModel(entry.get("quality"), tuple(entry["gpus"]) if "gpus" in entry else None)


def _needs(entry: dict[str, Any]) -> Needs:
    return Needs(
        modules=_groups(entry.get("modules", ())),
        extra=entry.get("extra", ""),
        commands=tuple(entry.get("commands", ())),
        commands_from=entry.get("commands_from", ""),
        models=_groups(entry.get("models", ())),
    )


def _voices_by_language(given: dict[str, Any]) -> dict[Language, tuple[str, ...]]:
    voices: dict[Language, tuple[str, ...]] = {}
    for tag, names in given.get("voices", {}).items():
        for language in given.get("languages", ()) if tag == EVERY_LANGUAGE else (tag,):
            voices[Language(language)] = (*voices.get(language, ()), *names)
    return voices


def _groups(names: Any) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) if isinstance(name, str) else tuple(name) for name in names)
