"""Which sentences ask or warn, by the section `urgency` of the language files.

A question mark asks in every language, and so do the words of English: developers of all languages use its
technical ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

from claude_narrator.models.language_file import ENGLISH, language_file, writes_spaces
from claude_narrator.models.types import Language

_MARKS = ("?", "？", "؟", "՞")
_CLOSERS = "\"'”’)]»」』）】 "
_SECTION, _ASKS, _WARNS = "urgency", "asks", "warns"


def asks(sentence: str, language: Language) -> bool:
    """Return whether a plain sentence is a question or waits for an answer."""
    if sentence.rstrip(_CLOSERS).endswith(_MARKS):
        return True
    return bool(_forms(language, _ASKS).search(sentence))


def warns(sentence: str, language: Language) -> bool:
    """Return whether a plain sentence tells of a failure or a danger."""
    return bool(_forms(language, _WARNS).search(sentence))


@lru_cache(maxsize=64)
def _forms(language: Language, key: str) -> re.Pattern[str]:
    joined = "|".join((_of(language, key), _of(ENGLISH, key)))
    return re.compile(joined, re.IGNORECASE)


def _of(language: Language, key: str) -> str:
    """Return the forms of a language as one pattern, of whole words where spaces part them."""
    forms = "|".join(language_file(language).get(_SECTION, {}).get(key, ())) or "(?!)"
    return rf"(?<!\w)(?:{forms})(?!\w)" if writes_spaces(language) else forms
