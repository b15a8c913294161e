"""The words that the narrator adds to a text, from the section `phrases` of the language files.

What a file leaves out has a plain form (`plain.toml`): no words, for they would be English ones. An empty
template says that the language has no form for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from claude_narrator.daemon.text.habits import habits_of
from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.language_file import language_file
from claude_narrator.models.types import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in place of what cannot be said; strings with braces are `str.format` templates.

    `symbols` names operators and signs, `alone` those that are named otherwise when nothing else is there,
    `keys` those of a keyboard, `callouts` the kinds of notes; `units` and `counts` hold one and many of a
    thing. `counted` are the words before which "41/42" is a count. `stop`, `colon` and `comma` are the
    language's own marks, `abbreviations` look like names of files. `style` is the listener's choice, for all
    of this depends on it.
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
    abbreviations: frozenset[str] = frozenset()

    def count(self, number: int, thing: str) -> str:
        """Return `number` of `thing`, a key of `counts`: `1 line`, `12 lines`, `12行`."""
        one, many = self.counts[thing]
        return one if number == 1 else many.format(n=number)


@lru_cache(maxsize=256)
def phrases_for(language: Language, style: TextStyle = DEFAULT_STYLE) -> Phrases:
    """Return the phrases of `language` for a listener who wants `style`."""
    return replace(_read(language), style=style)


@lru_cache(maxsize=64)
def _read(language: Language) -> Phrases:
    given = dict(language_file(language)["phrases"])
    for section in ("counts", "units"):
        given[section] = {key: (one, many) for key, (one, many) in given[section].items()}
    habits = habits_of(language)
    abbreviations = habits.never_last | habits.seldom_last
    return Phrases(**{**given, "months": tuple(given["months"])}, abbreviations=abbreviations)
