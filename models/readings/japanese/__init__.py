"""Japanese as it is said: letters, names, numbers, units and signs in the text become words.

Kana and kanji stay as they are and where they are; plain Japanese comes back unchanged. Whole numbers and
decimals stay digits, because every Japanese front end knows how counters change them (`3本`, `20日`).
"""

from __future__ import annotations

from claude_narrator.models.readings.japanese.latin import read_latin
from claude_narrator.models.readings.japanese.numbers import read_numbers
from claude_narrator.models.readings.japanese.signs import read_signs
from claude_narrator.models.readings.japanese.widths import unify_widths


def read_japanese(text: str) -> str:
    """Return Japanese `text` with everything that is no kana, kanji, digit or punctuation mark in katakana.

    The four steps, each over the whole text: forms of other widths, numbers, Latin letters, signs.
    """
    return read_signs(read_latin(read_numbers(unify_widths(text))))
