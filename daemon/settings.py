"""The settings: typed, checked all at once, written with every key shown."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from claude_narrator.daemon.dictionary import HOW_TO_ADD
from claude_narrator.daemon.engine_settings import nearest
from claude_narrator.daemon.setting_sections import COMMENTS, OPEN_SECTIONS
from claude_narrator.daemon.setting_sections import PROJECT_SECTIONS as PROJECT_SECTIONS
from claude_narrator.daemon.setting_sections import Audio as Audio
from claude_narrator.daemon.setting_sections import Settings as Settings
from claude_narrator.daemon.setting_sections import Speech as Speech
from claude_narrator.daemon.setting_values import MAX_RATE as MAX_RATE
from claude_narrator.daemon.setting_values import MIN_RATE as MIN_RATE
from claude_narrator.daemon.setting_values import as_setting, fits, from_words, wrong_value
from claude_narrator.models import text_file
from claude_narrator.models.errors import BadInput

MAX_FILE_BYTES = 1 << 16
PROJECT_FILE = Path(".claude") / "voice.toml"
_SECTIONS = tuple(each.name for each in dataclasses.fields(Settings) if each.name not in OPEN_SECTIONS)


def keys() -> tuple[str, ...]:
    """Return every key as `section.name`, in the order of the file, but those of open sections."""
    return tuple(
        f"{section}.{entry.name}"
        for section in _SECTIONS
        for entry in dataclasses.fields(getattr(Settings(), section))
    )


def default_of(key: str) -> Any:
    """Return the default of `section.name`, or of a key of an open section.

    :raises BadInput: no such key; the hint names the nearest.
    """
    section, _, name = key.partition(".")
    if section in OPEN_SECTIONS:
        return OPEN_SECTIONS[section].default_of(key)
    if key not in keys():
        raise BadInput(f"unknown setting {key!r}", nearest(key, keys()))
    return getattr(getattr(Settings(), section), name)


def value_of(settings: Settings, key: str) -> Any:
    """Return the value of `section.name`, or of a key of an open section.

    :raises BadInput: no such key.
    """
    default_of(key)
    section, _, name = key.partition(".")
    value = getattr(settings, section)
    return OPEN_SECTIONS[section].value_in(value, key) if section in OPEN_SECTIONS else getattr(value, name)


def parse(text: str, where: str, base: Settings | None = None, only: tuple[str, ...] = ()) -> Settings:
    """Return the settings that the TOML `text` describes on top of `base`.

    `where` names the source in messages; `only` limits the sections that may be set.

    :raises BadInput: one line that lists every mistake.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{where} is not valid TOML: {error}", "Repair or remove the file.") from None
    allowed = [name for name in OPEN_SECTIONS if not only or name in only]
    tables = {name: document.pop(name) for name in allowed if name in document}
    given = dict(_flatten(document))
    mistakes = [m for key, value in given.items() if (m := _mistake(key, value, only))]
    mistakes += [m for name, table in tables.items() for m in OPEN_SECTIONS[name].mistakes_in(table)]
    if mistakes:
        raise BadInput(f"{where}: " + "; ".join(mistakes), "Correct it; nothing was changed.")
    settings = _replace(base or Settings(), given)
    opened = {
        name: OPEN_SECTIONS[name].read(getattr(settings, name), table) for name, table in tables.items()
    }
    return dataclasses.replace(settings, **opened)


def load(path: Path) -> Settings:
    """Return the user's settings; a file that is not there means the defaults.

    :raises BadInput: the file holds a mistake or cannot be read.
    """
    settings = parse(read_text(path), str(path))
    if settings.dictionary:
        raise BadInput(f"{path}: a [dictionary] belongs into a project's file", f"For yours: {HOW_TO_ADD}")
    return settings


def load_project(folder: Path, base: Settings) -> Settings:
    """Return `base` with what the project in `folder` overrides; PROJECT_SECTIONS only.

    :raises BadInput: the file holds a mistake or cannot be read.
    """
    path = folder / PROJECT_FILE
    return parse(read_text(path), str(path), base, only=PROJECT_SECTIONS)


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
            lines += [f"# {COMMENTS[key]}", f"# {key.split('.')[1]} = {_toml(default_of(key))}"]
        lines.append("")
    lines += [line for section in OPEN_SECTIONS.values() for line in section.default_lines()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def set_value(path: Path, key: str, value: Any, only: tuple[str, ...] = ()) -> Settings:
    """Write `key` into the TOML file at `path`, comments kept, and return the settings it then describes.

    :raises BadInput: unknown key, a value of the wrong kind or a file with a mistake; the file is untouched.
    :raises OSError: the file cannot be written.
    """
    default_of(key)
    before = read_text(path)
    parse(before, str(path), only=only)
    document = tomlkit.parse(before)
    opened = OPEN_SECTIONS.get(key.split(".")[0])
    *sections, name = opened.parts_of(key) if opened else key.split(".")
    table: Any = document
    for section in sections:
        table = table.setdefault(section, tomlkit.table(is_super_table=section != sections[-1]))
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
        return from_words(default, text)
    except ValueError:
        raise BadInput(f"{key} cannot be {text!r}", f"Give a value such as {_toml(default)}.") from None


def read_text(path: Path) -> str:
    """Return the text of a settings file; there being none is an empty one.

    :raises BadInput: it is too large or cannot be read.
    """
    return text_file.read_text(path, MAX_FILE_BYTES) if path.is_file() else ""


def checked(key: str, value: Any) -> Any:
    """Return a value of `section.name`, as TOML has it, as the settings hold it.

    :raises BadInput: no such key, or it cannot have that value.
    """
    if mistake := _mistake(key, value, ()):
        raise BadInput(mistake)
    return as_setting(default_of(key), value)


def _flatten(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for section, content in document.items():
        if isinstance(content, Mapping):
            flat += [(f"{section}.{name}", value) for name, value in content.items()]
        else:
            flat.append((section, content))
    return flat


def _mistake(key: str, value: Any, only: tuple[str, ...]) -> str:
    if only and key.split(".")[0] in {*_SECTIONS, *OPEN_SECTIONS} - set(only):
        return f"{key!r} may not be set here, only {', '.join(only)}"
    if key not in keys():
        return f"unknown key {key!r}. {nearest(key, keys())}".strip()
    if not fits(key, default_of(key), value):
        return f"{key} cannot be {value!r}; a value looks like {_toml(default_of(key))}"
    return wrong_value(key, value)


def _replace(base: Settings, given: Mapping[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        section, name = key.split(".")
        sections.setdefault(section, {})[name] = as_setting(default_of(key), value)
    changed = {s: dataclasses.replace(getattr(base, s), **values) for s, values in sections.items()}
    return dataclasses.replace(base, **changed)


def _toml(value: Any) -> str:
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string())
