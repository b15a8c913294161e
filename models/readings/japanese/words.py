"""The lexicon: what developers say for the words, names and abbreviations in `words.tsv`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9'’ ]*\Z")
MOST_PARTS = 4
"""Words of the longest entry."""


@cache
def lexicon() -> dict[str, str]:
    """Return the readings in katakana by word.

    A word in small letters holds for every case, one with a capital for that case alone and before the other
    (`IT`, `it`). One of several words, parted by spaces, is found with `-`, `_` or nothing between them too.
    """
    text = files(__package__).joinpath("words.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {line[0]: line[1] for line in lines}


@cache
def with_signs() -> re.Pattern[str]:
    """Return what finds those words that begin with no letter or hold signs: `C++`, `Node.js`, `3D`."""
    words = sorted((word for word in lexicon() if not _PLAIN.match(word)), key=len, reverse=True)
    found = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<![A-Za-z0-9_+#./-])(?:{found})(?![A-Za-z0-9_+#/])", re.IGNORECASE)


def reading_of(word: str) -> str | None:
    """Return the reading of `word`, None when the lexicon has none."""
    plain = word.replace("’", "'")
    return lexicon().get(plain) or lexicon().get(plain.lower())
