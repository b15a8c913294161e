"""What a voice is given in place of what is written: the user's words, then the language's own reading."""

from __future__ import annotations

from collections.abc import Mapping

from claude_narrator.daemon.glossary import words_for
from claude_narrator.daemon.text.substitution import Substitution
from claude_narrator.models.readings import reading_for
from claude_narrator.models.types import Language


class Pronunciation:
    """How the texts of a session are pronounced, whatever the engine."""

    def __init__(self, dictionary: Mapping[str, Mapping[str, str]]) -> None:
        """`dictionary` has readings by word, by language."""
        self._dictionary = dictionary
        self._substitutions: dict[Language, Substitution] = {}

    def spoken(self, text: str, language: Language) -> str:
        """Return `text`, which is in `language`, as a voice shall say it."""
        if (own := self._substitutions.get(language)) is None:
            own = self._substitutions[language] = Substitution(words_for(self._dictionary, language))
        return reading_for(language)(own.apply(text))


AS_WRITTEN = Pronunciation({})
"""No words of the user's."""
