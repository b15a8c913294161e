"""What turns a meaning into another: a negation that is lost, a number that nobody said. Pure.

Only what can be told without understanding. An affirmation that becomes a negation cannot: "only admins see
it" is rightly said with a negation in Japanese. docs/benchmarks.md has how often either is a false alarm.
"""

from __future__ import annotations

import re

from claude_narrator.daemon.translation.facts import LanguageFacts
from claude_narrator.daemon.translation.numbers import (
    NUMBER,
    counted_in,
    keys_of,
    plain_width,
    values_in,
    values_in_words,
)

_ALWAYS_SAID = frozenset({"0", "1"})
"""Languages count where others do not: "another one", もう1つ; "no retries", 0回."""


def loses_negation(source: str, translation: str, ours: LanguageFacts, theirs: LanguageFacts) -> bool:
    """Return whether `source` certainly negates and nothing in `translation` does."""
    if ours.negation is None or theirs.negated is None:
        return False
    return bool(ours.negation.search(source)) and not theirs.negated.search(translation)


def added_numbers(
    source: str, translation: str, ours: LanguageFacts, theirs: LanguageFacts
) -> frozenset[str]:
    """Return the numbers in digits of `translation` that `source` has neither in digits nor in words.

    None where the words of the source's language are not known, or the source has one that is said in numbers
    of many kinds, such as half.
    """
    if not ours.number_words or ours.loose_numbers.search(source):
        return frozenset()
    known = values_in(source, ours) | values_in_words(source, ours) | _ALWAYS_SAID
    rest = plain_width(translation)
    strange = set()
    for written, value in counted_in(rest, theirs):
        rest = rest.replace(written, " ", 1)
        strange |= {value} - known
    return frozenset(strange | {each for each in NUMBER.findall(rest) if not _is_known(each, known)})


def _is_known(number: str, known: frozenset[str]) -> bool:
    """Whether it is one of the known, or several of them with commas between."""
    parts = re.split(r"[.,]", number)
    return not keys_of(number).isdisjoint(known) or all(not keys_of(each).isdisjoint(known) for each in parts)
