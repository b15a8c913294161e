"""What is known of each language: a TOML file a language in `language_files/`, and the user's own beside it.

docs/adding-a-language.md says what the keys are for. What a file leaves out stands in `plain.toml`, which
holds for every language: no words, for they would be English ones in a text that is not.
"""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from claude_narrator.models.errors import BadInput
from claude_narrator.models.language_checks import read_checked
from claude_narrator.models.types import Language

FOLDER = Path(__file__).with_name("language_files")
PLAIN = "plain"
ENGLISH = Language("en")
OWN_FOLDER_VARIABLE = "CLAUDE_NARRATOR_LANGUAGES"
"""Names the folder of the user's files, for the workers too, which inherit it."""

_SPACED_FROM_CHARS_PER_SECOND = 12.0
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,6}\Z")

_log = logging.getLogger(__name__)


def use_own_files(folder: Path) -> None:
    """Read the user's files in `folder` from now on, here and in processes that this one starts."""
    os.environ[OWN_FOLDER_VARIABLE] = str(folder)
    for cached in (language_file, languages, of_every_language, own_mistakes, _own):
        cached.cache_clear()


@cache
def language_file(language: str) -> Mapping[str, Any]:
    """Return what is known of `language`: of its main language, and over that of its region.

    A file of the user's is laid over ours of the same name, key by key; one with a mistake is left out.
    """
    tag = language.replace("_", "-").casefold()
    parts = tag.split("-") if _TAG.match(tag) else []
    known: dict[str, Any] = dict(_shipped(PLAIN))
    for length in range(1, len(parts) + 1):
        name = "-".join(parts[:length])
        known = overlaid(overlaid(known, _shipped(name)), _own().get(name, {}))
    return known


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a file, in lower case and order."""
    return tuple(sorted({*_names(), *_own()} - {PLAIN}))


def read_all() -> None:
    """Read every file now, some tens of milliseconds, so that no sentence waits for one."""
    for each in languages():
        language_file(each)


@cache
def of_every_language(section: str, key: str) -> tuple[str, ...]:
    """Return what the languages say under `key` of `section`, for what is looked for in mixed texts."""
    said = (language_file(each).get(section, {}).get(key, "") for each in languages())
    return tuple(dict.fromkeys(filter(None, said)))


@cache
def own_mistakes() -> tuple[str, ...]:
    """Return what is wrong with the user's files, a line each; those files are left out."""
    mistakes = []
    for path in _own_paths():
        try:
            _read_own(path)
        except BadInput as error:
            mistakes.append(str(error))
    return tuple(mistakes)


def writes_spaces(language: str) -> bool:
    """Return whether words in `language` stand between spaces; where not, few characters say much."""
    return bool(language_file(language)["chars_per_second"] >= _SPACED_FROM_CHARS_PER_SECOND)


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of `below` with what `above` says instead, table by table."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        is_table = isinstance(value, dict) and isinstance(under, dict)
        both[key] = overlaid(under, value) if is_table and under is not None else value
    return both


def whole_file() -> Mapping[str, Any]:
    """Return a file with every key that a language may have, but `reading`, which names code of ours."""
    return overlaid(_shipped(PLAIN), _shipped(ENGLISH))


@cache
def _own() -> dict[str, dict[str, Any]]:
    files = {}
    for path in _own_paths():
        try:
            files[path.stem.casefold()] = _read_own(path)
        except BadInput as error:
            _log.warning("%s", error)
    return files


def _own_paths() -> list[Path]:
    folder = os.environ.get(OWN_FOLDER_VARIABLE, "")
    return sorted(Path(folder).glob("*.toml")) if folder else []


def _read_own(path: Path) -> dict[str, Any]:
    if not _TAG.match(path.stem.casefold()):
        raise BadInput(f"{path} is not named after a language", "Call it ca.toml, pt-BR.toml and so on.")
    return read_checked(path, whole_file())


@cache
def _names() -> dict[str, Path]:
    return {path.stem.casefold(): path for path in FOLDER.glob("*.toml")}


@cache
def _shipped(name: str) -> dict[str, Any]:
    path = _names().get(name)
    return {} if path is None else tomllib.loads(path.read_text(encoding="utf-8"))
