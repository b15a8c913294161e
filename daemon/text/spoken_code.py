"""Inline code as a person would say it: the words, not the signs."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.names import say_dotted, say_hash, say_identifier, say_path, say_url
from claude_narrator.daemon.text.phrases import Phrases

_ASCII_SIGNS = str.maketrans({"→": "->", "⇒": "=>", "←": "<-", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*"})
_WINDOWS_PATH = re.compile(r"\b[A-Za-z]:\\(?:[\w.$ -]+\\)*([\w.$-]+)")
_LONGEST_CHARS = 100
_MOST_WORDS = 16

_TOKEN = re.compile(
    r"(?P<url>[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s`\"'<>]+)"
    r"|(?P<flag>(?<![\w-])--?[A-Za-z][\w-]*=?)"
    r"|(?P<number>(?<![\w.])v?\d+(?:[.,:]\d+)*(?:-[A-Za-z]+\.?\d*)?%?(?![\w/]))"
    r"|(?P<path>(?:~|\.{1,2}|@)?/?(?:[\w.@+*{}$-]+/)+[\w.@+*-]*(?:(?::|#L)\d+(?:[:-]L?\d+)?)?|~?/[\w.@+-]+|~(?=\s|$))"
    r"|(?P<name>\.?[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*(?P<where>:\d+(?:[:-]\d+)?(?!\w))?|\.[A-Za-z_][\w.-]*)"
    r"|(?P<word>\w+)"
    r"|(?P<sign>===|!==|<->|->|=>|<-|==|!=|>=|<=|&&|\|\||:=|\+=|-=|\*\*|::|\.{2,}|[^\w\s])"
    r"|(?P<space>\s+)",
    re.ASCII | re.DOTALL,
)
_ALWAYS_SAID = frozenset(
    (
        "->",
        "=>",
        "<-",
        "<->",
        "==",
        "===",
        "!=",
        "!==",
        ">=",
        "<=",
        "&&",
        "||",
        ":=",
        "+=",
        "-=",
        "=",
        "+",
        "%",
    )
)
_SAID_WHEN_SPACED = frozenset(("<", ">", "*", "-", "|", "&", "/", "**", ">>"))
_SAID_BEFORE_NAME = {"@": "@", "*.": "*"}


def say_code(code: str, phrases: Phrases) -> str:
    """Return what is said for inline `code`; never empty unless `code` is blank."""
    code = code.strip()
    if not code:
        return ""
    if len(code) > _LONGEST_CHARS:
        return phrases.some_code
    if said := _whole(code, phrases):
        return said
    said = _join(_say_tokens(_WINDOWS_PATH.sub(r"./\1", code).translate(_ASCII_SIGNS), phrases))
    if not re.search(r"\w", said):
        return _say_signs(code, phrases)
    return said if len(said.split()) <= _MOST_WORDS else phrases.some_code


def _whole(code: str, phrases: Phrases) -> str | None:
    """Return what is said when `code` is one thing of a known kind."""
    if said := phrases.symbols.get(code):
        return said
    if said := say_hash(code):
        return said
    if re.fullmatch(r"#\d{1,9}", code):
        return phrases.number.format(number=code[1:])
    return None


def _say_tokens(code: str, phrases: Phrases) -> list[str]:
    said: list[str] = []
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup if found.lastgroup != "where" else "name"
        if kind == "sign":
            said.append(_say_sign(code, found, phrases))
        elif kind == "space":
            said.append(" ")
        else:
            said.append(f" {_say_word(kind or 'word', found, phrases)} ")
    return said


def _say_word(kind: str, found: re.Match[str], phrases: Phrases) -> str:
    text = found[0]
    if kind == "url":
        return say_url(text, phrases)
    if kind == "flag":
        dashes = "--" if text.startswith("--") else "-"
        return f"{phrases.symbols[dashes]} {say_identifier(text.strip('-=').replace('-', '_'))}"
    if kind == "path":
        return _say_slashed(text, phrases)
    if kind == "name":
        where = found["where"] or ""
        name = text[: len(text) - len(where)]
        return say_path(text, phrases) if where else say_hash(name) or _leading_dot(name, phrases)
    return say_hash(text) or text


def _leading_dot(name: str, phrases: Phrases) -> str:
    return say_dotted(name.rstrip("."), phrases)


def _say_slashed(text: str, phrases: Phrases) -> str:
    """Return the last part of a path; both parts of `origin/main` or `application/json`."""
    parts = text.removeprefix("@").split("/")
    if len(parts) == 2 and all(parts) and "." not in text and ":" not in text and parts[0] != "~":
        slash = phrases.symbols["/"]
        return f" {slash} ".join(say_identifier(part) for part in parts)
    last = say_path(text.replace("*", "").replace("{", "").replace("}", ""), phrases)
    star = phrases.symbols["*"] if "*" in parts[-1] else ""
    return f"{star} {last}".strip()


def _say_sign(code: str, found: re.Match[str], phrases: Phrases) -> str:
    sign, start, end = found[0], found.start(), found.end()
    before, after = code[start - 1 : start], code[end : end + 1]
    spaced = (not before or before.isspace()) and (not after or after.isspace())
    between_numbers = before.isdigit() and after.isdigit()
    if sign in _ALWAYS_SAID or (sign in _SAID_WHEN_SPACED and (spaced or between_numbers)):
        name = "times" if sign == "*" and before else sign
        return f" {phrases.symbols[name]} "
    if (sign == "@" and not before.strip()) or (sign == "*" and after == "."):
        return f" {phrases.symbols[sign]} "
    if sign in ",;":
        return phrases.comma
    return _say_small_sign(sign, before, after)


def _say_small_sign(sign: str, before: str, after: str) -> str:
    if sign in "'\"" and before.isalpha() and after.isalpha():
        return sign
    return sign if not sign.isascii() else " "


def _say_signs(code: str, phrases: Phrases) -> str:
    """Return the names of the signs when there is nothing but signs."""
    signs = [phrases.symbols.get(each, "") for each in code if not each.isspace()]
    said = " ".join(each for each in signs[:4] if each)
    return said or phrases.some_code


def _join(said: list[str]) -> str:
    text = re.sub(r"\s+", " ", "".join(said)).strip()
    return re.sub(r" (?=[,、])", "", text).strip(" ,、")
