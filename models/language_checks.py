"""Finds what is wrong with a language file of the user's, before anything is said with it."""

from __future__ import annotations

import codecs
import difflib
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from claude_narrator.models.errors import BadInput
from claude_narrator.models.text_file import read_table

MAX_FILE_BYTES = 1 << 18
WHOLE = ("notices", "attention")
"""Sections that are given whole or not at all: a language that lacks one has the English sentences."""
_PATTERNS = re.compile(
    r"urgency\.|sentences\.(?:asked|quoting)\Z|secrets\.|prompt\.refers_back\Z|"
    r"translation\.(?:expected|refusals|apologies|answers|agreements|question|question_mark|command|commanded|negation|negated|loose_numbers)\Z"
)
"""Keys whose texts are regular expressions."""
_ANY_KEY = ("translation.number_words", "translation.number_units", "terms")
"""Tables whose keys are the language's own."""
_LENGTHS = {"phrases.months": 12, "translation.respelt": 2, "prompt.examples": 8}
_WITHIN = r"(?P<gap>(?:{})|x)(?P<value>y)"
"""Patterns of languages are joined into one, which names groups of its own."""


def read_checked(path: Path, pattern: Mapping[str, Any]) -> dict[str, Any]:
    """Return the language file at `path`, which may hold what `pattern`, a whole one, holds.

    :raises BadInput: it cannot be read or holds a mistake; one line names every mistake.
    """
    document = read_table(path, MAX_FILE_BYTES)
    if mistakes := mistakes_in(document, pattern):
        raise BadInput(f"{path}: " + "; ".join(mistakes), "docs/adding-a-language.md has the keys.")
    return document


def mistakes_in(document: Mapping[str, Any], pattern: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a language file, a few words each; `pattern` is a whole one."""
    return [*_mistakes(document, pattern, ""), *_lacking(document, pattern)]


def _mistakes(given: Mapping[str, Any], pattern: Mapping[str, Any], above: str) -> Iterator[str]:
    for key, value in given.items():
        where = f"{above}{key}"
        if key not in pattern:
            near = difflib.get_close_matches(key, pattern, 1)
            yield f"there is no {where}" + (f" (did you mean {near[0]}?)" if near else "")
        elif where in _ANY_KEY:
            yield from _mistakes_in_table(value, where)
        else:
            yield from _mistakes_in_value(value, pattern[key], where)


def _mistakes_in_table(value: Any, where: str) -> Iterator[str]:
    tables = value.values() if where == "terms" and isinstance(value, dict) else [value]
    wanted = str if where == "terms" else int
    if not all(isinstance(each, dict) and {*map(type, each.values())} <= {wanted} for each in tables):
        yield f"{where} is to be a table of {'texts' if wanted is str else 'whole numbers'}"


def _mistakes_in_value(value: Any, example: Any, where: str) -> Iterator[str]:
    if isinstance(example, dict) and isinstance(value, dict):
        yield from _mistakes(value, example, f"{where}.")
    elif isinstance(example, float) and type(value) in (int, float):
        if not 0.1 <= value <= 1000:
            yield f"{where} is {value}, and no figure for this"
    elif type(value) is not type(example):
        yield f"{where} is to be {_KINDS.get(type(example), 'something else')}"
    elif isinstance(example, list):
        yield from _mistakes_in_list(value, example, where)
    elif where == "translation.charset" and value and not _is_codec(value):
        yield f"{where} is no codec of Python's"
    elif isinstance(example, str):
        yield from _mistakes_in_text(value, example, where)


def _mistakes_in_list(value: list[Any], example: list[Any], where: str) -> Iterator[str]:
    length = _LENGTHS.get(where, 2 if where.startswith(("phrases.units.", "phrases.counts.")) else None)
    if not all(isinstance(each, str) for each in value):
        yield f"{where} is to be a list of texts"
    elif length is not None and value and len(value) != length:
        yield f"{where} is to have {length} texts"
    elif where == "translation.respelt" and len({*map(len, value)}) > 1:
        yield f"{where} is to have two texts of one length"
    else:
        for each in value:
            yield from _mistakes_in_text(each, example[-1] if example else "", where)


def _mistakes_in_text(value: str, example: str, where: str) -> Iterator[str]:
    if _PATTERNS.match(where):
        try:
            re.compile(value)
            re.compile(_WITHIN.replace("{}", value))
        except re.error as error:
            yield f"{where} is no regular expression: {error}"
        return
    try:
        unknown = fields_of(value) - fields_of(example)
    except ValueError as error:
        yield f"{where} is no template: {error}"
        return
    if unknown:
        yield f"{where} has {{{min(unknown)}}}, which is nothing here"


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def fields_of(template: str) -> frozenset[str]:
    """Return the names in the braces of a `str.format` template.

    :raises ValueError: a brace is not closed, or holds more than a name.
    """
    fields = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    if odd := [name for name in fields if name and not name.isidentifier()]:
        raise ValueError(f"{{{odd[0]}}} is no name")
    return frozenset(fields)


def _lacking(given: Mapping[str, Any], pattern: Mapping[str, Any]) -> Iterator[str]:
    for section in WHOLE:
        if section in given and isinstance(given[section], dict):
            lacking = sorted(set(pattern[section]) - set(given[section]))
            if lacking:
                yield f"{section} lacks {', '.join(lacking)}"


_KINDS = {str: "a text", list: "a list of texts", dict: "a table", float: "a number", bool: "true or false"}
