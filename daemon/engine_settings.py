"""The sections `[engines.NAME]` of the user's settings: what each engine declares for itself, as texts.

What there is to set is asked of the registry, and only when such a section is read, written or shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from claude_narrator.models.options import Option
from claude_narrator.models.registry import find_engines

SECTION = "engines"
EngineOptions = Mapping[str, Mapping[str, str]]
"""What is set, by engine and option; never empty texts, never defaults."""


def is_engine_key(key: str) -> bool:
    """Return whether `key` could only be one of an engine."""
    return key.split(".")[0] == SECTION


def engine_defaults() -> dict[str, str]:
    """Return every key as `engines.NAME.OPTION` with its default, empty where it must be set."""
    return {
        f"{SECTION}.{engine}.{name}": option.default or ""
        for engine, options in _declared().items()
        for name, option in options.items()
    }


def value_in(engines: EngineOptions, key: str) -> str:
    """Return the value of `engines.NAME.OPTION`, a key that is known."""
    _, engine, name = key.split(".")
    return engines.get(engine, {}).get(name) or engine_defaults()[key]


def mistakes_in(section: Any) -> list[str]:
    """Return a line for each mistake in the table `engines` of a settings file."""
    if not isinstance(section, Mapping):
        return [f"unknown key {SECTION!r}; write [{SECTION}.NAME]"]
    declared = _declared()
    return [line for engine, given in section.items() for line in _mistakes_of(engine, given, declared)]


def options_in(section: Mapping[str, Mapping[str, str]]) -> EngineOptions:
    """Return what a table without mistakes sets to something else than the default."""
    defaults = engine_defaults()
    engines: dict[str, dict[str, str]] = {}
    for engine, given in section.items():
        for name, value in given.items():
            if value not in ("", defaults[f"{SECTION}.{engine}.{name}"]):
                engines.setdefault(engine, {})[name] = value
    return engines


def default_lines() -> list[str]:
    """Return the lines of a settings file that show every key of every engine as a comment."""
    lines: list[str] = []
    for engine, options in _declared().items():
        lines.append(f"[{SECTION}.{engine}]")
        for name, option in options.items():
            example = f" Such as {option.example}" if option.example else ""
            lines += [f"# {option.comment}{example}", f'# {name} = "{option.default or ""}"']
        lines.append("")
    return lines


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Return the hint that names what was perhaps meant, else all there is."""
    known = list(known)
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."


def _declared() -> dict[str, Mapping[str, Option]]:
    records = find_engines(lambda _: True)
    return {record.name: record.declaration.options for record in records if record.declaration.options}


def _mistakes_of(engine: str, given: Any, declared: Mapping[str, Mapping[str, Option]]) -> list[str]:
    where = f"{SECTION}.{engine}"
    if engine not in declared:
        return [f"no engine {engine!r} has settings. {nearest(engine, declared)}"]
    if not isinstance(given, Mapping):
        return [f"{where} cannot be {given!r}; write [{where}]"]
    found = []
    for name, value in given.items():
        if name not in declared[engine]:
            found.append(f"unknown key {f'{where}.{name}'!r}. {nearest(name, declared[engine])}")
        elif not isinstance(value, str):
            found.append(f"{where}.{name} cannot be {value!r}; write a text in quotation marks")
    return found
