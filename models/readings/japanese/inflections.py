"""Plurals and other endings of English words whose reading the lexicon has."""

from __future__ import annotations

import re

from claude_narrator.models.readings.japanese.words import reading_of

_SHORTEST_STEM = 3
_SIBILANT = re.compile(r"(?:[sxz]|[cs]h)\Z")


def _pairs(text: str) -> dict[str, str]:
    return dict(re.findall(r"(\S+) (\S+)", text))


_ENDED = {
    "ing": _pairs(
        "シュ シング  ク キング  グ ギング  ス シング  ズ ジング  ト ティング  ド ディング  プ ピング  "
        "ブ ビング  ム ミング  ル リング  チ チング  ジ ジング  フ フィング  ン ニング"
    ),
    "er": _pairs(
        "シュ シャー  ク カー  グ ガー  ス サー  ズ ザー  ト ター  ド ダー  プ パー  ブ バー  ム マー  "
        "ル ラー  チ チャー  ジ ジャー  フ ファー  ン ナー"
    ),
    "ed": _pairs("ト テッド  ド デッド"),
    "es": _pairs("ス シズ  シュ シズ"),
    "s": _pairs("ト ツ  ド ズ  ク クス  プ プス  フ フス"),
}
"""What the end of a reading becomes before an ending: a kana in u stands for a consonant, ト + er is ター."""
_ELSE_ENDED = {"ing": "イング", "er": "アー", "ed": "ド", "es": "ズ", "s": "ズ"}


def inflected(word: str) -> str:
    """Return the reading of `word`, in small letters, by that of its stem; empty when there is none."""
    if word.endswith("ies") and (reading := reading_of(word[:-3] + "y")):
        return reading.rstrip("ー") + "ーズ"
    for ending in _ENDED:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _SHORTEST_STEM:
            continue
        if reading := next(filter(None, map(reading_of, _bases(stem, ending))), ""):
            return _ended(reading, ending)
    return ""


def _bases(stem: str, ending: str) -> tuple[str, ...]:
    """What `stem` may be without its ending: `pars` is `parse`, `splitt` is `split`."""
    if ending == "es":
        return (stem,) if _SIBILANT.search(stem) else ()
    undoubled = stem[:-1] if stem[-1] == stem[-2] else stem
    return (stem,) if ending == "s" else (stem, stem + "e", undoubled)


def _ended(reading: str, ending: str) -> str:
    for last, ended in _ENDED[ending].items():
        if reading.endswith(last):
            return reading.removesuffix(last) + ended
    return reading + _ELSE_ENDED[ending]
