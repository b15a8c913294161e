"""What is known of each language: `languages.toml`, the place to add one.

Keys, all optional; patterns are regular expressions, their case does not count:

- `scripts`: how the names of its letters in Unicode begin. Latin is allowed everywhere: names are in Latin
- `charset`: a codec that has every character of the language, and `foreign`: those in it that it has not
- `respelt`: two strings, place by place a foreign character and the one that the language writes for it
- `expected`: what every text of some length has
- `density`: characters for what English says in one
- `function_words`: words that every text has, of which two betray it; `stray_words`: of which one does
- `refusals`: how a model refuses; `apologies`: what a source has that may rightly be translated so
- `labels`: what models put in front of a translation or of a note on it
- `answers`: how an answer begins; `agreements`: how a source begins that may rightly be translated so
- `question`: the end of a question; `question_mark`: the end of what is certainly one
- `command`: the beginning of an order; `commanded`: what the translation of an order has
- `negation`: a sentence that certainly negates; `negated`: what every translation of such a one has
- `loose_numbers`: words that may rightly become a number that they are not
- `number_words`, `number_units`, `digits`: how numbers are written without the digits 0 to 9
- `aside`: how something is put in brackets, `comma`: what parts things in a list
- `bleu`: tokenizers of sacrebleu for it, best first
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from claude_narrator.models.languages import match_language
from claude_narrator.models.types import Language

_FILE = Path(__file__).with_name("languages.toml")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """The keys of the module's docstring; a pattern that is not given never matches."""

    scripts: tuple[str, ...] = ()
    charset: str = ""
    foreign: frozenset[str] = frozenset()
    respelt: Mapping[str, str] = field(default_factory=dict)
    expected: re.Pattern[str] | None = None
    density: float = 1.0
    function_words: frozenset[str] = frozenset()
    stray_words: frozenset[str] = frozenset()
    refusals: re.Pattern[str] = _NEVER
    apologies: re.Pattern[str] = _NEVER
    labels: tuple[str, ...] = ()
    answers: re.Pattern[str] = _NEVER
    agreements: re.Pattern[str] = _NEVER
    question: re.Pattern[str] | None = None
    question_mark: re.Pattern[str] = _NEVER
    command: re.Pattern[str] = _NEVER
    commanded: re.Pattern[str] | None = None
    negation: re.Pattern[str] | None = None
    negated: re.Pattern[str] | None = None
    loose_numbers: re.Pattern[str] = _NEVER
    number_words: Mapping[str, int] = field(default_factory=dict)
    number_units: Mapping[str, int] = field(default_factory=dict)
    digits: str = ""
    aside: str = " ({})"
    comma: str = ", "
    bleu: tuple[str, ...] = ("13a",)


def facts_of(language: Language) -> LanguageFacts:
    """Return what is known of a language, of its main one where nothing is said of its region."""
    tag = match_language(language, _sections())
    return LanguageFacts() if tag is None else _facts(tag)


@cache
def _sections() -> dict[Language, dict[str, Any]]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {Language(tag): section for tag, section in table.items()}


@cache
def _facts(tag: Language) -> LanguageFacts:
    given = dict(_sections()[tag])
    known: dict[str, Any] = {key: given.pop(key) for key in ("charset", "density") if key in given}
    for key in ("scripts", "labels", "bleu"):
        known[key] = tuple(given.pop(key, ())) or getattr(_DEFAULTS, key)
    for key in ("number_words", "number_units", "digits", "aside", "comma"):
        known[key] = given.pop(key, getattr(_DEFAULTS, key))
    known["foreign"] = frozenset(given.pop("foreign", ""))
    for key in ("function_words", "stray_words"):
        known[key] = frozenset(given.pop(key, "").split())
    known["respelt"] = dict(zip(*given.pop("respelt", ("", "")), strict=True))
    known["answers"] = _any_of(f"^(?:{each})" for each in given.pop("answers", ()))
    known["refusals"] = _any_of(given.pop("refusals", ()))
    known |= {key: re.compile(value, re.IGNORECASE) for key, value in given.items()}
    return LanguageFacts(**known)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{each})" for each in patterns)
    return re.compile(joined, re.IGNORECASE) if joined else _NEVER


_DEFAULTS = LanguageFacts()
