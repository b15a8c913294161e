"""Developers' terms that come with the program: `terms.toml`, a section for each pair of languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from claude_narrator.models.prompt_notes import occurring
from claude_narrator.models.types import Language

_FILE = Path(__file__).with_name("terms.toml")


def with_terms(
    glossary: Mapping[str, str], text: str, source: Language, target: Language
) -> Mapping[str, str]:
    """Return `glossary` and the terms of the pair that occur in `text`, but for those it has a word of."""
    told = {part for word in occurring(text, glossary) for part in word.casefold().split()}
    terms = occurring(text, terms_of(source, target))
    return {word: said for word, said in terms.items() if told.isdisjoint(word.split())} | dict(glossary)


def terms_of(source: Language, target: Language) -> Mapping[str, str]:
    """Return the terms of a pair in lower case, whatever the regions; empty when there are none."""
    return _terms().get("-".join(tag.split("-")[0].lower() for tag in (source, target)), {})


@cache
def _terms() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
