"""Which language a text is in: by its script, and among languages of one script by its words."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.identify import is_certainly
from claude_narrator.models.languages import same_language
from claude_narrator.models.types import Language

_LOOK_AT_CHARS = 4_000
_CLEAR_SHARE = 0.4
"""English that quotes a Japanese word stays below, Japanese full of Latin identifiers lies above."""
_UNSPACED_CHARS_PER_WORD = 2.0

_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][\w'’.-]*", re.ASCII)
_WORDS = {
    "ko": re.compile(r"[\uac00-\ud7af]+"),
    "ru": re.compile(r"[\u0400-\u04ff]+"),
    "el": re.compile(r"[\u0370-\u03ff]+"),
    "he": re.compile(r"[\u0590-\u05ff]+"),
    "ar": re.compile(r"[\u0600-\u06ff]+"),
    "hi": re.compile(r"[\u0900-\u097f]+"),
}
_UNSPACED = {
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "kana": re.compile(r"[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9d]"),
    "han": re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
}
_LATIN = "latin"
_SHARED_SCRIPT = {
    "ru": {"ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg"},
    "ar": {"ar", "fa", "ur", "ps", "ckb", "ug"},
    "hi": {"hi", "mr", "ne", "sa"},
    "he": {"he", "yi"},
    "zh": {"zh", "ja", "yue"},
}


def detect_language(text: str, default: Language, heard: Language | None = None) -> Language:
    """Return the language that the script of `text` names, `default` when it names none clearly.

    A script that several languages share never leads away from a default that uses it, unless the words are
    certainly of `heard`, the language that is wanted. Chinese characters without kana are Chinese unless the
    default is Japanese.
    """
    by_script = _of_script(text, default)
    if heard is None or by_script != default or same_language(default, heard):
        return by_script
    if _script_of(default) != _script_of(heard):
        return default
    return heard if is_certainly(text, heard, default) else default


def _script_of(language: Language) -> str:
    """The script by a name in `_SHARED_SCRIPT`, a language of its own script, or latin."""
    base = language.split("-")[0].lower()
    shared = (name for name, languages in _SHARED_SCRIPT.items() if base in languages)
    return next(shared, base if base in (*_WORDS, *_UNSPACED) else _LATIN)


def _of_script(text: str, default: Language) -> Language:
    weights = _weights(text[:_LOOK_AT_CHARS])
    total = sum(weights.values())
    name = max(weights, key=lambda each: weights[each])
    if name == _LATIN or total == 0 or weights[name] < _CLEAR_SHARE * total:
        return default
    base = default.split("-")[0].lower()
    return default if base in _SHARED_SCRIPT.get(name, {name}) else Language(name)


def _weights(text: str) -> dict[str, float]:
    """Return about how many words of each script there are."""
    weights = {name: float(len(pattern.findall(text))) for name, pattern in _WORDS.items()}
    chars = {name: len(pattern.findall(text)) for name, pattern in _UNSPACED.items()}
    weights["th"] = chars["th"] / _UNSPACED_CHARS_PER_WORD
    east_asian = "ja" if chars["kana"] else "zh"
    weights[east_asian] = (chars["kana"] + chars["han"]) / _UNSPACED_CHARS_PER_WORD
    weights[_LATIN] = float(len(_LATIN_WORD.findall(text)))
    if weights[east_asian] >= _CLEAR_SHARE * sum(weights.values()):
        weights[_LATIN] = 0.0
    return weights
