"""Dates, spans, ranges, ratios and quantities with their units, as a person would say them.

The rules run in the order of `NUMBER_RULES`; docs/speakable-text.md shows each with an example.
"""

from __future__ import annotations

import re

from claude_narrator.daemon.text.phrases import Phrases
from claude_narrator.daemon.text.rewriting import Rule, rewrite
from claude_narrator.daemon.text.word_sets import word_set

_ALIASES = {
    "µs": "us",
    "μs": "us",
    "sec": "s",
    "secs": "s",
    "msec": "ms",
    "mins": "min",
    "hr": "h",
    "hrs": "h",
    "KB": "kB",
    "bytes": "B",
    "FPS": "fps",
    "℃": "°C",
}
_UNITS = word_set(
    "ns us µs μs ms msec s sec secs min mins h hr hrs B kB KB MB GB TB KiB MiB GiB kbps Mbps Gbps Hz "
    "kHz MHz GHz dB px fps FPS °C °F ℃"
)
_PER = "s|sec|second|min|minute|h|hour|day|week|month|year|user|token|request|req|call|file|line"
_NUMBER = r"\d{1,12}(?:[.,]\d{3}){0,4}(?:[.,]\d{1,9})?"


def _date(found: re.Match[str], phrases: Phrases) -> str:
    if not phrases.date:
        return found[0]
    month = phrases.months[int(found["month"]) - 1]
    date = phrases.date.format(year=found["year"], month=month, day=int(found["day"]))
    return phrases.date_time.format(date=date, time=found["time"]) if found["time"] else date


def _scientific(found: re.Match[str], phrases: Phrases) -> str:
    exponent = found[2].lstrip("+").replace("-", f"{phrases.symbols['minus']} ")
    return f"{found[1]} {phrases.symbols['times']} {phrases.power.format(base='10', exponent=exponent)}"


def _minus(_: re.Match[str], phrases: Phrases) -> str:
    return f"{phrases.symbols['minus']} "


def _about(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.about.format(number=found[1])


def _plus_or_minus(found: re.Match[str], phrases: Phrases) -> str:
    return f" {phrases.symbols['±']} {found[1]}"


def _range(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.range.format(first=found[1], last=found[2])


def _rising_range(found: re.Match[str], phrases: Phrases) -> str:
    """Say `5-10` as a range; what falls, such as 2025-26, is a name or an ordinary number."""
    first, last = (float(number.lstrip("$€£")) for number in (found[1], found[2]))
    return _range(found, phrases) if first < last else found[0]


def _ratio(found: re.Match[str], phrases: Phrases) -> str:
    counted = tuple(phrases.counted.split())
    if found[1] != found[2] and not (counted and found["thing"].startswith(counted)):
        return found[0]
    return phrases.ratio.format(first=found[1], last=found[2])


def _times(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.times_as.format(number=found[1])


def _duration(found: re.Match[str], phrases: Phrases) -> str:
    if not (found["h"] or found["s"]):
        return found[0]
    parts = [_quantity_of(found[unit], unit, phrases) for unit in ("h", "m", "s") if found[unit]]
    return (" " if " " in phrases.quantity else "").join(parts)


def _quantity(found: re.Match[str], phrases: Phrases) -> str:
    number, gap, unit, per = found["number"], found["gap"], found["unit"], found["per"]
    if (unit == "s" and not gap and len(number) == 4) or (unit == "B" and not gap):
        return found[0]
    said = _quantity_of(number, unit, phrases, one=bool(found["article"]))
    return (found["article"] or "") + (_per(said, per, phrases) if per else said)


def _quantity_of(number: str, unit: str, phrases: Phrases, one: bool = False) -> str:
    singular, plural = phrases.units[_ALIASES.get(unit, unit)]
    return phrases.quantity.format(number=number, unit=singular if one or number == "1" else plural)


def _rate(found: re.Match[str], phrases: Phrases) -> str:
    return _per(found["what"], found["per"], phrases)


def _per(what: str, per: str, phrases: Phrases) -> str:
    other = phrases.units.get(_ALIASES.get(per, per), (per,))[0]
    return phrases.per.format(unit=what, other=other)


_END = r"(?=$|[\s.,;:!?)\]、。）\u3040-\u9fff])"
_DATE = (
    r"(?<![\w/.-])(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:(?:T|\s(?=\d\d:\d\d))(?P<time>\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-]|\.\w)"
)
_SCIENTIFIC = r"(?<![\w.])(\d{1,3}(?:\.\d{1,6})?)e([+-]\d{1,3})(?![\w.]\w)"
_APPROXIMATE = r"(?<![\w~/])[~≈∼]\s?(?=[$€£]?\d)([$€£]?\d[\d.,]{0,20}\d|[$€£]?\d)"
_SPAN = r"(?<![\w–-])([$€£]?\d{1,9}(?:\.\d{1,4})?)–([$€£]?\d{1,9}(?:\.\d{1,4})?)(?![0-9_–-]|\.\d)"
_HYPHENED = (
    r"(?<![\w.,/:+–-])([$€£]?[1-9]\d{0,4}(?:\.\d{1,3})?|0(?:\.\d{1,3})?)-([$€£]?(?:[1-9]\d{0,4}|0)(?:\.\d{1,3})?)"
    r"(?=%|\s?[a-zµ°A-Z]{1,12}\b(?!-)|[,;:!?)\s]|\.(?!\w)|$)"
)
_RATIO = r"(?<![A-Za-z0-9_./-])(\d{1,6})/(\d{1,6})(?![A-Za-z0-9_/-]|\.\d)(?=\s?(?P<thing>[^\W\d_]{0,12}))"
_UNIT = "|".join(map(re.escape, sorted(_UNITS, key=lambda unit: (-len(unit), unit))))
_QUANTITY = (
    rf"(?P<article>\b[Aa]n?\s)?(?<![A-Za-z0-9_.,])(?P<number>{_NUMBER})(?P<gap>[ \u00a0\u202f]?)"
    rf"(?P<unit>{_UNIT})(?:/(?P<per>{_PER}))?(?![A-Za-z0-9_/-])"
)
_DURATION = (
    r"(?<![\w.])(?:(?P<h>\d{1,3})h\s?)?(?P<m>\d{1,3})m(?:\s?(?P<s>\d{1,2}(?:\.\d{1,3})?)s)?(?![A-Za-z0-9_-])"
)
NUMBER_RULES: tuple[Rule, ...] = (
    (re.compile(_DATE, re.ASCII), _date),
    (re.compile(_SCIENTIFIC, re.ASCII), _scientific),
    (re.compile(_APPROXIMATE, re.ASCII), _about),
    (re.compile(r"(?<![\w)\]–-])[−-](?=\$?\d)|−(?=\d)"), _minus),
    (re.compile(r"\s{0,3}±\s?(\d)"), _plus_or_minus),
    (re.compile(_SPAN, re.ASCII), _range),
    (re.compile(r"(?<![\w–])([A-Za-z]{2,20})–([A-Za-z]{2,20})(?![\w–])", re.ASCII), _range),
    (re.compile(_HYPHENED, re.ASCII), _rising_range),
    (re.compile(_RATIO), _ratio),
    (re.compile(r"(?<![A-Za-z0-9_.,×])(\d{1,9}(?:\.\d{1,4})?)\s?[x×](?!\s\d)" + _END), _times),
    (re.compile(_DURATION, re.ASCII), _duration),
    (re.compile(_QUANTITY), _quantity),
    (re.compile(r"(?<![\w/.])(?P<what>[a-z]{3,20})/(?P<per>s|sec|min)(?!\w)", re.ASCII), _rate),
    (re.compile(rf"(?<=\d\s)(?P<what>[A-Za-z]{{2,20}})/(?P<per>{_PER})(?!\w)"), _rate),
    (re.compile(rf"(?P<what>[$€£]\d[\d.,]{{0,12}})/(?P<per>{_PER}|mo)(?!\w)"), _rate),
)


def say_numbers(text: str, phrases: Phrases) -> str:
    """Return `text` with dates, ranges and units in words; other numbers are the voice's to say."""
    return rewrite(text, NUMBER_RULES, phrases)
