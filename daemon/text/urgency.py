"""Which sentences ask or warn, by language: the place to add a language.

A question mark asks in every language. The forms of a language that is not here are those of English, whose
technical words developers of all languages use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from claude_narrator.models.types import Language

_MARKS = ("?", "？", "؟", "՞")
_CLOSERS = "\"'”’)]»」』）】 "


@dataclass(frozen=True, slots=True)
class Urgency:
    """`asks` finds a question that has no question mark, `warns` what must not be missed; on plain text."""

    asks: re.Pattern[str]
    warns: re.Pattern[str]


_ENGLISH = Urgency(
    asks=re.compile(
        r"\Awhich (?:one|of|option)|\b(?:let me know|tell me (?:which|what|if|whether|how|when|where)|"
        r"please (?:confirm|choose|decide|advise|tell|answer|pick|approve)|(?:should|shall) i\b|"
        r"(?:do|would|did) you (?:want|like|prefer|mean)|is (?:it|that|this) (?:ok|okay|all right|fine)\b|"
        r"up to you|your (?:call|choice|decision)|waiting for your)",
        re.IGNORECASE,
    ),
    warns=re.compile(
        r"\b(?:errors?|warnings?|warns?|careful|carefully|caution|danger(?:ous)?|beware|attention|important|"
        r"critical(?:ly)?|severe|fatal|fail(?:s|ed|ing|ures?)?|must|cannot|can['’]t|could(?: not|n['’]t)|"
        r"unable|do not|don['’]t|crash(?:es|ed|ing)?|broken?|breaks|breaking|corrupt(?:s|ed)?|"
        r"los(?:es?|t)|overwrit(?:es?|ten|ing)|irreversibl[ey]|vulnerab\w*|insecure|unsafe|risk(?:s|y)?|"
        r"leak(?:s|ed|ing)?|denied|refused|rejected|timed out|deprecated|blocked)\b",
        re.IGNORECASE,
    ),
)
_JAPANESE = Urgency(
    asks=re.compile(
        r"(?:か|かな|かね)[。.]?\Z|(?:教えて|選んで|お選び|決めて|お知らせ|ご指示|ご確認|ご判断)"
        r"(?:ください|下さい|願い)|どうします|どれに|どちらに"
    ),
    warns=re.compile(
        "エラー|警告|注意|失敗|危険|必ず|できません|できない|できなかった|できませんでした|不可能|禁止|重要|"
        "致命的|例外|異常|壊れ|破損|クラッシュ|落ちます|落ちました|しないで|してはいけ|なければな|消えます|"
        "消えました|失われ|上書き|漏れ|漏洩|拒否|脆弱|非推奨|タイムアウト"
    ),
)
_TABLE = {"en": _ENGLISH, "ja": _JAPANESE}


def asks(sentence: str, language: Language) -> bool:
    """Return whether a plain sentence is a question or waits for an answer."""
    if sentence.rstrip(_CLOSERS).endswith(_MARKS):
        return True
    return bool(_forms(language).asks.search(sentence))


def warns(sentence: str, language: Language) -> bool:
    """Return whether a plain sentence tells of a failure or a danger."""
    return bool(_forms(language).warns.search(sentence))


def _forms(language: Language) -> Urgency:
    return _TABLE.get(language.replace("_", "-").split("-")[0].lower(), _ENGLISH)
