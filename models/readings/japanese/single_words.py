"""One word in Latin letters as a Japanese developer says it.

In this order: the lexicon; letter by letter what is an abbreviation or cannot be pronounced; the word
without its ending, or its two halves, by the lexicon; its English sound, from a pronouncing dictionary; as
Japanese in Latin letters; its English sound, guessed from the spelling.
"""

from __future__ import annotations

import re
from functools import lru_cache

from claude_narrator.models.readings.japanese.english_sounds import katakana
from claude_narrator.models.readings.japanese.english_spelling import sound_of_spelling
from claude_narrator.models.readings.japanese.inflections import inflected
from claude_narrator.models.readings.japanese.letters import spell
from claude_narrator.models.readings.japanese.pronouncing import sound_of
from claude_narrator.models.readings.japanese.romaji import kana_of_romaji
from claude_narrator.models.readings.japanese.words import reading_of

_LONGEST_ABBREVIATION = 5
_SHORTEST_HALF = 4
_SHORTEST_PRONOUNCED = 3
_VOWEL = re.compile("[aeiouy]")
_CROWD = re.compile(r"[^aeiouy]{5}|\A(?!sch|scr|shr|spl|spr|str|thr|chr|phr|squ)[^aeiouy]{3}")
_CLITIC = re.compile(r"(?P<word>[A-Za-z]+)['’](?P<end>[a-z]{1,2})\Z")
_CLITICS = {"s": "ズ", "t": "ト", "d": "ド", "m": "ム", "ll": "ル", "re": "アー", "ve": "ブ"}
_WEAK_PREFIX = re.compile(r"\A([ɹdbp])ə")
"""The vowel of re-, de-, be- and pre- is a schwa to the ear and an i in a loanword."""


@lru_cache(maxsize=2000)
def read_word(word: str) -> str:
    """Return `word`, ASCII letters and at most one apostrophe, in katakana."""
    if known := reading_of(word):
        return known
    if clitic := _CLITIC.match(word):
        return read_word(clitic["word"]) + _CLITICS.get(clitic["end"], spell(clitic["end"]))
    if _is_spelled(word):
        return spell(word)
    small = word.lower()
    return inflected(small) or _in_halves(small) or _by_sound(small)


def _is_spelled(word: str) -> bool:
    if word.isupper() and len(word) <= _LONGEST_ABBREVIATION:
        return True
    small = word.lower()
    return len(small) < _SHORTEST_PRONOUNCED or not _VOWEL.search(small) or bool(_CROWD.search(small))


def _in_halves(word: str) -> str:
    """Two words of the lexicon written as one: `hostname`."""
    for at in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
        first, second = reading_of(word[:at]), reading_of(word[at:])
        if first and second:
            return first + second
    return ""


def _by_sound(word: str) -> str:
    if sound := sound_of(word):
        return katakana(_WEAK_PREFIX.sub(r"\1ɪ", sound) if word[1:2] == "e" else sound) or spell(word)
    return kana_of_romaji(word) or katakana(sound_of_spelling(word)) or spell(word)
