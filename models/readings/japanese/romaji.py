"""Japanese in Latin letters, Hepburn or Kunrei, as katakana."""

from __future__ import annotations

import re

from claude_narrator.models.kana import KANA_ROWS

_VOWELS = "aiueo"
_SYLLABLES = {
    row + vowel: kana for row, kanas in KANA_ROWS.items() for vowel, kana in zip(_VOWELS, kanas, strict=True)
}
_SYLLABLES |= {
    row + "y" + vowel: kanas[1] + small
    for row, kanas in KANA_ROWS.items()
    for vowel, small in zip("auo", "ャュョ", strict=True)
    if row
}
_SYLLABLES |= {"shi": "シ", "chi": "チ", "tsu": "ツ", "fu": "フ", "ji": "ジ", "wa": "ワ", "wo": "ヲ"}
_SYLLABLES |= {"ya": "ヤ", "yu": "ユ", "yo": "ヨ"}
_SYLLABLES |= {
    onset + vowel: kana + small
    for onset, kana in (("sh", "シ"), ("ch", "チ"), ("j", "ジ"))
    for vowel, small in zip("auo", "ャュョ", strict=True)
}
_UNIT = re.compile(
    r"(?P<double>([kstpgdbcz])(?=\2)|t(?=ch))|(?P<nasal>n(?![aiueoy]))|(?P<syllable>[^aiueo]{0,3}[aiueo])"
)
_SHORTEST = 2


def kana_of_romaji(word: str) -> str:
    """Return `word`, in small letters, as katakana; empty unless all of it is Japanese, two kana at least."""
    kana, at = "", 0
    while at < len(word):
        if (found := _UNIT.match(word, at)) is None:
            return ""
        if found["syllable"] and found["syllable"] not in _SYLLABLES:
            return ""
        kana += "ッ" if found["double"] else "ン" if found["nasal"] else _SYLLABLES[found["syllable"]]
        at = found.end()
    return kana if len(kana) >= _SHORTEST else ""
