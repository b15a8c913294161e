"""Numbers with what belongs to them: dates, times, versions, units, amounts of money, ranges, comparisons.

The digits stay; Japanese front ends read `3件`, `20日` and `3.5` as a Japanese would. What they do not know
is written so that they do: `1,234` without its comma, `3.11.2` as `3.11テン2`, `14:30` as `14時30分`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from claude_narrator.models.readings.japanese.units import CURRENCIES, PER, UNITS

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_ALONE, _END = r"(?<![A-Za-z0-9_.,])", r"(?![A-Za-z0-9_])"
_NUMBER = r"\d{1,15}(?:\.\d{1,15})?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_CURRENCY = "".join(map(re.escape, CURRENCIES))
_COUNTER = (
    "時間|分間|秒間|日間|年間|週間|か月|ヶ月|カ月|文字|[秒分時日件個本回行枚台人倍度年月名冊杯匹番階歳円点つ]"
)
_QUANTITY = rf"{_NUMBER}[ァ-ヺー]{{0,12}}(?:{_COUNTER})?"
_COMPARED = {
    **dict.fromkeys((">=", "≥", "≧"), "以上"),
    **dict.fromkeys(("<=", "≤", "≦"), "以下"),
    "<": "未満",
    ">": "より大きい",
}
_SPANS = {"d": "日", "h": "時間", "m": "分", "s": "秒"}


def _date(found: re.Match[str]) -> str:
    year, month, day = found[1], int(found[3]), found[4]
    if not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
        return found[0]
    return f"{year}年{month}月" + (f"{int(day)}日" if day else "")


def _time(found: re.Match[str]) -> str:
    hour, minute, second = int(found[1]), int(found[2]), found[3]
    if hour > 29 or minute > 59 or (second and int(second) > 59):
        return found[0]
    seconds = f"{int(second)}秒" if second and int(second) else ""
    return f"{hour}時" + (f"{minute}分" if minute or seconds else "") + seconds


def _version(found: re.Match[str]) -> str:
    """Front ends read one point; the further ones are written out."""
    first, second, *rest = found[0].split(".")
    return f"{first}.{second}" + "".join(f"テン{part}" for part in rest)


def _span(found: re.Match[str]) -> str:
    return "".join(f"{int(count)}{_SPANS[unit]}" for count, unit in re.findall(r"(\d+)([dhms])", found[0]))


def _unit(found: re.Match[str]) -> str:
    return found[1] + UNITS[found[2]] + (PER.get(found[3], "") if found[3] else "")


def _compared(found: re.Match[str]) -> str:
    return found[2] + _COMPARED[found[1]]


def _scientific(found: re.Match[str]) -> str:
    sign = "マイナス" if found[2] == "-" else ""
    return f"{found[1]}かける10の{sign}{int(found[3])}乗"


_RULES: tuple[Rule, ...] = (
    (re.compile(rf"{_ALONE}(\d{{4}})([-/])(\d{{1,2}})\2(\d{{1,2}})(?!\d|[-/.]\d)(?:T(?=\d))?"), _date),
    (re.compile(rf"{_ALONE}((?:19|20)\d\d)(-)(0[1-9]|1[0-2])(){_END}(?!-)"), _date),
    (re.compile(r"(?<![A-Za-z0-9_.,:])(\d{1,2}):(\d\d)(?::(\d\d))?(?![0-9:]|\.\d)(?:Z(?![A-Za-z]))?"), _time),
    (re.compile(r"(?<![A-Za-z0-9_.:])(\d{1,4}):(?=\d)"), lambda found: f"{found[1]}対"),
    (re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3}){1,5}(?![\d,])"), lambda found: found[0].replace(",", "")),
    (re.compile(rf"{_ALONE}({_NUMBER})[eE]([-+]?)(\d{{1,3}}){_END}"), _scientific),
    (re.compile(r"(\d) ?(?:\^|\*\*) ?(\d{1,9})(?!\d)"), lambda found: f"{found[1]}の{found[2]}乗"),
    (re.compile(r"(?:バージョン ?)?(?<![A-Za-z0-9_])v(?:er)?\.? ?(?=\d)"), lambda _: "バージョン"),
    (re.compile(r"(?<![\d.])\d{1,9}(?:\.\d{1,9}){2,8}(?![\d.]*\d)"), _version),
    (re.compile(rf"{_ALONE}\d{{1,9}}[dhm](?:\d{{1,9}}[hms]){{1,3}}{_END}"), _span),
    (re.compile(rf"{_ALONE}([{_CURRENCY}])({_NUMBER})(?!\d)"), lambda found: found[2] + CURRENCIES[found[1]]),
    (re.compile(rf"{_ALONE}({_NUMBER}) ?({_UNIT})(?:/({'|'.join(PER)}))?{_END}"), _unit),
    (re.compile(r"(?<=\d)(?<!(?<!\d)0) ?[xX×] ?(?=\d)"), lambda _: "かける"),
    (re.compile(rf"{_ALONE}({_NUMBER}) ?[xX×]{_END}"), lambda found: f"{found[1]}倍"),
    (re.compile(rf"{_ALONE}(\d{{1,9}})(?:st|nd|rd|th){_END}"), lambda found: f"{found[1]}番目"),
    (re.compile(rf"(?<![A-Za-z0-9_#&])#(\d{{1,9}}){_END}"), lambda found: f"{found[1]}番"),
    (re.compile(rf"({_QUANTITY}) ?[〜～–~] ?(?=\d)"), lambda found: f"{found[1]}から"),
    (re.compile(r"(?<![A-Za-z0-9_.,-])(\d{1,9}(?:\.\d{1,9})?)-(?=\d{1,9}(?:\.\d{1,9})?[%ぁ-ゖァ-ヺ一-鿿々])"),
     lambda found: f"{found[1]}から"),
    (re.compile(rf"({_QUANTITY})[〜～](?!\S)"), lambda found: f"{found[1]}から"),
    (re.compile(r"(?<![A-Za-z0-9_.,])[~〜～] ?(?=\d)"), lambda _: "約"),
    (re.compile(rf"(?<![<>=!-]) ?(>=|<=|[≥≤≧≦]|<|>) ?({_QUANTITY})(?![.\d])"), _compared),
    (re.compile(r"(?<![A-Za-z0-9_)-])-(?=\d)"), lambda _: "マイナス"),
    (re.compile(r"± ?(?=\d)"), lambda _: "プラスマイナス"),
)  # fmt: skip


def read_numbers(text: str) -> str:
    """Return `text`, in narrow digits, with what belongs to its numbers in words."""
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    return text
