"""Names as the narrator says them in a sentence: `cache dot ts`, `dot env`, `origin slash main`, `9 c 4 e`.

What is narrated has been made sayable before it is translated, so that names no longer look like names. Where
nobody tells which words are one, those that are certain are found here. The words of `get_user` are not: "get
user" may be prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from claude_narrator.daemon.text.names import FILE_EXTENSIONS
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.models.types import Language

_EXTENSIONS = "|".join(sorted(FILE_EXTENSIONS - {"env"}, key=len, reverse=True))
_HIDDEN = r"env|git[a-z]{2,20}|[a-z]{1,20}rc|[a-z]{1,20}ignore|dockerignore"
_REMOTES = r"origin|upstream"
_WORD = r"[\w-]{1,60}"
_HASH = r"(?<![\w.])(?=(?:[a-f] ){0,3}\d(?!\w))(?=(?:\d ){0,3}[a-f](?!\w))(?:[0-9a-f] ){3}[0-9a-f](?!\w)"


def spoken_names_in(text: str, language: Language, words: Iterable[str] = ()) -> dict[str, str]:
    """Return the names that are certain in `text`, which is in `language`, each with how it is written.

    None of `words`, which every text has, begins a name.
    """
    pattern = _pattern(language)
    if pattern is None:
        return {}
    common = frozenset(words)
    names = (_without_first(match[0], language, common) for match in pattern.finditer(text))
    return {name: _written(name, language) for name in names}


@cache
def sign_words(language: Language) -> frozenset[str]:
    """Return the words that stand for the signs in names, `dot` and `dash` in English."""
    phrases = phrases_for(language)
    said = (phrases.dot, *(phrases.symbols[sign] for sign in ("-", "--", "/")))
    return frozenset(word for each in said for word in each.split() if word.isalpha())


@cache
def _pattern(language: Language) -> re.Pattern[str] | None:
    """None where names are said as they are written."""
    dot, slash = _signs(language)
    if dot.strip() == ".":
        return None
    start, end = r"(?<![\w.-])", r"(?![\w-])"
    forms = (
        rf"{start}{_WORD}(?:{dot}{_WORD}){{2,6}}{end}",
        rf"{start}{_WORD}{dot}(?:{_EXTENSIONS}){end}",
        rf"{start}{dot.lstrip()}(?:{_HIDDEN}){end}",
        rf"{start}(?:{_REMOTES}){slash}{_WORD}{end}",
        _HASH,
    )
    return re.compile("|".join(forms), re.ASCII)


def _signs(language: Language) -> tuple[str, str]:
    phrases = phrases_for(language)
    return phrases.dot, f" {phrases.symbols['/']} "


def _without_first(name: str, language: Language, words: frozenset[str]) -> str:
    first, dot, rest = name.partition(_signs(language)[0])
    return (dot + rest).strip() if rest and first.casefold() in words else name


def _written(name: str, language: Language) -> str:
    dot, slash = _signs(language)
    if re.fullmatch(r"\w(?: \w)+", name):
        return name.replace(" ", "")
    if name.startswith(dot.lstrip()):
        name = f".{name.removeprefix(dot.lstrip())}"
    return name.replace(dot, ".").replace(slash, "/")
