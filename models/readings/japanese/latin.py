"""Words, names and abbreviations in Latin letters: what of them is one word, and what parts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from claude_narrator.models.readings.japanese.letters import name_digit
from claude_narrator.models.readings.japanese.single_words import read_word
from claude_narrator.models.readings.japanese.words import MOST_PARTS, reading_of, with_signs

_NAME = re.compile(
    r"(?P<lead>(?<![A-Za-z0-9_.])\.(?=[A-Za-z])|(?<![A-Za-z0-9_-])--?(?=[A-Za-z])|(?<![A-Za-z0-9_])_{1,2}(?=[A-Za-z]))?"
    r"[A-Za-z][A-Za-z0-9]*(?:['’][a-z]{1,2}(?![A-Za-z]))?"
    r"(?:(?: (?=[A-Za-z])|\.(?=[A-Za-z])|_{1,2}|-|/|::)(?=[A-Za-z0-9])[A-Za-z0-9]+"
    r"(?:['’][a-z]{1,2}(?![A-Za-z]))?)*(?:_{1,2}(?![A-Za-z0-9_]))?(?P<call>\(\))?"
)
_PART = re.compile(r"(?P<word>[A-Za-z0-9]+(?:['’][a-z]{1,2})?)|(?P<between>[ ._/:-]+)|(?P<call>\(\))")
_HUMP = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
)
_DECIMALS = re.compile(r"\.\d")
_LEADS = {".": "ドット", "-": "ダッシュ", "--": "ダッシュダッシュ"}
_BETWEEN = {".": "ドット", "/": "スラッシュ", "::": "コロンコロン"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a name and what stands before it: nothing at a hump, else a separator."""

    text: str
    before: str


def read_latin(text: str) -> str:
    """Return `text` with everything in ASCII letters in katakana.

    A name is parted at `_`, `-`, capitals and digits; `.` and `/` in it are said. What is in the lexicon is
    read by it, the longest entry first.
    """
    text = with_signs().sub(lambda found: reading_of(found[0]) or found[0], text)
    return _NAME.sub(_read_name, text)


def _read_name(found: re.Match[str]) -> str:
    said = _LEADS.get(found["lead"] or "", "")
    ends_in_decimals = bool(_DECIMALS.match(found.string, found.end()))
    parts = list(_parts(found[0]))
    at = 0
    while at < len(parts):
        taken, reading = _longest_entry(parts, at)
        if at:
            said += _BETWEEN.get(parts[at].before, " " if _parted(parts, at) else "")
        last = at + taken == len(parts)
        said += reading or _read_part(parts, at, last and ends_in_decimals)
        at += taken
    return said


def _parts(name: str) -> Iterator[_Part]:
    before = ""
    for found in _PART.finditer(name):
        if found["word"] is None:
            before = found[0].strip("_") or "_" if found["between"] else before
            continue
        pieces = [found[0]] if reading_of(found[0]) else _HUMP.split(found[0])
        for piece in pieces:
            yield _Part(piece, before)
            before = ""
        before = ""


def _longest_entry(parts: list[_Part], at: int) -> tuple[int, str]:
    """How many parts from `at` on are one entry of the lexicon, and its reading; one part is one at least."""
    longest = 1
    while longest < MOST_PARTS and at + longest < len(parts) and parts[at + longest].before not in _BETWEEN:
        longest += 1
    for count in range(longest, 1, -1):
        if reading := reading_of(" ".join(part.text for part in parts[at : at + count])):
            return count, reading
    return 1, ""


def _parted(parts: list[_Part], at: int) -> bool:
    """Whether a space comes before a part: words are parted, digits stay with their word."""
    return not (parts[at].text[0].isdigit() or parts[at - 1].text[-1].isdigit()) or parts[at].before == " "


def _read_part(parts: list[_Part], at: int, whole_of_decimal: bool) -> str:
    text = parts[at].text
    if not text.isdigit():
        return read_word(text)
    return name_digit(text) if len(text) == 1 and at and not whole_of_decimal else text
