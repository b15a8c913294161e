"""The user's dictionary: words, and what a voice is given in their place; one for every engine.

`word = "reading"` holds for every language that is heard, one in `[dictionary.ja]` for Japanese alone and
before the other. The user's own is a file of this form; a project has a section of it in its settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from claude_narrator.daemon.glossary import EVERY_LANGUAGE, glossary_in, merged
from claude_narrator.daemon.open_section import OpenSection
from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language

SECTION = "dictionary"
MAX_WORDS = 5000
MAX_WORD_CHARS, MAX_READING_CHARS = 80, 200
HOW_TO_ADD = "voice dictionary add WORD READING"
Dictionary = Mapping[str, Mapping[str, str]]
"""Readings by word, by language tag or EVERY_LANGUAGE; never an empty text."""


def mistake_in(word: Any, reading: Any, language: Any = EVERY_LANGUAGE) -> str:
    """Return what is wrong with an entry, without naming it; empty when nothing is."""
    for text, name, most in ((word, "word", MAX_WORD_CHARS), (reading, "reading", MAX_READING_CHARS)):
        if not isinstance(text, str):
            return f"the {name} is no text"
        if text != text.strip() or not text or not text.isprintable() or len(text) > most:
            return f"the {name} must be a line of 1 to {most} characters, without spaces around it"
        if not any(map(str.isalnum, text)):
            return f"the {name} has neither a letter nor a digit"
    return _wrong_tag(language)


def mistakes_in(section: Any) -> list[str]:
    """Return a line for each mistake in the table `dictionary` of a settings file."""
    if not isinstance(section, Mapping):
        return [f"{SECTION} cannot be {str(section)[:40]!r}; write [{SECTION}] and below it word = 'reading'"]
    tables = {name: words for name, words in section.items() if isinstance(words, Mapping)}
    plain = {name: reading for name, reading in section.items() if name not in tables}
    return mistakes_in_tables({EVERY_LANGUAGE: plain, **tables}, SECTION)


def mistakes_in_tables(tables: Mapping[str, Any], where: str) -> list[str]:
    """Return a line for each mistake in tables of words by language; `where` is what they are in."""
    mistakes, count = [], 0
    for tag, words in tables.items():
        place = f"{where}.{tag[:40]}" if tag else where
        mistakes += [f"{place}: {wrong}"] if (wrong := _wrong_tag(tag)) else []
        mistakes += [
            f"{place}.{w[:40]!r}: {wrong}" for w, said in words.items() if (wrong := mistake_in(w, said))
        ]
        count += len(words)
    return mistakes + ([f"{where} has {count} words, more than {MAX_WORDS}"] if count > MAX_WORDS else [])


def same_word(one: str, other: str) -> bool:
    """Return whether two entries are about one word: case does not count."""
    return one.casefold() == other.casefold()


def with_words(dictionary: Dictionary, entries: Iterable[tuple[str, str, str]]) -> Dictionary:
    """Return `dictionary` with entries of word, reading and language, in place of those for the same word."""
    tables = {tag: dict(words) for tag, words in dictionary.items()}
    known = {(tag, word.casefold()): word for tag, words in tables.items() for word in words}
    for word, reading, tag in entries:
        table = tables.setdefault(tag, {})
        if (before := known.get((tag, word.casefold()))) is not None:
            del table[before]
        table[word] = reading
        known[tag, word.casefold()] = word
    return tables


def without_word(dictionary: Dictionary, word: str, language: str) -> Dictionary:
    """Return `dictionary` without its entry for a word and language; the same when it has none."""
    kept = {
        tag: {w: said for w, said in words.items() if tag != language or not same_word(w, word)}
        for tag, words in dictionary.items()
    }
    return {tag: words for tag, words in kept.items() if words}


def _wrong_tag(tag: Any) -> str:
    if tag == EVERY_LANGUAGE:
        return ""
    try:
        check_language(str(tag))
    except UnknownLanguage as error:
        return error.problem
    return ""


def _no_setting(key: str) -> NoReturn:
    raise BadInput(
        f"{key[:80]!r} is no setting: words of the dictionary have a command", f"Run: {HOW_TO_ADD}"
    )


OPEN = OpenSection(
    lambda key: _no_setting(key),
    lambda key: _no_setting(key),
    lambda dictionary, key: _no_setting(key),
    mistakes_in,
    lambda before, table: merged(before, glossary_in(table)),
    lambda: (),
)
