"""Developers' terms that come with the program: the section `terms.SOURCE` of the target's language file."""

from __future__ import annotations

from collections.abc import Mapping

from claude_narrator.models.language_file import language_file
from claude_narrator.models.languages import same_language
from claude_narrator.models.prompt_notes import occurring
from claude_narrator.models.types import Language


def with_terms(
    glossary: Mapping[str, str], text: str, source: Language, target: Language
) -> Mapping[str, str]:
    """Return `glossary` and the terms of the pair that occur in `text`, but for those it has a word of."""
    told = {part for word in occurring(text, glossary) for part in word.casefold().split()}
    terms = occurring(text, terms_of(source, target))
    return {word: said for word, said in terms.items() if told.isdisjoint(word.split())} | dict(glossary)


def terms_of(source: Language, target: Language) -> Mapping[str, str]:
    """Return the terms of a pair in lower case, whatever the regions; empty when there are none."""
    terms: Mapping[str, Mapping[str, str]] = language_file(target)["terms"]
    return next((said for tag, said in terms.items() if same_language(tag, source)), {})
