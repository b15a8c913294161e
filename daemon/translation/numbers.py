"""The numbers in a text, whatever signs they are written in."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from claude_narrator.daemon.translation.facts import LanguageFacts

NUMBER = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+\Z|\d{1,3}(?:\.\d{3})+\Z")


def values_in(text: str, facts: LanguageFacts) -> frozenset[str]:
    """Return the values of the numbers in `text` as `keys_of` has them, those in words and signs as well."""
    keys = {key for number in NUMBER.findall(plain_width(text)) for key in keys_of(number)}
    return frozenset(keys | _in_signs(text, facts))


def values_in_words(text: str, facts: LanguageFacts) -> frozenset[str]:
    """Return the values of the numerals in `text`: of `forty-two` 40, 2 and 42."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    values = [facts.number_words[word] for word in words if word in facts.number_words]
    sums = [one + other for one, other in pairwise(values) if one > other]
    products = [one * other for one, other in pairwise(values) if one < other]
    return frozenset(map(str, (*values, *sums, *products)))


def counted_in(text: str, facts: LanguageFacts) -> list[tuple[str, str]]:
    """Return the numbers in `text` of digits and signs, such as 230万, each as written and with its value."""
    if not facts.number_units:
        return []
    units = re.escape("".join(facts.number_units))
    found = re.findall(rf"[0-9][0-9.,]*[{units}][0-9{units}]*", text)
    return [(each, _counted(each, facts)) for each in found]


def keys_of(number: str) -> frozenset[str]:
    """Return what a number counts as: `1,000`: 1000, `1,5`: 1.5, `1.000`: either; 3.10 is not 3.1."""
    plain = number.replace(",", ".")
    keys = {str(int(number)) if number.isdigit() else plain}
    if _GROUPED.match(number):
        keys.add(plain.replace(".", ""))
    return frozenset(keys)


def plain_width(text: str) -> str:
    """Return `text` with Latin letters, digits and signs of ordinary width."""
    return "".join(unicodedata.normalize("NFKC", c) if "０" <= c <= "ｚ" or c in "．，" else c for c in text)


def _in_signs(text: str, facts: LanguageFacts) -> set[str]:
    """The values of numbers such as 1万2千 or 四十二."""
    if not facts.number_units and not facts.digits:
        return set()
    signs = re.escape("".join(facts.number_units) + facts.digits)
    return {
        _counted(each, facts) for each in re.findall(rf"[0-9.,]*[{signs}][0-9{signs}]*", plain_width(text))
    }


def _counted(signs: str, facts: LanguageFacts) -> str:
    """The value of a number: a unit from 10,000 on multiplies all before it, another its own digits."""
    total, part, digits = 0.0, 0.0, ""
    for sign in signs.replace(",", ""):
        unit = facts.number_units.get(sign)
        if unit is None:
            digits += str(facts.digits.index(sign)) if sign in facts.digits else sign
            continue
        number, digits = _read(digits), ""
        if unit >= 10_000:
            total, part = total + (part + (number or 0) or 1) * unit, 0.0
        else:
            part += (1 if number is None else number) * unit
    value = total + part + (_read(digits) or 0)
    return str(int(value)) if value == int(value) else str(value)


def _read(digits: str) -> float | None:
    try:
        return float(digits)
    except ValueError:
        return None
