"""Inline code as a person would say it: the words, not the signs."""

from __future__ import annotations

import re
from itertools import takewhile

from claude_narrator.daemon.text.formulas import say_powers
from claude_narrator.daemon.text.names import (
    FILE_EXTENSIONS,
    say_dotted,
    say_email,
    say_hash,
    say_identifier,
    say_keys,
    say_path,
    say_url,
)
from claude_narrator.daemon.text.phrases import Phrases
from claude_narrator.daemon.text.spoken_numbers import say_numbers
from claude_narrator.daemon.text.spoken_signs import say_sign

_ASCII_SIGNS = str.maketrans({"→": "->", "⇒": "=>", "←": "<-", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*"})
_WINDOWS_PATH = re.compile(r"\b[A-Za-z]:\\(?:[\w.$ -]+\\)*([\w.$-]+)")
_LONGEST_CHARS = 100
_PATTERN = re.compile(
    r"\\[dwsbDWSB]\b|\\[dwsDWS][+*?]|\[\^?[a-z0-9]-[a-z0-9]|\(\?[:=!<]|\.\*[\])?$\\]|\A\^.*\$\Z"
)
_CRON = re.compile(r"[\d*/,-]{1,12}(?: [\d*/,-]{1,12}){4}")
_REMOTE = re.compile(r"git@(?P<host>[\w.-]{1,80}):[\w./~-]{1,200}")
_SPELLED = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")
_MOST_SPELLED = 12
_MOST_WORDS = 16
_MOST_COMMAND_WORDS = 3

_TOKEN = re.compile(
    r"(?P<url>[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s`\"'<>]+)"
    r"|(?P<flag>(?<![\w-])--?[A-Za-z][\w-]*=?)"
    r"|(?P<number>(?<![\w.])v?\d+(?:[.,:]\d+)*(?:-[A-Za-z]+\.?\d*)?%?(?![\w/]))"
    r"|(?P<path>(?:~|\.{1,2}|@)?/?(?:[\w.@+*{}$-]+/)+[\w.@+*-]*(?:(?::|#L)\d+(?:[:-]L?\d+)?(?![\w.]))?|~?/[\w.@+-]+|~(?=\s|$))"
    r"|(?P<name>\.?[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*(?P<where>:\d+(?:[:-]\d+)?(?!\w))?|\.[A-Za-z_][\w.-]*)"
    r"|(?P<word>\w+)"
    r"|(?P<sign>===|!==|<->|->|=>|<-|==|!=|>=|<=|&&|\|\||\?\?|<<|>>|:=|\+=|-=|\*\*|::|\.{2,}|[^\w\s])"
    r"|(?P<space>\s+)",
    re.ASCII | re.DOTALL,
)
_KEYS = re.compile(r"(?:(?:Ctrl|Cmd|Shift|Alt|Option|Meta|Win)\s?\+\s?){1,3}\w{1,10}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}", re.ASCII)
_CALL = re.compile(r"(?:await |new )?(?P<name>[A-Za-z_$][\w.$]{0,100})\((?P<inside>.*)\)\Z", re.S)
_DOTTED = re.compile(r"(?P<name>[A-Za-z_$][\w$]{0,100}(?:\.[A-Za-z_$][\w$]{0,100}){1,10})\Z")


def say_code(code: str, phrases: Phrases) -> str:
    """Return what is said for inline `code`; never empty unless `code` is blank."""
    code = code.replace("…", " ").strip()
    if not code:
        return ""
    if len(code) > _LONGEST_CHARS:
        return phrases.some_code
    if said := _whole(code, phrases):
        return said
    if phrases.style.inline_code == "short":
        code = _load_bearing(code)
    code = say_numbers(say_powers(code, phrases), phrases)
    said = _join(_say_tokens(_WINDOWS_PATH.sub(r"./\1", code).translate(_ASCII_SIGNS), phrases))
    if not re.search(r"\w", said):
        return _say_signs(code, phrases)
    return said if len(said.split()) <= _MOST_WORDS else phrases.some_code


def _whole(code: str, phrases: Phrases) -> str | None:
    """Return what is said when `code` is one thing of a known kind."""
    if said := phrases.alone.get(code) or phrases.symbols.get(code):
        return said
    if _PATTERN.search(code) or _CRON.fullmatch(code):
        return _spell(code, phrases)
    if found := _REMOTE.fullmatch(code):
        return phrases.link.format(host=found["host"])
    if said := say_hash(code):
        return said
    if re.fullmatch(r"#\d{1,9}", code):
        return phrases.number.format(number=code[1:])
    if _KEYS.fullmatch(code):
        return say_keys(code, phrases)
    return say_email(code, phrases) if _EMAIL.fullmatch(code) else None


def _load_bearing(code: str) -> str:
    """Return what carries `code`: a call's name, a dotted name's end, a command without its flags."""
    if call := _CALL.match(code):
        return call["name"].rsplit(".", 1)[-1]
    if (dotted := _DOTTED.match(code)) and not _is_file(code):
        return dotted["name"].rsplit(".", 1)[-1]
    words = code.split()
    kept = list(takewhile(lambda word: not word.startswith("-"), words))
    return " ".join(kept[:_MOST_COMMAND_WORDS]) if kept and len(kept) < len(words) else code


def _is_file(code: str) -> bool:
    return code.count(".") == 1 and code.rsplit(".", 1)[-1].lower() in FILE_EXTENSIONS


def _say_tokens(code: str, phrases: Phrases) -> list[str]:
    said: list[str] = []
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup if found.lastgroup != "where" else "name"
        if kind == "sign":
            said.append(say_sign(code, found.start(), found.end(), phrases))
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
    if len(parts) == 2 and all(parts) and "." not in text and ":" not in text and not set("~*$") & set(text):
        slash = phrases.symbols["/"]
        return f" {slash} ".join(say_identifier(part) for part in parts)
    last = say_path(re.sub(r"[*{}$]", "", text), phrases)
    if "*" not in parts[-1]:
        return last
    star = phrases.symbols["*"]
    return f"{star} {last}" if parts[-1].strip("*") else f"{last} {phrases.symbols['/']} {star}"


def _spell(code: str, phrases: Phrases) -> str:
    """Return a regular expression or a schedule sign by sign, when that is short enough to follow."""
    parts = _SPELLED.findall(code)
    if len(parts) > _MOST_SPELLED:
        return phrases.some_code
    said = (
        part if part.isalnum() else phrases.alone.get(part) or phrases.symbols.get(part, "") for part in parts
    )
    return " ".join(each for each in said if each) or phrases.some_code


def _say_signs(code: str, phrases: Phrases) -> str:
    """Return the names of the signs when there is nothing but signs."""
    signs = [phrases.symbols.get(each, "") for each in code if not each.isspace()]
    said = " ".join(each for each in signs[:4] if each)
    return said or phrases.some_code


def _join(said: list[str]) -> str:
    text = re.sub(r"\s+", " ", "".join(said)).strip()
    return re.sub(r" (?=[,、])", "", text).strip(" ,、")
