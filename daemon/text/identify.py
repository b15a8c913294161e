"""Tells languages of one script apart by their words, where it is certain; py3langid does the work."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from claude_narrator.models.types import Language

MIN_WORDS, CERTAIN = 3, 0.98
"""Fewer words of prose, or a lower probability, leave it open."""
_LOOK_AT_CHARS = 1_000
_NAME = re.compile(r"\S*[\d_/\\.@#=(){}<>\[\]`]\S+|[\"“`'‘][^\"“”`'‘’]*[\"”`'’]|\b[A-Z]{2,}\b|\b\w+[A-Z]\w*")
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_certainly(text: str, language: Language, other: Language) -> bool:
    """Return whether `text` is in `language` and not in `other`; False when that is open or not known."""
    prose = " ".join(_WORD.findall(_NAME.sub(" ", text[:_LOOK_AT_CHARS])))
    if len(prose.split()) < MIN_WORDS:
        return False
    tags = frozenset(tag.split("-")[0].lower() for tag in (language, other))
    identifier = _identifier(tags)
    if identifier is None:
        return False
    found, probability = identifier.classify(prose)
    return bool(found == language.split("-")[0].lower() and probability >= CERTAIN)


@lru_cache(maxsize=8)
def _identifier(tags: frozenset[str]) -> Any:
    """What tells `tags` apart, None when it does not know one of them; 0.1 s and 40 MB the first time."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # only where two languages share a script

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    if not tags <= set(identifier.nb_classes):
        return None
    identifier.set_languages(sorted(tags))
    return identifier
