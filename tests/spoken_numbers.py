"""Numbers as digits, whichever way they were written: 42, forty two, 四十二."""

from __future__ import annotations

import re
import unicodedata

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH = {word: n for n, word in enumerate(_SMALL)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
_ENGLISH_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6}
_KANJI = {digit: n for n, digit in enumerate("〇一二三四五六七八九")}
_KANJI_SCALES = {"十": 10, "百": 100, "千": 1000}
_KANJI_GROUPS = {"万": 10**4, "億": 10**8}
_KANJI_NUMBER = re.compile("[〇一二三四五六七八九十百千万億]+")


def digits_in_english(words: list[str]) -> list[str]:
    """Return the words with every run of number words as one number in digits."""
    found: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if word in _ENGLISH or (run and word in _ENGLISH_SCALES) or (run and word == "and"):
            if run and not _continues(run[-1], word):
                found += _finish(run)
                run = []
            run.append(word)
            continue
        found += _finish(run)
        run = []
        found += [word] if word else []
    return found


def digits_in_japanese(text: str) -> str:
    """Return the text with kanji numerals of two or more signs, or with a scale, in digits."""
    return _KANJI_NUMBER.sub(_as_digits, unicodedata.normalize("NFKC", text))


def _continues(before: str, word: str) -> bool:
    """Say whether `word` may follow `before` in one number: twenty one, but not one twenty."""
    if word not in _ENGLISH or before in _ENGLISH_SCALES or before == "and":
        return True
    return before in _TENS and 0 < _ENGLISH[word] < 10


def _finish(run: list[str]) -> list[str]:
    if not run:
        return []
    spoken_and = ["and"] if run[-1] == "and" else []
    return [str(_value(run)), *spoken_and]


def _value(run: list[str]) -> int:
    total = group = 0
    for word in run:
        scale = _ENGLISH_SCALES.get(word, 0)
        if scale == 100:
            group *= 100
        elif scale:
            total, group = total + group * scale, 0
        else:
            group += _ENGLISH.get(word, 0)
    return total + group


def _as_digits(found: re.Match[str]) -> str:
    numeral = found[0]
    if not any(sign in _KANJI_SCALES or sign in _KANJI_GROUPS for sign in numeral):
        return "".join(str(_KANJI[sign]) for sign in numeral) if len(numeral) > 1 else numeral
    if numeral[0] in _KANJI_GROUPS:
        return numeral
    total = group = digit = 0
    for sign in numeral:
        if sign in _KANJI:
            digit = _KANJI[sign]
        elif sign in _KANJI_SCALES:
            group, digit = group + (digit or 1) * _KANJI_SCALES[sign], 0
        else:
            total, group, digit = total + (group + digit) * _KANJI_GROUPS[sign], 0, 0
    return str(total + group + digit)
