"""The settings: typed, checked all at once, written with every key shown."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit

from claude_narrator.daemon import engine_settings, glossary
from claude_narrator.daemon.engine_settings import EngineOptions, is_engine_key, nearest
from claude_narrator.daemon.glossary import Glossary, is_glossary_key
from claude_narrator.daemon.setting_values import MAX_RATE as MAX_RATE
from claude_narrator.daemon.setting_values import MIN_RATE as MIN_RATE
from claude_narrator.daemon.setting_values import wrong_value
from claude_narrator.models.errors import BadInput

MAX_FILE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Speech:
    """How replies are heard. A project may override these."""

    language: str = "en"
    source_language: str = "en"
    voice: str = "auto"
    rate: float = 1.0
    translator: str = "auto"


@dataclass(frozen=True, slots=True)
class Audio:
    """Where the sound goes.

    `sink` is `device` or `file:PATH`; `device` a name or part of one, empty for the default.
    """

    sink: str = "device"
    device: str = ""


@dataclass(frozen=True, slots=True)
class Models:
    """Weights and engines.

    `sources` are tried before the catalog's own; `threads` 0 means one less than there are cores.
    """

    sources: tuple[str, ...] = ()
    threads: int = 0
    preload: bool = True


@dataclass(frozen=True, slots=True)
class Log:
    """`level` is debug, info, warning or error; `spoken_text` true lets the log hold what was said."""

    level: str = "info"
    spoken_text: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can set; `engines` is what differs from what the engines declare as defaults."""

    speech: Speech = field(default_factory=Speech)
    audio: Audio = field(default_factory=Audio)
    models: Models = field(default_factory=Models)
    log: Log = field(default_factory=Log)
    engines: EngineOptions = field(default_factory=dict)
    glossary: Glossary = field(default_factory=dict)


PROJECT_FILE = Path(".claude") / "voice.toml"
PROJECT_SECTIONS = ("speech", glossary.SECTION)
"""What a project may set; its file may be a stranger's."""

_COMMENTS = {
    "speech.language": "What you want to hear, as a language tag: en, ja, pt-BR.",
    "speech.source_language": "What Claude writes.",
    "speech.voice": "auto, or a line of `voice voices`, such as kokoro/jf_alpha.",
    "speech.rate": "0.5 to 3; 1 is the voice's own pace.",
    "speech.translator": "auto, or a translator of `voice engines`.",
    "audio.sink": "device, or file:PATH for a WAV of what would have been played.",
    "audio.device": "Name of the output device, or a part of it; empty for the default.",
    "models.sources": "Folders or hub addresses that are tried before the catalog's own.",
    "models.threads": "Threads an engine may use; 0 for one less than there are cores.",
    "models.preload": "Load engines when the daemon starts, not when they are first needed.",
    "log.level": "debug, info, warning or error.",
    "log.spoken_text": "Let the log hold what was said.",
}
_OPEN_SECTIONS = (engine_settings.SECTION, glossary.SECTION)
_SECTIONS = tuple(each.name for each in dataclasses.fields(Settings) if each.name not in _OPEN_SECTIONS)


def keys() -> tuple[str, ...]:
    """Return every key as `section.name`, in the order of the file, but those of engines and glossary."""
    return tuple(
        f"{section}.{entry.name}"
        for section in _SECTIONS
        for entry in dataclasses.fields(getattr(Settings(), section))
    )


def default_of(key: str) -> Any:
    """Return the default of `section.name` or `engines.NAME.OPTION`; empty for a word of the glossary.

    :raises BadInput: no such key; the hint names the nearest.
    """
    if is_glossary_key(key):
        glossary.parts_of(key)
        return ""
    known = engine_settings.engine_defaults() if is_engine_key(key) else dict.fromkeys(keys())
    if key not in known:
        raise BadInput(f"unknown setting {key!r}", nearest(key, known))
    if is_engine_key(key):
        return known[key]
    section, name = key.split(".")
    return getattr(getattr(Settings(), section), name)


def value_of(settings: Settings, key: str) -> Any:
    """Return the value of `section.name`, `engines.NAME.OPTION` or a word of the glossary.

    :raises BadInput: no such key.
    """
    default_of(key)
    if is_glossary_key(key):
        return glossary.value_in(settings.glossary, key)
    if is_engine_key(key):
        return engine_settings.value_in(settings.engines, key)
    section, name = key.split(".")
    return getattr(getattr(settings, section), name)


def parse(text: str, where: str, base: Settings | None = None, only: tuple[str, ...] = ()) -> Settings:
    """Return the settings that the TOML `text` describes on top of `base`.

    `where` names the source in messages; `only` limits the sections that may be set.

    :raises BadInput: one line that lists every mistake.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{where} is not valid TOML: {error}", "Repair or remove the file.") from None
    engines = {} if only else document.pop(engine_settings.SECTION, {})
    words = document.pop(glossary.SECTION, {})
    given = dict(_flatten(document))
    mistakes = [m for key, value in given.items() if (m := _mistake(key, value, only))]
    mistakes += engine_settings.mistakes_in(engines) if engines else []
    mistakes += glossary.mistakes_in(words)
    if mistakes:
        raise BadInput(f"{where}: " + "; ".join(mistakes), "Correct it; nothing was changed.")
    settings = _replace(base or Settings(), given)
    if words:
        every = glossary.merged(settings.glossary, glossary.glossary_in(words))
        settings = dataclasses.replace(settings, glossary=every)
    return dataclasses.replace(settings, engines=engine_settings.options_in(engines)) if engines else settings


def load(path: Path) -> Settings:
    """Return the user's settings; a file that is not there means the defaults.

    :raises BadInput: the file holds a mistake or cannot be read.
    """
    return parse(_read(path), str(path))


def load_project(folder: Path, base: Settings) -> Settings:
    """Return `base` with what the project in `folder` overrides; PROJECT_SECTIONS only.

    :raises BadInput: the file holds a mistake or cannot be read.
    """
    path = folder / PROJECT_FILE
    return parse(_read(path), str(path), base, only=PROJECT_SECTIONS)


def write_default(path: Path) -> None:
    """Write a file that shows every key as a comment, unless there is one.

    :raises OSError: the folder is not ours to write.
    """
    if path.exists():
        return
    lines = ["# Settings of Claude Narrator. Take the # away to change one.", ""]
    for section in _SECTIONS:
        lines.append(f"[{section}]")
        for key in (k for k in keys() if k.startswith(section + ".")):
            lines += [f"# {_COMMENTS[key]}", f"# {key.split('.')[1]} = {_toml(default_of(key))}"]
        lines.append("")
    lines += [*glossary.DEFAULT_LINES, *engine_settings.default_lines()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def set_value(path: Path, key: str, value: Any, only: tuple[str, ...] = ()) -> Settings:
    """Write `key` into the TOML file at `path`, comments kept, and return the settings it then describes.

    :raises BadInput: unknown key, a value of the wrong kind or a file with a mistake; the file is untouched.
    :raises OSError: the file cannot be written.
    """
    default_of(key)
    before = _read(path)
    parse(before, str(path), only=only)
    document = tomlkit.parse(before)
    *sections, name = glossary.parts_of(key) if is_glossary_key(key) else key.split(".")
    table: Any = document
    for section in sections:
        table = table.setdefault(section, tomlkit.table(is_super_table=section == engine_settings.SECTION))
    table[name] = list(value) if isinstance(value, tuple) else value
    text = tomlkit.dumps(document)
    settings = parse(text, str(path), only=only)
    whole_path = path.resolve()
    whole_path.parent.mkdir(parents=True, exist_ok=True)
    temporary = whole_path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(whole_path)
    return settings


def value_from_text(key: str, text: str) -> Any:
    """Read a command-line value as the type of `key`.

    :raises BadInput: unknown key, or `text` is not such a value.
    """
    default = default_of(key)
    if isinstance(default, str):
        return text
    try:
        (value,) = tomllib.loads(f"value = {text}").values()
    except ValueError:
        raise BadInput(f"{key} cannot be {text!r}", f"Give a value such as {_toml(default)}.") from None
    return float(value) if isinstance(default, float) and isinstance(value, int) else value


def _read(path: Path) -> str:
    """Return the text of a settings file; there being none is an empty one."""
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"it has more than {MAX_FILE_BYTES} bytes")
        return content.decode("utf-8")
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {error}", "Repair or remove the file.") from None


def _flatten(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for section, content in document.items():
        if isinstance(content, Mapping):
            flat += [(f"{section}.{name}", value) for name, value in content.items()]
        else:
            flat.append((section, content))
    return flat


def _mistake(key: str, value: Any, only: tuple[str, ...]) -> str:
    if only and key.split(".")[0] in {*_SECTIONS, engine_settings.SECTION} - set(only):
        return f"{key!r} may not be set here, only {', '.join(only)}"
    if key not in keys():
        return f"unknown key {key!r}. {nearest(key, keys())}".strip()
    return _wrong_type(key, value) or wrong_value(key, value)


def _wrong_type(key: str, value: Any) -> str:
    default = default_of(key)
    if isinstance(default, tuple):
        fits = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    elif isinstance(default, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = type(value) is type(default)
    return "" if fits else f"{key} cannot be {value!r}; a value looks like {_toml(default)}"


def _replace(base: Settings, given: Mapping[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        section, name = key.split(".")
        sections.setdefault(section, {})[name] = type(default_of(key))(value)
    changed = {s: dataclasses.replace(getattr(base, s), **values) for s, values in sections.items()}
    return dataclasses.replace(base, **changed)


def _toml(value: Any) -> str:
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string())
