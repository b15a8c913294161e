"""What a language is used to around the end of a sentence: the section `sentences` of the language files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from claude_narrator.daemon.text.word_sets import word_set
from claude_narrator.models.language_file import ENGLISH, language_file, of_every_language, overlaid
from claude_narrator.models.types import Language

_SECTION = "sentences"
_FIRST_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Habits:
    """Words are in lower case and without their last full stop.

    `never_last`: after these a sentence goes on, whatever follows. `seldom_last`: it does when a small letter
    or a digit follows; `before_number`: when a digit does. `words_of_one_letter` are no initials of names.
    `asked`: what goes on with a question that stands in the sentence without brackets; `quoting`: what goes
    on behind a quotation; both in any language. `ordinals`: a full stop behind a number makes it an ordinal
    before a word that is written small, and before a name of a month.
    """

    never_last: frozenset[str]
    seldom_last: frozenset[str]
    before_number: frozenset[str]
    words_of_one_letter: frozenset[str]
    asked: re.Pattern[str]
    quoting: re.Pattern[str]
    ordinals: bool
    months: frozenset[str]

    def is_ordinal(self, number: str, following: str) -> bool:
        """Tell whether the full stop behind `number` makes it an ordinal, by what follows it."""
        if not self.ordinals or len(number) > 2:
            return False
        word = _FIRST_WORD.match(following)
        return word is not None and (word[0][0].islower() or word[0].casefold() in self.months)


@lru_cache(maxsize=64)
def habits_of(language: Language) -> Habits:
    """Return the habits of `language`; what it does not say of abbreviations is as in English."""
    known = language_file(language)
    given = overlaid(language_file(ENGLISH)[_SECTION], known[_SECTION])
    return Habits(
        word_set(given["never_last"]),
        word_set(given["seldom_last"]),
        word_set(given["before_number"]),
        word_set(given["words_of_one_letter"]),
        _of_every_language("asked"),
        _of_every_language("quoting"),
        given["ordinals"],
        frozenset(month.casefold() for month in known["phrases"]["months"]),
    )


def _of_every_language(key: str) -> re.Pattern[str]:
    """One language is quoted in a text of another, and its letters tell which forms are its own."""
    return re.compile("|".join(f"(?:{each})" for each in of_every_language(_SECTION, key)) or "(?!)")
