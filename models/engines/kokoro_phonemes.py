"""Japanese text as the phonemes that Kokoro v1.0 was trained on.

The reading comes from Open JTalk as katakana. Kokoro's Japanese inventory (misaki 0.7) writes a mora as a
consonant, palatalised before /i/ and the small y-kana, and a vowel; `ʔ` is the doubled consonant, `ː` the
long vowel, and the syllabic nasal takes the place of what follows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from claude_narrator.models.kana import KANA_ROWS

_VOWELS = dict(zip("アイウエオ", "aiɯeo", strict=True))
_ROWS = {{"g": "ɡ", "r": "ɾ"}.get(row, row): kana for row, kana in KANA_ROWS.items()}
_PALATAL = {"s": "ɕ", "z": "ʥ", "t": "ʨ", "d": "ʥ", "n": "ɲ", "h": "ç", "": ""}
_BEFORE_U = {"s": "sɨ", "z": "zɨ", "t": "ʦɨ", "d": "zɨ", "h": "ɸɯ"}
_ROUNDED = {"ウ": "β", "ク": "kᵝ", "グ": "ɡᵝ", "ツ": "ʦ", "フ": "ɸ", "ヴ": "v"}
_SMALL_Y = {"ャ": "a", "ュ": "ɨ", "ョ": "o"}
_SMALL_VOWELS = dict(zip("ァィゥェォ", "aiɯeo", strict=True))
_NASALS = (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾz", "n"))
_PUNCTUATION = dict(zip("。、？！：；「」『』…—〜～", ".,?!:;“”“”…———", strict=True)) | {
    "・": " ",
    "，": ",",
    "．": ".",
}
_BREAKS = frozenset("()（）[]【】《》〈〉/／")
_DEVOICED_MARKS = str.maketrans("", "", "’'")
"""Open JTalk marks a devoiced vowel with one of them after the kana."""


def _onset(consonant: str) -> str:
    return _PALATAL.get(consonant, consonant + "ʲ")


def _kana() -> dict[str, str]:
    """Every single kana, from consonant row and vowel."""
    table = {
        "ワ": "βa",
        "ヲ": "o",
        "ヴ": "vɯ",
        "ヤ": "ja",
        "ユ": "jɯ",
        "ヨ": "jo",
        "ヰ": "i",
        "ヱ": "e",
        "ヵ": "ka",
        "ヶ": "ke",
        "ヮ": "βa",
    }
    for consonant, row in _ROWS.items():
        for kana, vowel in zip(row, "aiɯeo", strict=True):
            if vowel == "i":
                table[kana] = _onset(consonant) + "i"
            elif vowel == "ɯ":
                table[kana] = _BEFORE_U.get(consonant, consonant + "ɯ")
            else:
                table[kana] = ("ʣ" if consonant == "z" else consonant) + vowel
    return table | _SMALL_VOWELS | {"ャ": "ja", "ュ": "jɯ", "ョ": "jo"}


_KANA = _kana()
_CONSONANT_OF = {kana: consonant for consonant, row in _ROWS.items() for kana in row}


def kana_to_phonemes(kana: str) -> str:
    """Return the phonemes of a word in katakana; what is not katakana is left out."""
    morae = re.findall(r".[ャュョァィゥェォ]?", kana.translate(_DEVOICED_MARKS))
    sounds = [_mora(mora) for mora in morae]
    return "".join(
        _nasal(sounds[at + 1] if at + 1 < len(sounds) else "") if sound == "N" else sound
        for at, sound in enumerate(sounds)
    )


def _mora(mora: str) -> str:
    head, small = mora[0], mora[1:]
    if not small or head in "ッンー":
        return {"ッ": "ʔ", "ン": "N", "ー": "ː"}.get(head, _KANA.get(head, "")) + _KANA.get(small, "")
    consonant = _CONSONANT_OF.get(head, "")
    if small in _SMALL_Y:
        return _yoon(head, consonant, _SMALL_Y[small])
    vowel = _SMALL_VOWELS[small]
    if head in _ROUNDED:
        onset = _ROUNDED[head]
        return onset + ("ʲ" if vowel == "i" and head in "ツフヴ" else "") + vowel
    if head in "テデ" and small == "ィ":
        return consonant + "ʲi"
    if head in "トド" and small == "ゥ":
        return consonant + "ɯ"
    if small == "ェ" and (head == "イ" or head in "キギシジチヂニヒビピミリ"):
        return ("j" if head == "イ" else _onset(consonant)) + "e"
    return _KANA.get(head, "") + vowel


def _yoon(head: str, consonant: str, vowel: str) -> str:
    """A kana with a small y-kana; outside the i-column only loanwords have them."""
    if head == "ヴ":
        return "bʲ" + vowel
    if head == "フ":
        return "ɸʲ" + vowel
    if head in "テデ":
        return consonant + "ʲ" + vowel
    return (
        (_onset(consonant) or "j") + vowel
        if _KANA.get(head, "").endswith("i")
        else _KANA.get(head, "") + vowel
    )


def _nasal(following: str) -> str:
    return next((sound for places, sound in _NASALS if following[:1] and following[0] in places), "ɴ")


def words_to_phonemes(nodes: Iterable[dict[str, Any]]) -> str:
    """Return the phonemes of Open JTalk's `nodes`, a space between accent phrases, punctuation kept.

    A node needs `string`, `pos`, `pron` and `chain_flag`, as `pyopenjtalk.run_frontend` gives them.
    """
    out = ""
    for node in nodes:
        if node["pos"] == "記号" and not _is_kana(node["pron"]):
            out = out.rstrip() + _punctuation(node["string"])
            continue
        word = kana_to_phonemes(node["pron"])
        joined = node["chain_flag"] == 1 or not out or out.endswith((" ", "“"))
        out += word if joined else " " + word
    return re.sub(r"\s+", " ", out).strip()


def _is_kana(pron: str) -> bool:
    return any("ァ" <= character <= "ヺ" for character in pron)


def _punctuation(symbols: str) -> str:
    out = ""
    for symbol in symbols:
        mark = _PUNCTUATION.get(symbol, unicodedata.normalize("NFKC", symbol))
        if mark == "“":
            out += " “"
        elif symbol in _BREAKS:
            out += ", "
        else:
            out += mark + " " if mark in ".,?!:;”…—" else " "
    return out


def japanese_phonemes(text: str, frontend: Callable[..., list[Any]]) -> str:
    """Return the phonemes of Japanese `text`; `frontend` is `pyopenjtalk.run_frontend`.

    The front end refines readings in Python after the native part, and that fails on some rare kanji; the
    plain reading is taken then.
    """
    try:
        nodes = frontend(text)
    except (IndexError, KeyError, ValueError, ImportError):
        nodes = frontend(text, use_vanilla=True)
    return words_to_phonemes(nodes)
