"""What the narrator itself has to say about a reply, by language: the place to add a language.

A language that is not here gets the English line, which the translator then takes along with the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from claude_narrator.models.types import Language

ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class Notices:
    """`failed`: the turn ended with an error, `failed_because` with one of `reasons`, by Claude Code's kinds.

    `part_missing`: stands where text of the reply was lost.
    `untranslated`: what follows is said as it was written. `unfit`: so is it, for no translation of it was
    good enough. `unspoken`: a sentence was left out.
    `other_voice`, `other_translator`: an engine failed, and another one does its work.
    `in_project`, `in_another_session`: whose words follow, when they are another session's than before.
    `skipped_one`, `skipped`: so many sentences of a reply were left out to catch up; `numbers` are the words
    from two on.
    """

    language: Language
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
    numbers: tuple[str, ...] = ()

    def failure(self, error: str) -> str:
        """Return what is said of an error of the kind `error`."""
        reason = self.reasons.get(error)
        return self.failed_because.format(reason=reason) if reason else self.failed


_NOTICES = {
    "en": Notices(
        ENGLISH,
        failed="Claude stopped because of an error.",
        failed_because="Claude stopped: {reason}.",
        reasons={
            "authentication_failed": "the sign-in failed",
            "oauth_org_not_allowed": "the organisation does not allow it",
            "account_on_hold": "the account is on hold",
            "verification_required": "the account must be verified",
            "billing_error": "there is a problem with the billing",
            "rate_limit": "a usage limit is reached",
            "overloaded": "the service is overloaded",
            "invalid_request": "the request was refused",
            "model_not_found": "the model was not found",
            "server_error": "the server failed or the connection broke",
            "max_output_tokens": "the reply became too long",
            "cloud_credential_error": "the credentials of the cloud were refused",
        },
        part_missing="A part of the reply is missing here.",
        untranslated="The translator is not available. You hear the original.",
        unfit="A sentence could not be translated well. You hear the original.",
        unspoken="A sentence could not be spoken. The status says why.",
        other_voice="The voice failed. Another one speaks for now.",
        other_translator="The translator failed. Another one translates for now.",
        in_project="In {name}:",
        in_another_session="In another session:",
        skipped_one="Skipped one sentence.",
        skipped="Skipped {number} sentences.",
        numbers=("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    ),
    "ja": Notices(
        Language("ja"),
        failed="エラーのため、クロードが止まりました。",
        failed_because="{reason}ため、クロードが止まりました。",
        reasons={
            "authentication_failed": "ログインに失敗した",
            "oauth_org_not_allowed": "組織で許可されていない",
            "account_on_hold": "アカウントが停止されている",
            "verification_required": "アカウントの確認が必要な",
            "billing_error": "支払いに問題がある",
            "rate_limit": "利用制限に達した",
            "overloaded": "サービスが混み合っている",
            "invalid_request": "リクエストが拒否された",
            "model_not_found": "モデルが見つからない",
            "server_error": "サーバーの障害か接続の切断が起きた",
            "max_output_tokens": "返答が長くなりすぎた",
            "cloud_credential_error": "クラウドの認証情報が拒否された",
        },
        part_missing="ここで返答の一部が抜けています。",
        untranslated="翻訳が使えないため、原文のまま読み上げます。",
        unfit="うまく翻訳できない文があったため、原文のまま読み上げます。",
        unspoken="読み上げられない文がありました。",
        other_voice="音声が使えなくなったため、別の音声で読み上げます。",
        other_translator="翻訳が使えなくなったため、別の翻訳に切り替えます。",
        in_project="{name}からです。",
        in_another_session="別のセッションからです。",
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
