"""Which language a text is in: by its script, and among languages of one script by its words."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.identify import is_certainly
from claude_narrator.models.language_file import language_file
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import Language

_LOOK_AT_CHARS = 4_000
_CLEAR_SHARE = 0.4
"""English that quotes a Japanese word stays below, Japanese full of Latin identifiers lies above."""
_UNSPACED_CHARS_PER_WORD = 2.0

_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][\w'’.-]*", re.ASCII)
_WORDS = {
    "HANGUL": re.compile(r"[\uac00-\ud7af]+"),
    "CYRILLIC": re.compile(r"[\u0400-\u04ff]+"),
    "GREEK": re.compile(r"[\u0370-\u03ff]+"),
    "HEBREW": re.compile(r"[\u0590-\u05ff]+"),
    "ARABIC": re.compile(r"[\u0600-\u06ff]+"),
    "DEVANAGARI": re.compile(r"[\u0900-\u097f]+"),
}
_UNSPACED = {
    "THAI": re.compile(r"[\u0e00-\u0e7f]"),
    "HIRAGANA": re.compile(r"[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9d]"),
    "CJK": re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
}
"""By what Unicode calls the letters, as in the key `scripts` of the language files; HIRAGANA is all kana."""
_LATIN = "LATIN"
_MOST_SPOKEN = {
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "THAI": "th",
    "HIRAGANA": "ja",
    "CJK": "zh",
}
"""Of the languages of a script: what a text in it is taken for where nobody says which of them is meant."""


def detect_language(text: str, default: Language, heard: Language | None = None) -> Language:
    """Return the language that the script of `text` names, `default` when it names none clearly.

    A script that several languages share never leads away from a default that uses it, unless the words are
    certainly of `heard`, the language that is wanted.
    """
    by_script = _of_script(text, default)
    if heard is None or by_script != default or same_language(default, heard):
        return by_script
    if _scripts_of(default).isdisjoint(_scripts_of(heard)):
        return default
    return heard if is_certainly(text, heard, default) else default


def _scripts_of(language: Language) -> frozenset[str]:
    """The scripts that a language is written in; Latin when none is known."""
    return frozenset(language_file(language)["scripts"] or [_LATIN])


def _of_script(text: str, default: Language) -> Language:
    weights = _weights(text[:_LOOK_AT_CHARS])
    total = sum(weights.values())
    name = max(weights, key=lambda each: weights[each])
    if name == _LATIN or total == 0 or weights[name] < _CLEAR_SHARE * total:
        return default
    return default if name in _scripts_of(default) else Language(_MOST_SPOKEN[name])


def _weights(text: str) -> dict[str, float]:
    """Return about how many words of each script there are."""
    weights = {name: float(len(pattern.findall(text))) for name, pattern in _WORDS.items()}
    chars = {name: len(pattern.findall(text)) for name, pattern in _UNSPACED.items()}
    weights["THAI"] = chars["THAI"] / _UNSPACED_CHARS_PER_WORD
    east_asian = "HIRAGANA" if chars["HIRAGANA"] else "CJK"
    weights[east_asian] = (chars["HIRAGANA"] + chars["CJK"]) / _UNSPACED_CHARS_PER_WORD
    weights[_LATIN] = float(len(_LATIN_WORD.findall(text)))
    if weights[east_asian] >= _CLEAR_SHARE * sum(weights.values()):
        weights[_LATIN] = 0.0
    return weights
