"""What XTTS is given to read: pieces of text that one run takes, as tokens.

Upstream's tokenizer writes numbers out in 15 of the 17 languages; those in Japanese it leaves as digits, and
on those in Hindi it fails. Both are written out here. Japanese becomes romaji (cutlet), Chinese pinyin and
Korean romanized Hangul: that is upstream's doing, and what the model was trained on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from claude_narrator.models.phrases import clean_text, cut_phrases

_MARKUP = re.compile(r"[\[\]]")
"""The tokenizer's own marks, such as [STOP], stand in brackets."""
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?", re.ASCII)
_DIGIT = re.compile(r"\d")
_LAST_NUMBER = re.compile(r"(\d)\.(?=\W*\Z)")
"""The point behind it ends the sentence, and makes no ordinal of it."""
_ORDINAL_MARK = re.compile(r"(?<=\d)(\.|º|ª|°|st|nd|rd|th)(?!\w)")
_SYMBOLS_JA = str.maketrans({"%": "パーセント", "&": "アンド", "+": "プラス", "=": "イコール", "@": "アット"})
_SHORTEST_CUT = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence and its tokens."""

    text: str
    tokens: tuple[int, ...]


class TextEncoder:
    """Cuts and encodes; `tokenizer` is upstream's, `most` the number of tokens that a run takes."""

    def __init__(self, tokenizer: Any, most: int) -> None:
        self._tokenizer = tokenizer
        self._most = most
        self.languages = tuple(tokenizer.char_limits)

    def pieces(self, text: str, language: str) -> Iterator[Piece]:
        """Yield what of `text` can be said, in pieces that keep the model's limits."""
        limit = self._tokenizer.char_limits[language]
        for part in cut_phrases(_MARKUP.sub(" ", clean_text(text)), limit, limit):
            yield from self._fitting(part, language)

    def _fitting(self, part: str, language: str) -> Iterator[Piece]:
        if not any(character.isalnum() for character in part):
            return
        tokens = self._encode(part, language)
        if len(tokens) < self._most:
            yield Piece(part, tokens)
        elif len(part) > _SHORTEST_CUT:
            half = len(part) // 2
            for smaller in cut_phrases(part, half, half):
                yield from self._fitting(smaller, language)

    def _encode(self, part: str, language: str) -> tuple[int, ...]:
        """Tokens of `part`. Upstream's tables of numbers have gaps: then it is said with plainer ones."""
        *usual, last = _plainer_and_plainer(_LAST_NUMBER.sub(r"\1 .", part))
        for attempt in usual:
            try:
                return self._tokens(attempt, language)
            except ImportError:
                raise
            except Exception:  # whatever num2words' tables and lists raise
                continue
        return self._tokens(last, language)

    def _tokens(self, text: str, language: str) -> tuple[int, ...]:
        written = _write_numbers(text, language).strip().lower()
        return tuple(self._tokenizer.encode(written, lang=language))


def _plainer_and_plainer(text: str) -> Iterator[str]:
    """`text`; without ordinals such as `1.`; with digits for numbers; without any."""
    yield text
    cardinal = _ORDINAL_MARK.sub(" ", text)
    yield cardinal
    yield _DIGIT.sub(lambda digit: f" {digit[0]} ", cardinal)
    yield _DIGIT.sub(" ", cardinal)


def _write_numbers(text: str, language: str) -> str:
    if language == "ja":
        named = unicodedata.normalize("NFKC", text).translate(_SYMBOLS_JA)
        return _NUMBER.sub(lambda number: _written(number[0], _in_japanese, "点"), named)
    if language == "hi":
        return _NUMBER.sub(lambda number: _written(number[0], _in_hindi, " दशमलव "), text)
    return text


def _written(number: str, write: Callable[[int], str], point: str) -> str:
    whole, _, decimals = number.replace(",", "").partition(".")
    said = write(int(whole))
    return said if not decimals else said + point + " ".join(write(int(digit)) for digit in decimals)


def _in_japanese(number: int) -> str:
    from num2words import num2words

    return str(num2words(number, lang="ja"))


def _in_hindi(number: int) -> str:
    from num_to_words import num_to_word

    return str(num_to_word(number, lang="hi")).replace(",", "")
