"""Mandarin text as the phonemes that Kokoro v1.0 was trained on.

pypinyin reads the characters; each syllable becomes the IPA of misaki's first Mandarin inventory: aspiration
as `ʰ`, one letter for an affricate, `ɨ` for the vowel of zhi and zi, and an arrow for the tone.
Tone sandhi is left to the model, whose training text had none written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

_INITIALS: dict[str, str] = dict(
    re.findall(
        r"(\S+)=(\S+)",
        "b=p p=pʰ m=m f=f d=t t=tʰ n=n l=l g=k k=kʰ h=x j=ʨ q=ʨʰ x=ɕ zh=ꭧ ch=ꭧʰ sh=ʂ r=ɻ z=ʦ c=ʦʰ s=s",
    )
)
_FINALS: dict[str, str] = dict(
    re.findall(
        r"(\S+)=(\S+)",
        """
        a=a ai=ai an=a_n ang=a_ŋ ao=au e=ɤ ei=ei en=ə_n eng=ə_ŋ er=ɚ i=i ia=ja ian=jɛ_n iang=ja_ŋ iao=jau
        ie=je in=i_n ing=i_ŋ io=jɔ iong=jʊ_ŋ iou=jou o=wo ong=ʊ_ŋ ou=ou u=u ua=wa uai=wai uan=wa_n uang=wa_ŋ
        uei=wei uen=wə_n ueng=wə_ŋ uo=wo v=y van=ɥɛ_n ve=ɥe vn=y_n ê=ɛ m=m n=n ng=ŋ
        """,
    )
)
"""The tone stands at `_`, else at the end."""
_APICAL = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?(%)?(?=(年)?)")
_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_PUNCTUATION = {
    **dict(zip("，、。！？：；", ",,.!?:;", strict=True)),
    **dict(zip("“”「」『』《》", "“”“”“”“”", strict=True)),
    **dict.fromkeys("（）()[]【】", ","),
}
_OPENING = "“"
_PAUSES = (",", ".", "!", "?", ":", ";", "—", "…")
_KNOWN_MARKS = frozenset((*_PAUSES, "”"))

Syllables = Callable[[str], Sequence[tuple[str, str]]]
"""Initial and final, with its tone as a digit, of each character of a word."""


def mandarin_phonemes(
    text: str,
    words_of: Callable[[str], Sequence[str]],
    syllables_of: Syllables,
    english: Callable[[str], str],
) -> str:
    """Return the phonemes of `text`; Latin words are read by `english`, numbers as a speaker says them.

    `words_of` cuts a run of Chinese characters into words; `syllables_of` reads a word.
    """
    out = ""
    for part in _parts(with_numbers(unicodedata.normalize("NFKC", text))):
        if _HAN.fullmatch(part):
            read = " ".join(
                "".join(syllable(*sound) for sound in syllables_of(word)) for word in words_of(part)
            )
        elif _LATIN.fullmatch(part):
            read = english(part)
        else:
            out = _with_marks(out, part)
            continue
        out += (" " if out and not out.endswith((" ", _OPENING)) else "") + read
    return out.strip()


def syllable(initial: str, final: str) -> str:
    """Return the IPA of a syllable: `zh`, `ong1` is `ꭧʊ→ŋ`; an unknown one gives nothing."""
    tone = _TONES.get(final[-1:], "")
    name = final.rstrip("12345")
    if name == "i" and initial in _APICAL:
        vowel = "ɨ"
    elif name == "o" and not initial:
        vowel = "ɔ"
    else:
        vowel = _FINALS.get(name, "")
    if not vowel:
        return ""
    head, _, tail = vowel.partition("_")
    return _INITIALS.get(initial, "") + head + tone + tail


def with_numbers(text: str) -> str:
    """Return `text` with its numbers in characters: 42 is 四十二, 3.5% is 百分之三点五."""
    return _NUMBER.sub(_number, re.sub(r"(?<=\d),(?=\d{3})", "", text))


def _number(match: re.Match[str]) -> str:
    whole, fraction, percent, year = match.groups()
    spelled = (year and len(whole) == 4) or len(whole) > 16 or (whole[0] == "0" and len(whole) > 1)
    out = "".join(_DIGITS[int(d)] for d in whole) if spelled else integer(int(whole))
    if fraction:
        out += "点" + "".join(_DIGITS[int(d)] for d in fraction)
    return f"百分之{out}" if percent else out


def integer(value: int) -> str:
    """Return the Chinese numeral of a number from 0 to 10**16 - 1."""
    if value == 0:
        return _DIGITS[0]
    out, gap = "", False
    for place in range(len(_GROUPS) - 1, -1, -1):
        group = value // 10 ** (4 * place) % 10_000
        if group:
            zero = out and (gap or group < 1000)
            out += (_DIGITS[0] if zero else "") + _group(group) + _GROUPS[place]
        gap = not group
    return out.removeprefix("一") if out.startswith("一十") else out


def _group(value: int) -> str:
    """The numeral of a number from 1 to 9999."""
    out, gap = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            out += (_DIGITS[0] if out and gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return out


def _parts(text: str) -> list[str]:
    return [part for part in re.split(f"({_HAN.pattern}|{_LATIN.pattern})", text) if part]


def _with_marks(out: str, part: str) -> str:
    """`out` and the punctuation of `part` as the model knows it, each mark where a space belongs to it."""
    for sign in part:
        mark = _PUNCTUATION.get(sign, sign)
        if mark in _OPENING:
            out = f"{out.rstrip()} {mark}"
        elif mark in _KNOWN_MARKS and not (mark == "," and out.rstrip().endswith(_PAUSES)):
            out = out.rstrip() + mark + " "
    return out if out.endswith((" ", *_OPENING)) else out + " "
