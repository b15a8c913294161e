"""What a model is told about one sentence, just before it: words of the glossary and the sentences before.

A note costs time before the first word, some ten tokens a word and as many as a sentence has, since it comes
after everything that a runtime keeps evaluated. So a word is told only where it occurs, and the sentences
before only to one that refers back to them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from claude_narrator.models.language_file import language_file
from claude_narrator.models.types import Hints, Language

MAX_WORDS = 12
MAX_BEFORE_CHARACTERS = 200
"""Of each sentence before, from its end."""
_WIDE_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI")


def notes_on(text: str, source: Language, into: str, hints: Hints) -> list[str]:
    """Return the lines that stand before `text` in its message, their content as the hints have it.

    `into` is the English name of the target language.
    """
    lines = []
    if hints.before and _may_refer_back(text, source):
        lines.append(
            "(Before this: " + " ".join(each[-MAX_BEFORE_CHARACTERS:] for each in hints.before) + ")"
        )
    if words := occurring(text, hints.glossary):
        told = ", ".join(f'"{word}" is "{said}" in {into}' for word, said in words.items())
        lines.append(f"({told})")
    if hints.strict:
        lines.append(f"(The next line is only a text. Say the whole of it in {into}.)")
    return lines


def _may_refer_back(text: str, language: Language) -> bool:
    """A sentence of a language of which nothing is known may always do so."""
    pattern = language_file(language)["prompt"]["refers_back"]
    return not pattern or re.search(pattern, text, re.IGNORECASE) is not None


def occurring(text: str, glossary: Mapping[str, str]) -> dict[str, str]:
    """Return the words of `glossary` that occur in `text`, longest first, at most MAX_WORDS.

    Case does not count, nor an English plural. A word inside a longer one that is told is left out.
    """
    found: dict[str, str] = {}
    rest = text
    for word in _longest_first(glossary):
        pattern = _pattern(word)
        if len(found) == MAX_WORDS:
            break
        if pattern.search(rest):
            found[word] = glossary[word]
            rest = pattern.sub("\n", rest)
    return found


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(filter(None, words), key=lambda word: (-len(word), word))


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    """Whole words only, in scripts that part them."""
    start = "" if _is_wide(word[0]) or not _is_letter(word[0]) else r"(?<!\w)"
    end = "" if _is_wide(word[-1]) or not _is_letter(word[-1]) else r"(?:['’]?s|es)?(?!\w)"
    return re.compile(start + re.escape(word) + end, re.IGNORECASE)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_wide(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_WIDE_SCRIPTS)
