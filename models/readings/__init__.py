"""What a voice is given in place of what is written: a module a language, which its language file names.

A reading takes text of its language and returns the same text with whatever the voices of that language would
spell, stumble over or leave out written as it is said. All voices of a language share it. It is pure, never
raises, and leaves what needs no reading as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from claude_narrator.models.language_file import language_file
from claude_narrator.models.types import Language

Reading = Callable[[str], str]


@lru_cache(maxsize=64)
def reading_for(language: Language) -> Reading:
    """Return the reading of `language`, whatever the region; one that changes nothing where there is none."""
    module, _, function = language_file(language).get("reading", "").partition(":")
    reading: Reading = getattr(import_module(f"{__name__}.{module}"), function) if module else str
    return reading
