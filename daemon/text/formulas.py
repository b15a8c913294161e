"""Formulas between dollar signs, and the order of an algorithm, as one reads them out.

Only what stands in replies about code: powers, fractions, roots, Greek letters, comparisons. What is not
known loses its backslash and is said by name.
"""

from __future__ import annotations

import re

from claude_narrator.daemon.text.phrases import Phrases
from claude_narrator.daemon.text.rewriting import Rule, rewrite

_FORMULA = re.compile(
    r"(?P<code>`{1,3}[^`]{0,2000}`{1,3})"
    r"|(?<![\\$A-Za-z0-9_])(?P<marks>\${1,2})(?![\s$])(?P<formula>[^$`]{1,400}?)(?<![\s\\])(?P=marks)(?![\d$])"
    r"|\\\((?P<inline>[^`]{1,400}?)\\\)|\\\[(?P<display>[^`]{1,400}?)\\\]"
)
"""Code stays code; "$5 and $6" is no formula, because a space stands before the second sign."""
_IS_FORMULA = re.compile(r"[\\^_=+{(<>]|\A(?:[A-Za-z]{1,2}|-?\d{1,9})\Z")
_SHELL = re.compile(r"\A\{?[A-Z_][A-Z0-9_]{2,}|\A\(")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]{1,100})\}\{([^{}]{1,100})\}")
_ROOT = re.compile(r"\\sqrt\{([^{}]{1,100})\}")
_POWER = re.compile(r"([A-Za-z0-9)]{1,20})\s?\^\s?(?:\{([^{}]{1,40})\}|([A-Za-z0-9+-]))")
_SUPERSCRIPT = re.compile(r"([A-Za-z0-9)]{1,20})([²³])")
_PLAIN_POWER = re.compile(r"(?<![\w^])(\w{1,10})\^(?:\{([^{}]{1,40})\}|(-?\d{1,4}|[A-Za-z])(?!\w))", re.ASCII)
_MINUS = re.compile(r"(?<=\s)-(?=\s{0,3}[\w\\(])|\A-")
_ORDER = re.compile(r"\b(?:[OΘΩ])\(\s{0,3}([^()]{1,60}(?:\([^()]{1,40}\)[^()]{0,40})?)\)")
_COMMAND = re.compile(r"\\(?:mathcal|mathrm|mathbf|text|operatorname|left|right|displaystyle)\b|\\[,;!: ]")
_NAMED = re.compile(r"\\([A-Za-z]{1,20})")
_SIGNS = {
    "leq": "<=",
    "le": "<=",
    "geq": ">=",
    "ge": ">=",
    "neq": "!=",
    "ne": "!=",
    "to": "->",
    "rightarrow": "->",
    "times": "times",
    "cdot": "times",
    "pm": "±",
    "lt": "<",
    "gt": ">",
}


def say_formulas(markdown: str, phrases: Phrases) -> str:
    """Return inline Markdown with every formula in words; code keeps its dollar signs."""
    return _FORMULA.sub(lambda found: _say_found(found, phrases), markdown)


def say_powers(text: str, phrases: Phrases) -> str:
    """Return plain `text` with superscripts and the order of an algorithm in words: `O(n²)`."""
    return rewrite(text, POWER_RULES, phrases)


def _say_found(found: re.Match[str], phrases: Phrases) -> str:
    formula = found["formula"] or found["inline"] or found["display"] or ""
    if found["code"] or not _IS_FORMULA.search(formula) or _SHELL.match(formula):
        return found[0]
    return _say_formula(formula, phrases)


def _say_formula(formula: str, phrases: Phrases) -> str:
    text = _COMMAND.sub(" ", formula)
    text = _FRACTION.sub(lambda f: f" {phrases.fraction.format(above=f[1], below=f[2])} ", text)
    text = _ROOT.sub(lambda f: phrases.root.format(argument=f[1]), text)
    text = _POWER.sub(lambda f: _power_of(f[1], f[2] or f[3], phrases), text)
    text = say_powers(text, phrases)
    text = _NAMED.sub(lambda f: f" {_say_command(f[1], phrases)} ", text)
    text = _MINUS.sub(f" {phrases.symbols['minus']} ", text)
    text = re.sub(r"[<>](?!=)", lambda f: f" {phrases.symbols[f[0]]} ", text)
    return re.sub(r"[{}\\_]", " ", text)


def _say_command(name: str, phrases: Phrases) -> str:
    if name == "sum":
        return phrases.sum
    return phrases.symbols[_SIGNS[name]] if name in _SIGNS else name


def _say_order(found: re.Match[str], phrases: Phrases) -> str:
    argument = _POWER.sub(lambda f: _power_of(f[1], f[2] or f[3], phrases), found[1])
    return phrases.order_of.format(argument=argument)


def _power_of(base: str, exponent: str, phrases: Phrases) -> str:
    if exponent in ("2", "²"):
        return phrases.squared.format(base=base)
    if exponent in ("3", "³"):
        return phrases.cubed.format(base=base)
    return phrases.power.format(base=base, exponent=exponent)


POWER_RULES: tuple[Rule, ...] = (
    (_ORDER, _say_order),
    (_PLAIN_POWER, lambda found, phrases: _power_of(found[1], found[2] or found[3], phrases)),
    (_SUPERSCRIPT, lambda found, phrases: _power_of(found[1], found[2], phrases)),
)
"""Superscripts and the order of an algorithm, such as `O(n²)`."""
