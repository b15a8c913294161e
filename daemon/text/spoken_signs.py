"""What a sign in a piece of code is: a word, a pause or nothing, by what stands on both sides of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from claude_narrator.daemon.text.phrases import Phrases
from claude_narrator.daemon.text.word_sets import word_set

_ALWAYS_SAID = word_set("-> => <- <-> == === != !== >= <= && || ?? := += -= = + %")
_SAID_WHEN_SPACED = word_set("< > * - | & / ** >> <<")
_OPERATIONS = {"*": "times", "%": "modulo", "/": "divided", "-": "minus"}
_TYPES = word_set(
    "None null undefined str string int float bool bytes number boolean Path dict list object void "
    "never unknown any"
)
_SHOUTED = re.compile(r"\b[A-Z]{3,}\s*\Z")
"""`SELECT *` is a star, `a * b` a product."""
_STRUCTURE = re.compile(r"[(){}\[\]\"'=;|]")
_WORD_END = re.compile(r"[\s>,;)\]|]")


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign between the code `left` and `right` of it."""

    text: str
    left: str
    right: str

    @property
    def spaced(self) -> bool:
        return not (self.left[-1:].strip() or self.right[:1].strip())

    @property
    def inside_word(self) -> bool:
        return self.left[-1:].isalnum() and self.right[:1].isalnum()

    @property
    def between_numbers(self) -> bool:
        return self.left[-1:].isdigit() and self.right[:1].isdigit()


def say_sign(code: str, start: int, end: int, phrases: Phrases) -> str:
    """Return what is said of the sign at `start` of `code`, with the spaces it needs."""
    sign = _Sign(code[start:end], code[:start], code[end:])
    if name := _name_of(sign):
        return f" {phrases.symbols[name]} "
    if sign.text == ":" and sign.right[:1].isspace() and not _STRUCTURE.search(code):
        return phrases.colon
    if sign.text in ",;":
        return phrases.comma
    if sign.text in "'\"" and sign.left[-1:].isalpha() and sign.right[:1].isalpha():
        return sign.text
    return " " if sign.text.isascii() else sign.text


def _name_of(sign: _Sign) -> str | None:
    """Return the symbol that the sign is, None when it is not said."""
    if sign.text == "|" and (sign.inside_word or _joins_types(sign)):
        return "type or"
    if sign.text in ("**", "~") and sign.inside_word:
        return "tilde" if sign.text == "~" else "**"
    if sign.text == "@" or (sign.text == "*" and sign.right[:1] in (".", ")")):
        return sign.text
    if sign.text in "<>" and sign.right[:1].isdigit() and not sign.left[-1:].isalnum():
        return sign.text
    if sign.text in _ALWAYS_SAID or (
        sign.text in _SAID_WHEN_SPACED and (sign.spaced or sign.between_numbers)
    ):
        return _operation(sign)
    return None


def _operation(sign: _Sign) -> str:
    """Return which symbol it is: a product or a star, a remainder or percent, a minus or a dash."""
    left, right = sign.left.rstrip(), sign.right.lstrip()
    operands = (left[-1:].isalnum() or left[-1:] in (")", "]")) and (
        right[:1].isalnum() or right[:1] in ("(", "_")
    )
    if not operands or sign.text not in _OPERATIONS:
        return sign.text
    if (sign.text == "*" and _SHOUTED.search(left)) or (sign.text == "-" and not sign.spaced):
        return sign.text
    return _OPERATIONS[sign.text]


def _joins_types(sign: _Sign) -> bool:
    """Tell whether a bar stands between types: `str | None`."""
    return bool({*sign.left.split()[-1:], *_WORD_END.split(sign.right.strip(), maxsplit=1)[:1]} & _TYPES)
