"""The sound of an English word that no dictionary has, guessed from its spelling.

Letter groups are replaced by phonemes of misaki's American inventory, the longest that fits first. It is a
guess: a wrong one is heard, and mended with `voice dictionary add`.
"""

from __future__ import annotations

import re

_GROUPS = {
    "tion": "ʃɑn", "sion": "ʃɑn", "cial": "ʃal", "tial": "ʃal", "ture": "ʧəɹ", "ough": "O", "augh": "ɔ",
    "eigh": "A", "igh": "I", "tch": "ʧ", "sch": "sk", "dge": "ʤ", "que": "k", "air": "ɛɹ", "ear": "iɹ",
    "eer": "iɹ", "our": "Wɹ", "oor": "ɔɹ", "oar": "ɔɹ", "ire": "Iɹ", "ure": "juɹ", "ore": "ɔɹ", "are": "ɛɹ",
    "sh": "ʃ", "ch": "ʧ", "th": "θ", "ph": "f", "gh": "ɡ", "ck": "k", "qu": "kw", "wh": "w", "wr": "ɹ",
    "kn": "n", "ng": "ŋɡ", "nk": "ŋk", "ee": "i", "ea": "i", "oo": "u", "ou": "W", "ow": "O", "oa": "O",
    "ai": "A", "ay": "A", "ei": "A", "ey": "i", "ie": "i", "oi": "Y", "oy": "Y", "au": "ɔ", "aw": "ɔ",
    "ew": "ju", "ue": "ju", "ui": "u", "ar": "ɑɹ", "er": "ɜɹ", "ir": "ɜɹ", "or": "ɔɹ", "ur": "ɜɹ",
    "le": "ᵊl",
    "a": "æ", "b": "b", "c": "k", "d": "d", "e": "ɛ", "f": "f", "g": "ɡ", "h": "h", "i": "ɪ", "j": "ʤ",
    "k": "k", "l": "l", "m": "m", "n": "n", "o": "ɑ", "p": "p", "q": "k", "r": "ɹ", "s": "s", "t": "t",
    "u": "ʌ", "v": "v", "w": "w", "x": "ks", "y": "i", "z": "z",
}  # fmt: skip
_ONLY_LAST = frozenset(("le", "que", "ture", "ire", "ure", "ore", "are"))
_DOUBLE = re.compile(r"([bcdfghjklmnpqrstvwxz])\1")
_SILENT_E = re.compile(r"([aeiou])([bcdfgklmnpstvz])e(s?)\Z")
_LONG = {"a": "A", "e": "i", "i": "I", "o": "O", "u": "ju"}
_SOFT = re.compile(r"c(?=[eiy])")
_SOFT_G = re.compile(r"g(?=e|y\Z)")
_LONGEST_GROUP = 4


def sound_of_spelling(word: str) -> str:
    """Return phonemes for `word`, ASCII in small letters; empty for an empty word."""
    word = _SOFT_G.sub("j", _SOFT.sub("s", _DOUBLE.sub(r"\1", word)))
    if silent := _SILENT_E.search(word):
        tail = _LONG[silent[1]] + _GROUPS[silent[2]] + _GROUPS.get(silent[3], "")
        return _by_groups(word[: silent.start()]) + tail
    return _by_groups(word)


def _by_groups(word: str) -> str:
    sound, at = "", 0
    while at < len(word):
        group = next(
            (word[at : at + n] for n in range(_LONGEST_GROUP, 0, -1) if _fits(word, at, n)), word[at]
        )
        starts_with_y = group == "y" and at == 0
        sound += "j" if starts_with_y else _GROUPS.get(group, "")
        at += len(group)
    return sound


def _fits(word: str, at: int, length: int) -> bool:
    group = word[at : at + length]
    return group in _GROUPS and len(group) == length and (group not in _ONLY_LAST or at + length == len(word))
