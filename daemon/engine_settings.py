"""The sections `[engines.NAME]` of the user's settings: what each engine declares for itself, as texts.

What there is to set is asked of the registry, and only when such a section is read, written or shown. Every
engine that is not embedded has `keep_alive` beside its own options.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from claude_narrator.daemon.open_section import OpenSection
from claude_narrator.models.errors import BadInput
from claude_narrator.models.options import KEEP_ALIVE, Option
from claude_narrator.models.quantities import parse_span_s
from claude_narrator.models.registry import EngineRecord, find_engines

SECTION = "engines"
EngineOptions = Mapping[str, Mapping[str, str]]
"""What is set, by engine and option; never empty texts, never defaults."""


def engine_defaults() -> dict[str, str]:
    """Return every key as `engines.NAME.OPTION` with its default, empty where it must be set."""
    return {
        f"{SECTION}.{engine}.{name}": option.default or ""
        for engine, options in _declared().items()
        for name, option in options.items()
    }


def default_of(key: str) -> str:
    """Return the default of `engines.NAME.OPTION`, empty where it must be set.

    :raises BadInput: no such key; the hint names the nearest.
    """
    known = _every_default()
    if key not in known:
        raise BadInput(f"unknown setting {key!r}", nearest(key, known))
    return known[key]


def value_in(engines: EngineOptions, key: str) -> str:
    """Return the value of `engines.NAME.OPTION`, a key that is known."""
    _, engine, name = key.split(".")
    return engines.get(engine, {}).get(name) or default_of(key)


def mistakes_in(section: Any) -> list[str]:
    """Return a line for each mistake in the table `engines` of a settings file."""
    if not isinstance(section, Mapping):
        return [f"unknown key {SECTION!r}; write [{SECTION}.NAME]"]
    declared = _declared()
    return [line for engine, given in section.items() for line in _mistakes_of(engine, given, declared)]


def options_in(section: Mapping[str, Mapping[str, str]]) -> EngineOptions:
    """Return what a table without mistakes sets to something else than the default."""
    defaults = _every_default()
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
        lines += [f"[{SECTION}.{engine}]"] if options else []
        for name, option in options.items():
            example = f" Such as {option.example}" if option.example else ""
            lines += [f"# {option.comment}{example}", f'# {name} = "{option.default or ""}"']
        lines += [""] if options else []
    return lines


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Return the hint that names what was perhaps meant, else all there is."""
    known = list(known)
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."


def unknown_engines(key: str, names: Iterable[str]) -> str:
    """Return the mistake of a list of engines that names one that is not there; "" when all are."""
    known = [record.name for record in find_engines(lambda _: True)]
    unknown = next((name for name in names if name not in known), None)
    return "" if unknown is None else f"{key}: there is no engine {unknown[:40]!r}. {nearest(unknown, known)}"


def _every_default() -> dict[str, str]:
    keeping = {f"{SECTION}.{engine}.{KEEP_ALIVE}": "" for engine in _declared()}
    return {**engine_defaults(), **keeping}


def _declared() -> dict[str, Mapping[str, Option]]:
    """What each engine lets the user set."""
    return {r.name: r.declaration.options for r in find_engines(lambda _: True) if _has_settings(r)}


def _has_settings(record: EngineRecord) -> bool:
    return bool(record.declaration.options) or not record.declaration.embedded


def _mistakes_of(engine: str, given: Any, declared: Mapping[str, Mapping[str, Option]]) -> list[str]:
    where = f"{SECTION}.{engine}"
    if engine not in declared:
        return [f"no engine {engine!r} has settings. {nearest(engine, declared)}"]
    if not isinstance(given, Mapping):
        return [f"{where} cannot be {given!r}; write [{where}]"]
    known = (*declared[engine], KEEP_ALIVE)
    found = []
    for name, value in given.items():
        if name not in known:
            found.append(f"unknown key {f'{where}.{name}'!r}. {nearest(name, known)}")
        elif not isinstance(value, str):
            found.append(f"{where}.{name} cannot be {value!r}; write a text in quotation marks")
        elif name == KEEP_ALIVE and value:
            found += _wrong_span(f"{where}.{name}", value)
        elif name in declared[engine]:
            found += _wrong_value(f"{where}.{name}", declared[engine][name], value)
    return found


def _wrong_span(key: str, value: str) -> list[str]:
    try:
        parse_span_s(value)
    except BadInput as error:
        return [f"{key}: {error}"]
    return []


def _wrong_value(key: str, option: Option, value: str) -> list[str]:
    wrong = option.wrong(value)
    return [f"{key} is {value[:40]!r}; {wrong}"] if wrong else []


def _parts_of(key: str) -> tuple[str, ...]:
    default_of(key)
    return tuple(key.split("."))


OPEN = OpenSection(
    _parts_of, default_of, value_in, mistakes_in, lambda before, table: options_in(table), default_lines
)
