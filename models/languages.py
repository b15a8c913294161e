"""Compares BCP-47 tags: what a listener asks for with what an engine offers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.types import Language

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")


def match_language(wanted: Language, offered: Iterable[Language]) -> Language | None:
    """Return the tag of `offered` that serves `wanted` best, or None.

    The whole tag counts first, then ever shorter ones (RFC 4647, 3.4 Lookup: zh-Hant-TW, zh-Hant, zh), then
    any variety of the same primary language: pt is served by pt-BR.
    """
    tags = {tag.casefold(): tag for tag in offered}
    parts = wanted.casefold().split("-")
    for length in range(len(parts), 0, -1):
        if (tag := tags.get("-".join(parts[:length]))) is not None:
            return tag
    return next((tag for key, tag in tags.items() if key.split("-")[0] == parts[0]), None)


def check_language(tag: str) -> Language:
    """Return `tag` as a language.

    :raises UnknownLanguage: it has not the form of a BCP-47 tag.
    """
    if not _TAG.match(tag):
        raise UnknownLanguage(f"{tag[:40]!r} is no language tag", "Write one such as en, ja or pt-BR.")
    return Language(tag)


def same_language(one: str, other: str) -> bool:
    """Return whether two tags name one language, whatever the region: `pt` and `pt-BR` do."""
    return one.split("-")[0].casefold() == other.split("-")[0].casefold()
