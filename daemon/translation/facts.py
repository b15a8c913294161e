"""What the checks know of each language: the section `translation` of the language files.

Keys, all optional; patterns are regular expressions, their case does not count:

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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from claude_narrator.models.language_file import language_file
from claude_narrator.models.types import Language

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """The keys of the module's docstring; a pattern that is not given never matches.

    `scripts`: how the names of its letters in Unicode begin; Latin is allowed everywhere, names are in it.
    """

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


@lru_cache(maxsize=64)
def facts_of(language: Language) -> LanguageFacts:
    """Return what is known of a language."""
    known = language_file(language)
    given = dict(known["translation"])
    for key in ("labels", "bleu"):
        given[key] = tuple(given[key])
    for key in ("function_words", "stray_words"):
        given[key] = frozenset(given[key].split())
    given["foreign"] = frozenset(given["foreign"])
    given["respelt"] = dict(zip(*given["respelt"], strict=True))
    given["answers"] = _any_of(f"^(?:{each})" for each in given["answers"]) or _NEVER
    given["refusals"] = _any_of(given["refusals"]) or _NEVER
    for key in ("apologies", "agreements", "question_mark", "command", "loose_numbers"):
        given[key] = _any_of([given[key]]) or _NEVER
    for key in ("expected", "question", "commanded", "negation", "negated"):
        given[key] = _any_of([given[key]])
    return LanguageFacts(scripts=tuple(known["scripts"]), **given)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern that matches what one of `patterns` does; None when all are empty."""
    joined = "|".join(f"(?:{each})" for each in patterns if each)
    return re.compile(joined, re.IGNORECASE) if joined else None
