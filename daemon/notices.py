"""What the narrator itself has to say about a reply, by language: the place to add a language.

A language that is not here gets the English line, which the translator then takes along with the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from claude_narrator.models.types import Language

ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class Notices:
    """`failed`: the turn ended with an error. `part_missing`: stands where text of the reply was lost."""

    language: Language
    failed: str
    part_missing: str


_NOTICES = {
    "en": Notices(ENGLISH, "Claude stopped because of an error.", "A part of the reply is missing here."),
    "ja": Notices(
        Language("ja"), "エラーのため、クロードが止まりました。", "ここで返答の一部が抜けています。"
    ),
}


def notices_for(language: Language) -> Notices:
    """Return the notices in `language`, in English when there are none."""
    return _NOTICES.get(language.split("-")[0].lower(), _NOTICES["en"])
