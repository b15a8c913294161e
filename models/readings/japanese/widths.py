"""Characters that exist in several widths or forms, brought to one: letters and digits narrow, kana wide."""

from __future__ import annotations

import re
import unicodedata

_WIDE_ASCII = {0xFF01 + n: 0x21 + n for n in range(94)}
_KEPT_WIDE = "！？，．：；（）［］｛｝～"
"""Full-width signs that are Japanese punctuation, and stay."""
_NARROW = {code: plain for code, plain in _WIDE_ASCII.items() if chr(code) not in _KEPT_WIDE}
_NARROW |= {0xFFE5: ord("¥"), 0x2212: ord("-"), 0x2010: ord("-"), 0x2011: ord("-"), 0x00A0: ord(" ")}
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[．，：](?=[0-9])")
_BETWEEN = {"．": ".", "，": ",", "：": ":"}
_HALF_KANA = re.compile("[\uff66-\uff9f]+")
_HALF_MARKS = str.maketrans("｡｢｣､･", "。「」、・")
_SQUARED = re.compile(
    "[\u2460-\u2473\u2100-\u2101\u2103\u2109\u2113\u2116\u2121\u3220-\u33ff\u00bc-\u00be\u2150-\u215f]"
)
_ACCENTED = re.compile("[\u00c0-\u024f]")
_FRACTION = re.compile("(?<![0-9])([0-9]{1,9})\u2044([0-9]{1,9})")


def unify_widths(text: str) -> str:
    """Return `text` with narrow letters, digits and operators, wide kana, and squared signs written out."""
    text = _BETWEEN_DIGITS.sub(lambda sign: _BETWEEN[sign[0]], text.translate(_NARROW).translate(_HALF_MARKS))
    text = _HALF_KANA.sub(lambda kana: unicodedata.normalize("NFKC", kana[0]), text)
    text = _SQUARED.sub(lambda sign: unicodedata.normalize("NFKC", sign[0]), text)
    text = _FRACTION.sub(r"\2分の\1", text)
    return _ACCENTED.sub(lambda letter: _base_of(letter[0]), text)


def _base_of(letter: str) -> str:
    """The ASCII letter under an accent; the letter itself where there is none."""
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter
