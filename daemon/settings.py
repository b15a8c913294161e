"""The settings: typed, checked all at once, written with every key shown."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit

from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language

MIN_RATE, MAX_RATE = 0.5, 3.0
MAX_FILE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Speech:
    """How replies are heard. A project may override these, and nothing else."""

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
    """Everything a user can set."""

    speech: Speech = field(default_factory=Speech)
    audio: Audio = field(default_factory=Audio)
    models: Models = field(default_factory=Models)
    log: Log = field(default_factory=Log)


PROJECT_FILE = Path(".claude") / "voice.toml"

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
_LOG_LEVELS = ("debug", "info", "warning", "error")


def keys() -> tuple[str, ...]:
    """Return every key as `section.name`, in the order of the file."""
    return tuple(
        f"{section.name}.{entry.name}"
        for section in dataclasses.fields(Settings)
        for entry in dataclasses.fields(getattr(Settings(), section.name))
    )


def default_of(key: str) -> Any:
    """Return the default of `section.name`.

    :raises BadInput: no such key; the hint names the nearest.
    """
    if key not in keys():
        raise BadInput(f"unknown setting {key!r}", _did_you_mean(key))
    section, name = key.split(".")
    return getattr(getattr(Settings(), section), name)


def value_of(settings: Settings, key: str) -> Any:
    """Return the value of `section.name`.

    :raises BadInput: no such key.
    """
    default_of(key)
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
    given = dict(_flatten(document))
    mistakes = [m for key, value in given.items() if (m := _mistake(key, value, only))]
    if mistakes:
        raise BadInput(f"{where}: " + "; ".join(mistakes), "Correct it; nothing was changed.")
    return _replace(base or Settings(), given)


def load(path: Path) -> Settings:
    """Return the user's settings; a file that is not there means the defaults.

    :raises BadInput: the file holds a mistake or cannot be read.
    """
    return parse(_read(path), str(path))


def load_project(folder: Path, base: Settings) -> Settings:
    """Return `base` with what the project in `folder` overrides; speech only: it may be a stranger's.

    :raises BadInput: the file holds a mistake or cannot be read.
    """
    path = folder / PROJECT_FILE
    return parse(_read(path), str(path), base, only=("speech",))


def write_default(path: Path) -> None:
    """Write a file that shows every key as a comment, unless there is one.

    :raises OSError: the folder is not ours to write.
    """
    if path.exists():
        return
    lines = ["# Settings of Claude Narrator. Take the # away to change one.", ""]
    for section in dataclasses.fields(Settings):
        lines.append(f"[{section.name}]")
        for key in (k for k in keys() if k.startswith(section.name + ".")):
            lines += [f"# {_COMMENTS[key]}", f"# {key.split('.')[1]} = {_toml(default_of(key))}"]
        lines.append("")
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
    section, name = key.split(".")
    document.setdefault(section, tomlkit.table())[name] = list(value) if isinstance(value, tuple) else value
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
    if key not in keys():
        return f"unknown key {key!r}. {_did_you_mean(key)}".strip()
    if only and key.split(".")[0] not in only:
        return f"{key!r} may not be set here, only {', '.join(only)}"
    return _wrong_type(key, value) or _wrong_value(key, value)


def _wrong_type(key: str, value: Any) -> str:
    default = default_of(key)
    if isinstance(default, tuple):
        fits = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    elif isinstance(default, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = type(value) is type(default)
    return "" if fits else f"{key} cannot be {value!r}; a value looks like {_toml(default)}"


def _wrong_value(key: str, value: Any) -> str:
    if key == "speech.rate" and not MIN_RATE <= value <= MAX_RATE:
        return f"{key} is {value}; it must lie between {MIN_RATE} and {MAX_RATE}"
    if key == "models.threads" and value < 0:
        return f"{key} is {value}; it must be 0 or more"
    if key == "log.level" and value not in _LOG_LEVELS:
        return f"{key} is {value!r}; it must be one of {', '.join(_LOG_LEVELS)}"
    if key in ("speech.language", "speech.source_language"):
        return _wrong_language(key, value)
    return _wrong_sink(key, value) if key == "audio.sink" else ""


def _wrong_language(key: str, value: str) -> str:
    try:
        check_language(value)
    except UnknownLanguage as error:
        return f"{key}: {error.problem}"
    return ""


def _wrong_sink(key: str, value: str) -> str:
    if value == "device":
        return ""
    if not value.startswith("file:"):
        return f"{key} is {value!r}; it must be device or file:PATH"
    # The daemon has no folder of its own that a relative path could mean.
    path = value.removeprefix("file:")
    return "" if path.startswith(("/", "~/")) else f"{key} is {value!r}; write file: and a whole path"


def _did_you_mean(key: str) -> str:
    near = difflib.get_close_matches(key, keys(), n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(keys())}."


def _replace(base: Settings, given: Mapping[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        section, name = key.split(".")
        sections.setdefault(section, {})[name] = type(default_of(key))(value)
    changed = {s: dataclasses.replace(getattr(base, s), **values) for s, values in sections.items()}
    return dataclasses.replace(base, **changed)


def _toml(value: Any) -> str:
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string())
