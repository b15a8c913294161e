"""The words that the narrator adds of its own, by language: `languages/` has a file for each.

A language without a file gets plain forms (`plain.toml`): no words, for they would be English ones. An empty
template says that the language has no form for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.types import Language

ENGLISH = Language("en")
FOLDER = Path(__file__).parent / "languages"
PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in place of what cannot be said; strings with braces are `str.format` templates.

    `symbols` names operators and signs, `alone` those that are named otherwise when nothing else is there,
    `keys` those of a keyboard, `callouts` the kinds of notes; `units` and `counts` hold one and many of a
    thing. `counted` are the words before which "41/42" is a count. `stop`, `colon` and `comma` are the
    language's own marks. `style` is the listener's choice, for all of this depends on it.
    """

    redacted: str
    link: str
    short_link: str
    pull_request: str
    issue: str
    port: str
    code_block: str
    code_block_in: str
    shell_command: str
    shell_commands: str
    diff: str
    changes: str
    changes_in: str
    table: str
    table_without_columns: str
    cell: str
    yes: str
    no: str
    cross: str
    warning: str
    long_word: str
    some_code: str
    rest_skipped: str
    line: str
    lines: str
    range: str
    ratio: str
    about: str
    times_as: str
    quantity: str
    per: str
    date: str
    date_time: str
    number: str
    email: str
    squared: str
    cubed: str
    power: str
    fraction: str
    sum: str
    root: str
    order_of: str
    dot: str
    item: str
    done: str
    to_do: str
    stop: str
    colon: str
    comma: str
    counted: str
    months: tuple[str, ...]
    counts: Mapping[str, tuple[str, str]]
    symbols: Mapping[str, str]
    alone: Mapping[str, str]
    callouts: Mapping[str, str]
    keys: Mapping[str, str]
    units: Mapping[str, tuple[str, str]]
    style: TextStyle = DEFAULT_STYLE

    def count(self, number: int, thing: str) -> str:
        """Return `number` of `thing`, a key of `counts`: `1 line`, `12 lines`, `12行`."""
        one, many = self.counts[thing]
        return one if number == 1 else many.format(n=number)


def phrases_for(language: Language, style: TextStyle = DEFAULT_STYLE) -> Phrases:
    """Return the phrases of `language` whatever its region, for a listener who wants `style`."""
    return _styled(language.replace("_", "-").split("-")[0].lower(), style)


def languages() -> tuple[str, ...]:
    """Return the languages that have a file of their own."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != PLAIN))


@lru_cache(maxsize=64)
def _styled(base: str, style: TextStyle) -> Phrases:
    return replace(_read(base if base in languages() else PLAIN), style=style)


@cache
def _read(name: str) -> Phrases:
    document = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for section in ("counts", "units"):
        document[section] = {key: (one, many) for key, (one, many) in document[section].items()}
    return Phrases(**{**document, "months": tuple(document["months"])})
