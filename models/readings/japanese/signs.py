"""Signs that a voice leaves out or stumbles over, as words; punctuation of Latin script as Japanese marks."""

from __future__ import annotations

import re
from collections.abc import Callable

_JA = "ぁ-ゖァ-ヺー々〆一-鿿"
_SAID = {
    "<->": "と",
    "-->": "から",
    "->": "から",
    "==>": "から",
    "=>": "から",
    "→": "から",
    "⇒": "から",
    "➜": "から",
    "<--": "左矢印",
    "<-": "左矢印",
    "←": "左矢印",
    "⇐": "左矢印",
    "↔": "と",
    "⇔": "と",
    "↑": "上矢印",
    "↓": "下矢印",
    "!==": "ノットイコール",
    "!=": "ノットイコール",
    "≠": "ノットイコール",
    "===": "イコール",
    "==": "イコール",
    ":=": "代入",
    "+=": "プラスイコール",
    "-=": "マイナスイコール",
    ">=": "以上",
    "≥": "以上",
    "≧": "以上",
    "<=": "以下",
    "≤": "以下",
    "≦": "以下",
    "≈": "ニアリーイコール",
    "≒": "ニアリーイコール",
    "&&": "かつ",
    "||": "または",
    "**": "べき乗",
    "::": "コロンコロン",
    "++": "プラスプラス",
    "--": "ダッシュダッシュ",
    "=": "イコール",
    "+": "プラス",
    "<": "小なり",
    ">": "大なり",
    "×": "かける",
    "÷": "わる",
    "&": "アンド",
    "@": "アット",
    "#": "シャープ",
    "%": "パーセント",
    "^": "キャレット",
    "$": "ドル",
    "¥": "円",
    "€": "ユーロ",
    "£": "ポンド",
    "|": "パイプ",
    "\\": "バックスラッシュ",
    "/": "スラッシュ",
    "∞": "無限大",
    "√": "ルート",
    "±": "プラスマイナス",
    "§": "セクション",
    "※": "こめじるし",
}
_SIGN = re.compile(
    " ?(?:" + "|".join(re.escape(sign) for sign in sorted(_SAID, key=len, reverse=True)) + ") ?"
)
_DROPPED = re.compile("[`\"“”*_~°™©®•]+|(?<![A-Za-z])'|'(?![A-Za-z])")
_HYPHEN = re.compile(r"(?<=\S)-(?=[^\s\d-])|(?<=[^\s\d-])-(?=\d)")
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"https?://", re.I), ""),
    (re.compile(r"(?<=\d) ?\* ?(?=\d)"), "かける"),
    (re.compile(r"(?<=\d) - (?=\d)"), "マイナス"),
    (_SIGN, lambda found: _SAID[found[0].strip(" ")]),
    (_DROPPED, " "),
    (re.compile(r"(?<=\d)-(?=\d)"), "ハイフン"),
    (_HYPHEN, " "),
    (re.compile(r" [-–—]{1,3} |(?<=\S)[—―]+(?=\S)"), "、"),
    (re.compile(rf"(?<=[{_JA}\d])\.{{1,2}}(?=[\s）」』)]|\Z)|(?<=[{_JA}])\.(?=[{_JA}])|．(?!\d)"), "。"),
    (re.compile(rf"(?<=[{_JA}\d）」』)])[,;:](?=[\s{_JA}「『（])\s?|(?<=[{_JA}])[,;:](?=\d)|[，；：]"), "、"),
    (re.compile(r"(?<=\S) {2,}(?=\S)"), " "),
)


def read_signs(text: str) -> str:
    """Return `text`, whose Latin words are read already, with its signs in words."""
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text
