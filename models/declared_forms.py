"""Whether a literal has the form of a declaration, key by key; `declaration.py` says what each key means."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from claude_narrator.models.options import are_options

EVERY_LANGUAGE = "*"
VOICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_GPU = re.compile(r"(cuda|rocm|metal)\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")
_ENDING = re.compile(r"\.[A-Za-z0-9.]+\Z")
_KEYS = re.compile(r"\w+(\.\w+)*\Z")
_MAX_GAIN_DB = 30


def problem_in(given: dict[str, Any]) -> str:
    """Return what is wrong with a declaration's keys and values, "" when nothing is."""
    for key, value in given.items():
        if key not in _CHECKS:
            return f"has an unknown key {key!r}; known are {', '.join(_CHECKS)}"
        if not _CHECKS[key](value):
            return f"[{key!r}] cannot be {value!r}"
    return next((f"lacks {key!r}" for key in ("kind", "summary") if key not in given), "")


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value


def _are(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) and pattern.match(v) for v in value)


def _are_voices(value: Any) -> bool:
    return isinstance(value, dict) and all(
        (tag == EVERY_LANGUAGE or _are([tag], _LANGUAGE)) and names and _are(names, VOICE_NAME)
        for tag, names in value.items()
    )


def _are_additions(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _are([model], _FILE_NAME) and _are(languages, _LANGUAGE) for model, languages in value.items()
    )


def _are_voice_files(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"endings"} <= value.keys() <= {"endings", "languages"}
        and len(value["endings"]) > 0
        and _are(value["endings"], _ENDING)
        and _are(value.get("languages", ()), _KEYS)
    )


def _are_groups(value: Any, pattern: re.Pattern[str]) -> bool:
    """A list of names, or of lists of names."""
    if not isinstance(value, list | tuple):
        return False
    groups = [(entry,) if isinstance(entry, str) else entry for entry in value]
    return all(group and _are(group, pattern) for group in groups)


def _is_environment(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"packages", "without_dependencies", "remove"}
        and all(isinstance(lines, list | tuple) and all(map(_is_line, lines)) for lines in value.values())
    )


def _are_needs(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _are([tag], _LANGUAGE)
        and isinstance(entry, dict)
        and all(key in _NEEDED and _CHECKS[key](said) for key, said in entry.items())
        for tag, entry in value.items()
    )


def _are_by_model(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _are([model], _FILE_NAME)
        and isinstance(entry, dict)
        and all(key in ("quality", "gpus") and _CHECKS[key](said) for key, said in entry.items())
        for model, entry in value.items()
    )


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_gain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MAX_GAIN_DB


def _are_gains(value: Any) -> bool:
    return all(map(_is_gain, value.values())) if isinstance(value, dict) else _is_gain(value)


_NEEDED = frozenset(("modules", "extra", "commands", "commands_from", "models"))
_CHECKS: dict[str, Callable[[Any], bool]] = {
    "kind": lambda value: value in ("synthesizer", "translator"),
    "summary": _is_line,
    "licence": _is_line,
    "languages": lambda value: _are(value, _LANGUAGE),
    "voices": _are_voices,
    "modules": lambda value: _are_groups(value, _MODULE),
    "extra": _is_line,
    "commands": lambda value: _are(value, _FILE_NAME),
    "commands_from": _is_line,
    "environment": _is_environment,
    "needs": _are_needs,
    "models": lambda value: _are_groups(value, _FILE_NAME),
    "suggested": lambda value: _are([value], _FILE_NAME),
    "adds": _are_additions,
    "options": are_options,
    "embedded": _is_flag,
    "network": _is_flag,
    "stores_voices": _is_flag,
    "clones": _is_flag,
    "instructed": _is_flag,
    "voice_models": lambda value: isinstance(value, dict) and _are([*value, *value.values()], _FILE_NAME),
    "voice_files": _are_voice_files,
    "quality": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "gpus": lambda value: _are(value, _GPU),
    "by_model": _are_by_model,
    "quick": _is_flag,
    "memory_mb": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "gain_db": _are_gains,
}
