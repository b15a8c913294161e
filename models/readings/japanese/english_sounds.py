"""English sounds as the kana of a loanword.

Each consonant and vowel becomes the kana nearest to it, after the usual conventions for loanwords: a doubled
stop after a short vowel, `ー` for a long one, `ション` for -tion.
"""

from __future__ import annotations

import re

_COLUMNS = "aiueo"
_ROWS = {
    "": "ア イ ウ エ オ",
    "k": "カ キ ク ケ コ",
    "ɡ": "ガ ギ グ ゲ ゴ",
    "s": "サ シ ス セ ソ",
    "z": "ザ ジ ズ ゼ ゾ",
    "t": "タ ティ トゥ テ ト",
    "d": "ダ ディ ドゥ デ ド",
    "n": "ナ ニ ヌ ネ ノ",
    "h": "ハ ヒ フ ヘ ホ",
    "f": "ファ フィ フ フェ フォ",
    "b": "バ ビ ブ ベ ボ",
    "p": "パ ピ プ ペ ポ",
    "m": "マ ミ ム メ モ",
    "j": "ヤ イ ユ イェ ヨ",
    "l": "ラ リ ル レ ロ",
    "w": "ワ ウィ ウ ウェ ウォ",
    "ʃ": "シャ シ シュ シェ ショ",
    "ʧ": "チャ チ チュ チェ チョ",
    "ʤ": "ジャ ジ ジュ ジェ ジョ",
}
_SAME_ROW = {"ɹ": "l", "ɾ": "l", "T": "t", "v": "b", "θ": "s", "ð": "z", "ʒ": "ʤ"}
_ALONE = {"t": "ト", "d": "ド", "ʧ": "チ", "ʤ": "ジ", "n": "ン", "ŋ": "ング", "h": "", "j": "", "ɹ": ""}
_VOWELS = {
    "A": ("e", "イ"),
    "I": ("a", "イ"),
    "O": ("o", "ー"),
    "W": ("a", "ウ"),
    "Y": ("o", "イ"),
    "æ": ("a", ""),
    "ɑ": ("o", ""),
    "ɔ": ("o", "ー"),
    "ə": ("a", ""),
    "ɐ": ("a", ""),
    "ɛ": ("e", ""),
    "ɜ": ("a", ""),
    "ɪ": ("i", ""),
    "ᵻ": ("i", ""),
    "i": ("i", "ー"),
    "u": ("u", "ー"),
    "ʊ": ("u", ""),
    "ʌ": ("a", ""),
}
"""American vowels of the misaki inventory as a column of the kana table and what follows it."""
_NATION = re.compile("([ʃʒ])[əᵊ]n")
_SHORT, _DOUBLED = frozenset("æɑɛɪʊʌ"), frozenset("ptkdʧʃ")


def katakana(phonemes: str) -> str:
    """Return English `phonemes`, misaki's American inventory, as a Japanese speaker would write them."""
    sounds = [s for s in _NATION.sub(r"\1ɑn", phonemes) if s.isalpha() and s not in "ˈˌ"]
    kana, at = "", 0
    while at < len(sounds):
        consonant = "" if sounds[at] in _VOWELS else sounds[at]
        glide = bool(consonant) and sounds[at + 1 : at + 3] in (["j", "u"], ["j", "ʊ"])
        after = at + bool(consonant) + glide
        if after < len(sounds) and sounds[after] in _VOWELS:
            syllable, at = _syllable(consonant, glide, sounds, after)
            kana += syllable
        else:
            kana += _alone(sounds, at)
            at += 1
    return kana


def _syllable(consonant: str, glide: bool, sounds: list[str], at: int) -> tuple[str, int]:
    """Kana of a consonant and the vowel at `at`, and where the rest begins."""
    vowel, following = sounds[at], sounds[at + 1 : at + 3]
    column, tail = _VOWELS[vowel]
    if following[:1] == ["ɹ"] and not (following[1:] and following[1] in _VOWELS):
        column, tail = ("a" if vowel == "ɑ" else column), ("ア" if vowel in "ɛɪiʊ" else "ー")
        at += 1
    elif vowel in _SHORT and _doubles(sounds[at + 1 :]):
        tail = "ッ"
    row = _ROWS[_SAME_ROW.get(consonant, consonant)].split() if consonant != "ŋ" else _ROWS["ɡ"].split()
    if glide:
        return row[1][0] + "ュ" + tail, at + 1
    return row[_COLUMNS.index(column)] + tail, at + 1


def _doubles(rest: list[str]) -> bool:
    return bool(rest) and rest[0] in _DOUBLED and (len(rest) == 1 or (rest[0] in "ptk" and rest[1:] == ["s"]))


def _alone(sounds: list[str], at: int) -> str:
    sound, following = sounds[at], sounds[at + 1 : at + 2]
    if sound == "m" and following and following[0] in "pbm":
        return "ン"
    if sound == "ŋ" and following and following[0] in "kɡ":
        return "ン"
    if sound in _ALONE:
        return _ALONE[sound]
    row = _ROWS.get(_SAME_ROW.get(sound, sound))
    return row.split()[2] if row else ""
