"""What the narrator itself has to say about a reply, by language: the place to add a language.

A language that is not here gets the English line, which the translator then takes along with the text.
"""

from __future__ import annotations

from dataclasses import dataclass

from claude_narrator.models.types import Language

ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class Notices:
    """`failed`: the turn ended with an error. `part_missing`: stands where text of the reply was lost.

    `untranslated`: what follows is said as it was written. `unspoken`: a sentence was left out.
    `other_voice`, `other_translator`: an engine failed, and another one does its work. `skipped_one`,
    `skipped`: so many sentences of a reply were left out to catch up; `numbers` are the words from two on.
    """

    language: Language
    failed: str
    part_missing: str
    untranslated: str
    unspoken: str
    other_voice: str
    other_translator: str
    skipped_one: str
    skipped: str
    numbers: tuple[str, ...] = ()


_NOTICES = {
    "en": Notices(
        ENGLISH,
        failed="Claude stopped because of an error.",
        part_missing="A part of the reply is missing here.",
        untranslated="The translator is not available. You hear the original.",
        unspoken="A sentence could not be spoken. The status says why.",
        other_voice="The voice failed. Another one speaks for now.",
        other_translator="The translator failed. Another one translates for now.",
        skipped_one="Skipped one sentence.",
        skipped="Skipped {number} sentences.",
        numbers=("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    ),
    "ja": Notices(
        Language("ja"),
        failed="エラーのため、クロードが止まりました。",
        part_missing="ここで返答の一部が抜けています。",
        untranslated="翻訳が使えないため、原文のまま読み上げます。",
        unspoken="読み上げられない文がありました。",
        other_voice="音声が使えなくなったため、別の音声で読み上げます。",
        other_translator="翻訳が使えなくなったため、別の翻訳に切り替えます。",
        skipped_one="1文、飛ばしました。",
        skipped="{number}文、飛ばしました。",
    ),
}


def notices_for(language: Language) -> Notices:
    """Return the notices in `language`, in English when there are none."""
    return _NOTICES.get(language.split("-")[0].lower(), _NOTICES["en"])


def skipped_notice(count: int, language: Language) -> tuple[str, Language]:
    """Return the sentence that says that `count` sentences were skipped, and the language it is in."""
    notices = notices_for(language)
    if count == 1:
        return notices.skipped_one, notices.language
    number = notices.numbers[count - 2] if count - 2 < len(notices.numbers) else str(count)
    return notices.skipped.format(number=number), notices.language
