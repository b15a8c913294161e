"""What the narrator itself has to say about a reply, from the section `notices` of the language files.

A language without that section gets the English line, which the translator then takes along with the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from claude_narrator.models.language_file import ENGLISH, language_file
from claude_narrator.models.types import Language

_SECTION = "notices"


@dataclass(frozen=True, slots=True)
class Notices:
    """`greeting`: the first sentence ever, in the language that Claude writes.

    `failed`: the turn ended with an error, `failed_because` with one of `reasons`, by Claude Code's kinds.

    `part_missing`: stands where text of the reply was lost.
    `untranslated`: what follows is said as it was written. `unfit`: so is it, for no translation of it was
    good enough. `unspoken`: a sentence was left out.
    `other_voice`, `other_translator`: an engine failed, and another one does its work.
    `in_project`, `in_another_session`: whose words follow, when they are another session's than before.
    `skipped_one`, `skipped`: so many sentences of a reply were left out to catch up; `numbers` are the words
    from two on.
    """

    language: Language
    greeting: str
    failed: str
    failed_because: str
    reasons: Mapping[str, str]
    part_missing: str
    untranslated: str
    unfit: str
    unspoken: str
    other_voice: str
    other_translator: str
    in_project: str
    in_another_session: str
    skipped_one: str
    skipped: str
    numbers: tuple[str, ...]

    def failure(self, error: str) -> str:
        """Return what is said of an error of the kind `error`."""
        reason = self.reasons.get(error)
        return self.failed_because.format(reason=reason) if reason else self.failed


@lru_cache(maxsize=64)
def notices_for(language: Language) -> Notices:
    """Return the notices in `language`, in English when there are none."""
    given = language_file(language).get(_SECTION)
    if given is None:
        return notices_for(ENGLISH)
    return Notices(language, **{**given, "numbers": tuple(given["numbers"])})


def skipped_notice(count: int, language: Language) -> tuple[str, Language]:
    """Return the sentence that says that `count` sentences were skipped, and the language it is in."""
    notices = notices_for(language)
    if count == 1:
        return notices.skipped_one, notices.language
    number = notices.numbers[count - 2] if count - 2 < len(notices.numbers) else str(count)
    return notices.skipped.format(number=number), notices.language
