"""The section `[glossary]` of the settings: words, and what they shall be in a translation.

`word = "translation"` holds for every language that is heard, one in `[glossary.ja]` for Japanese alone and
before the other. As a key, for `voice settings`, that is `glossary.word` and `glossary.ja.word`, with
quotation marks, as TOML has them, around a word that is more than letters, digits, `-` and `_`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from claude_narrator.daemon.open_section import OpenSection
from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language

SECTION = "glossary"
EVERY_LANGUAGE = ""
MAX_WORDS = 500
MAX_CHARACTERS = 80
"""Of a word, and of its translation."""
Glossary = Mapping[str, Mapping[str, str]]
"""Translations by word, by language tag or EVERY_LANGUAGE; never an empty text."""
DEFAULT_LINES = (
    f"[{SECTION}]",
    "# Words that shall be translated in one way, a line each, such as: worker='ワーカー'",
    f"# In a section [{SECTION}.ja] those for Japanese alone.",
    "",
)
"""The section as a new settings file shows it."""


def parts_of(key: str) -> tuple[str, ...]:
    """Return `glossary.word` or `glossary.ja.word` as its parts.

    :raises BadInput: it has another form.
    """
    parts: list[str] = []
    try:
        given: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        given = {}
    while isinstance(given, dict) and len(given) == 1:
        ((part, given),) = given.items()
        parts.append(part)
    if len(parts) not in (2, 3) or parts[0] != SECTION:
        raise BadInput(
            f"{key[:80]!r} is no word of the glossary",
            f"Write {SECTION}.worker, {SECTION}.ja.worker or {SECTION}.'pull request'.",
        )
    return tuple(parts)


def keys_of(glossary: Glossary) -> tuple[str, ...]:
    """Return every word as a key that `parts_of` understands."""
    return tuple(
        ".".join(filter(None, (SECTION, tag, _quoted(word))))
        for tag, words in glossary.items()
        for word in words
    )


def value_in(glossary: Glossary, key: str) -> str:
    """Return the translation that `key` names, empty when there is none.

    :raises BadInput: as `parts_of`.
    """
    *_, tag, word = ("", *parts_of(key)[1:])
    return glossary.get(tag, {}).get(word, "")


def mistakes_in(section: Any) -> list[str]:
    """Return a line for each mistake in the table `glossary` of a settings file."""
    if not isinstance(section, Mapping):
        return [
            f"{SECTION} cannot be {str(section)[:40]!r}; write [{SECTION}] and below it word = 'translation'"
        ]
    mistakes, count = [], 0
    for name, value in section.items():
        words = value if isinstance(value, Mapping) else {name: value}
        where = f"{SECTION}.{name}" if isinstance(value, Mapping) else SECTION
        mistakes += _wrong_tag(name) if isinstance(value, Mapping) else []
        mistakes += [line for word, said in words.items() if (line := _wrong_word(where, word, said))]
        count += len(words)
    return mistakes + ([f"{SECTION} has {count} words, more than {MAX_WORDS}"] if count > MAX_WORDS else [])


def glossary_in(section: Mapping[str, Any]) -> Glossary:
    """Return what a table without mistakes says."""
    tables = {tag: dict(words) for tag, words in section.items() if isinstance(words, Mapping)}
    plain = {word: said for word, said in section.items() if isinstance(said, str)}
    return {EVERY_LANGUAGE: plain, **tables} if plain else tables


def merged(base: Glossary, over: Glossary) -> Glossary:
    """Return both, `over` before `base` where they have the same word for the same language."""
    tags = dict.fromkeys((*base, *over))
    return {tag: {**base.get(tag, {}), **over.get(tag, {})} for tag in tags}


def words_for(glossary: Glossary, target: Language) -> dict[str, str]:
    """Return the words for a target language: those for every one, then of `pt`, then of `pt-BR`."""
    parts = target.casefold().split("-")
    by_tag = {tag.casefold(): words for tag, words in glossary.items()}
    chain = [EVERY_LANGUAGE, *("-".join(parts[: n + 1]) for n in range(len(parts)))]
    return {word: said for tag in chain for word, said in by_tag.get(tag, {}).items()}


def _wrong_tag(tag: str) -> list[str]:
    try:
        check_language(tag)
    except UnknownLanguage as error:
        return [f"{SECTION}.{tag[:40]}: {error.problem}"]
    return []


def _wrong_word(where: str, word: str, said: Any) -> str:
    if not isinstance(said, str):
        return f"{where}.{word[:40]} cannot be {str(said)[:40]!r}; write its translation in quotation marks"
    for text in (word, said):
        if not text.strip() or not text.isprintable() or len(text) > MAX_CHARACTERS:
            return (
                f"{where}.{word[:40]!r}: word and translation must be a line of 1 to {MAX_CHARACTERS} letters"
            )
    return ""


def _quoted(word: str) -> str:
    is_bare = word.isascii() and word.replace("-", "").replace("_", "").isalnum()
    if is_bare:
        return word
    return f"'{word}'" if "'" not in word else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _default_of(key: str) -> str:
    parts_of(key)
    return ""


OPEN = OpenSection(
    parts_of,
    _default_of,
    value_in,
    mistakes_in,
    lambda before, table: merged(before, glossary_in(table)),
    lambda: DEFAULT_LINES,
)
