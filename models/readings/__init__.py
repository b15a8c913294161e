"""What a voice is given in place of what is written, by language: the place to add a language.

A reading takes text of its language and returns the same text with whatever the voices of that language would
spell, stumble over or leave out written as it is said. All voices of a language share it. It is pure, never
raises, and leaves what needs no reading as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from claude_narrator.models.languages import same_language
from claude_narrator.models.readings.japanese import read_japanese
from claude_narrator.models.types import Language

Reading = Callable[[str], str]

_READINGS: dict[str, Reading] = {"ja": read_japanese}


def reading_for(language: Language) -> Reading:
    """Return the reading of `language`, whatever the region; one that changes nothing where there is none."""
    return next((read for tag, read in _READINGS.items() if same_language(tag, language)), str)
