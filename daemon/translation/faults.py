"""What a translation cannot be: in another script, refused, answered, an echo, a loop, too long or too short.

Pure. `of_clause` looks at the beginning of a translation that still grows, `of_sentence` at all of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from claude_narrator.daemon.translation.facts import LanguageFacts, facts_of
from claude_narrator.daemon.translation.kept import (
    Kept,
    around,
    kept_in,
    kept_of,
    missing_in,
    prose_of,
    without,
)
from claude_narrator.daemon.translation.meaning import added_numbers, loses_negation
from claude_narrator.daemon.translation.spoken_names import sign_words, spoken_names_in
from claude_narrator.models.types import Language, Name


class Kind(StrEnum):
    """What may be wrong with a translation."""

    SCRIPT = "wrong script"
    UNTRANSLATED = "not translated"
    REFUSAL = "a refusal"
    ANSWER = "an answer"
    ECHO = "an echo of the prompt"
    LOOP = "a loop"
    LENGTH = "too short or too long"
    EMPTY = "no words"
    NEGATION = "a negation is lost"
    NUMBER = "a number nobody said"
    WORD = "a word is left"
    KEPT = "something is missing"
    QUESTION = "a question or none"
    ORDER = "an order or none"


MINOR = frozenset({Kind.WORD, Kind.KEPT, Kind.QUESTION, Kind.ORDER})
"""Worth another attempt; if that brings nothing better, such a translation is better than the source."""

_LOOP = re.compile(r"(.{2,40}?)\1{3,}|(\S)\2{9,}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_RUN = re.compile(r"[a-z][a-z'’]+(?:,? [a-z][a-z'’]+)*")
_LONGEST_RUN_WORDS = 3
_SHORTEST_PIECE = 5
_EXPECTED_FROM_LETTERS = 12
_FOREIGN_WORDS_SHARE, _FOREIGN_WORDS_MIN = 0.7, 4
_SHORTEST_SHARE, _LONGEST_SHARE = 0.45, 2.0
_SLACK_CHARS = 14
_PROMPT = ("Translate into", "(Before this", "Keep as they are", "<|")


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, what must come back of it, and what is known of the two languages.

    `signs` are words for the signs in names, such as dot.
    """

    source: str
    kept: tuple[Kept, ...]
    ours: LanguageFacts
    theirs: LanguageFacts
    signs: frozenset[str] = frozenset()

    @property
    def prose(self) -> str:
        """The source without what must come back."""
        return prose_of(self.source, self.kept)


def pair_of(
    text: str,
    source: Language,
    target: Language,
    words: Iterable[str] = (),
    names: Iterable[Name] = (),
) -> Pair:
    """Return what a translation of `text` is held against; `words` are translated, names or not.

    `names` are those that are known; what else must come back is looked for in the rest.
    """
    translated = {word.casefold() for word in words}
    ours = facts_of(source)
    known = kept_of((name for name in names if not _is_one_of(translated, name, text)), target)
    rest = around(text, known)
    guessed = kept_in(rest, spoken_names_in(rest, source, ours.function_words))
    guessed = tuple(each for each in guessed if each.text.casefold() not in translated)
    return Pair(text, known + guessed, ours, facts_of(target), sign_words(source))


def _is_one_of(words: Collection[str], name: Name, text: str) -> bool:
    return name.written.casefold() in words or text[name.start : name.end].casefold() in words


def has_prose(pair: Pair) -> bool:
    """Return whether there is a word in the source beside what comes back as it is."""
    return any(map(str.isalpha, pair.prose))


def of_clause(text: str, pair: Pair) -> frozenset[Kind]:
    """Return what is certainly wrong with `text`, the beginning of a translation."""
    checks = {
        Kind.SCRIPT: bool(foreign_in(text, pair)),
        Kind.UNTRANSLATED: is_left_over(text, pair),
        Kind.REFUSAL: _is_refusal(text, pair),
        Kind.ANSWER: bool(pair.theirs.answers.search(text)) and not pair.ours.agreements.search(pair.source),
        Kind.ECHO: _is_echo(text, pair),
        Kind.LOOP: bool(_LOOP.search(text)) and not _LOOP.search(pair.source),
        Kind.LENGTH: _length(text, pair) > _LONGEST_SHARE,
    }
    return frozenset(kind for kind, is_wrong in checks.items() if is_wrong)


def of_sentence(text: str, pair: Pair) -> frozenset[Kind]:
    """Return everything that is wrong with `text`, a whole translation."""
    checks = {
        Kind.SCRIPT: not has_expected(text, pair),
        Kind.LENGTH: _length(text, pair) < _SHORTEST_SHARE,
        Kind.EMPTY: not re.search(r"\w", text),
        Kind.NEGATION: loses_negation(pair.prose, text, pair.ours, pair.theirs),
        Kind.NUMBER: bool(added_numbers(pair.source, text, pair.ours, pair.theirs)),
        Kind.WORD: _has_stray(text, pair),
        Kind.KEPT: bool(missing_in(text, pair.kept, pair.theirs)),
        Kind.QUESTION: _is_other_question(text, pair),
        Kind.ORDER: _is_no_order(text, pair),
    }
    return of_clause(text, pair) | {kind for kind, is_wrong in checks.items() if is_wrong}


def foreign_in(text: str, pair: Pair) -> frozenset[str]:
    """Return the letters of `text` that its language has not, without those that the source has."""
    return frozenset(c for c in set(text) - set(pair.source) if c > "\u024f" and _is_foreign(c, pair.theirs))


def is_left_over(text: str, pair: Pair) -> bool:
    """Return whether words of the source's language stand in `text`, other than names."""
    rest = without(text, pair.kept)
    words = [word.casefold() for word in _WORD.findall(rest)]
    if words and _squeezed(rest) == _squeezed(pair.prose):
        return any(not word.isupper() and len(word) > 2 for word in _WORD.findall(rest))
    if "LATIN" not in pair.theirs.scripts:
        left = sum(word in pair.ours.function_words and len(word) > 1 for word in words)
        runs = [set(run.split()) for run in _RUN.findall(rest) if len(run.split()) > _LONGEST_RUN_WORDS]
        return left > 1 or any(map(pair.signs.isdisjoint, runs))
    ours = {word.casefold() for word in _WORD.findall(pair.prose)}
    copied = sum(word in ours for word in words)
    return copied >= max(_FOREIGN_WORDS_MIN, _FOREIGN_WORDS_SHARE * len(words))


def _has_stray(text: str, pair: Pair) -> bool:
    """Return whether a word stands in `text` that is no name: of the source, a piece of it, a stranger."""
    if "LATIN" in pair.theirs.scripts:
        return False
    words = set(_WORD.findall(without(text, pair.kept)))
    ours = {word.casefold() for word in _WORD.findall(pair.source)}
    if not {word.casefold() for word in words}.isdisjoint(pair.ours.stray_words & ours):
        return True
    strangers = {word for word in words - ours if len(word) >= _SHORTEST_PIECE and word.islower()}
    return "LATIN" in pair.ours.scripts and any(_is_strange(word, pair.source, ours) for word in strangers)


def _is_strange(word: str, source: str, ours: set[str]) -> bool:
    """Whether neither a word of the source begins so nor some of them are so when written as one."""
    return not any(each.startswith(word) for each in ours) and (
        word not in _squeezed(source) or any(each.endswith(word) for each in ours)
    )


def has_expected(text: str, pair: Pair) -> bool:
    """Return whether `text` has what every longer text of its language has."""
    letters = sum(c.isalpha() for c in without(text, pair.kept))
    if pair.theirs.expected is None or letters < _EXPECTED_FROM_LETTERS:
        return True
    return pair.theirs.expected.search(text) is not None


def _is_foreign(character: str, facts: LanguageFacts) -> bool:
    if not character.isalpha():
        return False
    if facts.scripts and not unicodedata.name(character, "").startswith(
        (*facts.scripts, "LATIN", "FULLWIDTH")
    ):
        return True
    if character in facts.foreign:
        return True
    try:
        character.encode(facts.charset or "utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _is_refusal(text: str, pair: Pair) -> bool:
    refuses = pair.theirs.refusals.search(text) or pair.ours.refusals.search(text)
    return bool(refuses) and not pair.ours.apologies.search(pair.source)


def _is_echo(text: str, pair: Pair) -> bool:
    if any(part in text and part not in pair.source for part in _PROMPT):
        return True
    labels = "|".join(map(re.escape, (*pair.theirs.labels, *pair.ours.labels)))
    label = re.search(rf"(?:^|[(（])\s*(?:{labels})\s*[:：]", text, re.IGNORECASE) if labels else None
    return label is not None and not re.match(r"\W*\w+( \w+)?\s*[:：]", pair.source)


def _length(text: str, pair: Pair) -> float:
    """How long `text` is beside what one expects of it, with some characters to spare either way."""
    expected = len(pair.prose) * pair.theirs.density / pair.ours.density
    length = len(without(text, pair.kept))
    if length > expected:
        return max(1.0, (length - _SLACK_CHARS) / max(expected, 1.0))
    return min(1.0, (length + _SLACK_CHARS / 2) / max(expected, 1.0))


def _is_other_question(text: str, pair: Pair) -> bool:
    asks = pair.ours.question is not None and pair.ours.question.search(pair.source) is not None
    if asks:
        return pair.theirs.question is not None and not pair.theirs.question.search(text)
    return pair.ours.question is not None and pair.theirs.question_mark.search(text) is not None


def _is_no_order(text: str, pair: Pair) -> bool:
    orders = pair.ours.command.search(pair.source) is not None
    return orders and pair.theirs.commanded is not None and not pair.theirs.commanded.search(text)


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalpha, text)).casefold()
