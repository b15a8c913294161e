"""The names of Latin letters and, where they belong to a name such as `S3`, of digits."""

from __future__ import annotations

import re

_LETTERS = dict(
    re.findall(
        r"(\S) (\S+)",
        "a エー  b ビー  c シー  d ディー  e イー  f エフ  g ジー  h エイチ  i アイ  j ジェイ  k ケー  "
        "l エル  m エム  n エヌ  o オー  p ピー  q キュー  r アール  s エス  t ティー  u ユー  v ブイ  "
        "w ダブリュー  x エックス  y ワイ  z ゼット",
    )
)
_DIGITS = ["ゼロ", "ワン", "ツー", "スリー", "フォー", "ファイブ", "シックス", "セブン", "エイト", "ナイン"]


def spell(word: str) -> str:
    """Return the names of the letters of `word`, `API` as `エーピーアイ`; what is no ASCII letter stays."""
    return "".join(_LETTERS.get(letter, letter) for letter in word.lower())


def name_digit(digit: str) -> str:
    """Return an ASCII digit as it is said in a name: the `3` of `S3` as `スリー`."""
    return _DIGITS[int(digit)]
