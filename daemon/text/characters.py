"""Which characters may be said at all."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.named_text import NamedText

MARKUP = "*_`#|<>[]{}~\\"
"""Never in a sentence that is said."""

_UNSAYABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ufe00-\ufe0f"
    "\u20e3\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
"""Controls, direction marks, variation selectors, lone surrogates, private use."""
_ANSI = re.compile("\x1b\\[[0-9;?]{0,20}[A-Za-z]")
"""Colours and cursor movements of a terminal."""
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2300-\u23ff\u2b00-\u2bff\u25a0-\u25ff\u2022\u2023\u2043\u203b\u2500-\u259f"
    "\u2800-\u28ff\u3030\u303d\u3297\u3299\u00a9\u00ae\u2122]"
)
_JOINER = re.compile("(?<![^\\W\\d_])\u200d|\u200d(?![^\\W\\d_])")
_PILED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20f0]{2})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20f0]+"
)
_MARKUP = re.compile("[" + re.escape(MARKUP) + "]+")
_SPACE = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"(?<=\S) (?=[,;:.!?](?:\s|$)|[、。！？」』）)])")
_REPEATED_MARK = re.compile(r"([,;:、，])(?:\s?[,;:、，])+")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|（\s*）|\"\s*\"|「\s*」")
_WORD = re.compile(r"\w")
_CHARACTER = re.compile(".", re.DOTALL)

WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_WIDE_CHAR = re.compile(f"[{WIDE}]")
_LONGEST_WORD = 60
_LONG_WORD = re.compile(rf"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff{WIDE}]{{{_LONGEST_WORD + 1},}}")


def without_unsayable(text: str) -> str:
    """Return `text` without controls, lone surrogates, direction marks; piled accents are cut down to two."""
    return _PILED.sub(r"\1", _UNSAYABLE.sub("", _ANSI.sub("", text)))


def without_emoji(text: str) -> str:
    """Return `text` with a space in place of every emoji, box and bullet sign."""
    return emoji_removed(NamedText(text)).text


def emoji_removed(text: NamedText) -> NamedText:
    """Return what `without_emoji` does, with the names that are in it."""
    return text.sub(_EMOJI, " ").sub(_JOINER, "")


def tidy(text: str, long_word: str) -> str:
    """Return `text` without markup characters, with single spaces and with `long_word` for endless words."""
    return tidied(NamedText(text), long_word).text


def tidied(text: NamedText, long_word: str) -> NamedText:
    """Return what `tidy` does, with the names that are in it."""
    text = text.sub(_MARKUP, " ").sub(_EMPTY_BRACKETS, " ")
    text = text.sub(_LONG_WORD, lambda found: f" {long_word} ")
    text = text.sub(_SPACE, " ").sub(_SPACE_BEFORE_MARK, "").strip()
    text = text.sub(_REPEATED_MARK, r"\1")
    return text if text.text.isprintable() else text.sub(_CHARACTER, _printable)


def _printable(found: re.Match[str]) -> str:
    return found[0] if _is_printable(found[0]) else ""


def _is_printable(char: str) -> bool:
    """Tell what may stay: what Unicode knows, and the two joiners that Persian and Hindi are written with."""
    return char.isprintable() or char in "\u200c\u200d"


def has_words(text: str) -> bool:
    """Tell whether there is a letter or a digit to say."""
    return bool(_WORD.search(text.replace("_", "")))


def is_wide(char: str) -> bool:
    """Tell whether `char` belongs to Chinese, Japanese or Korean."""
    return bool(_WIDE_CHAR.match(char))
