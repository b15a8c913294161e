"""What plain text says in place of addresses, paths, operators and other things that are not words.

The rules run in the order of `_RULES`; docs/speakable-text.md shows each with an example.
"""

from __future__ import annotations

import re

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
from claude_narrator.daemon.text.rewriting import Rule, rewrite
from claude_narrator.daemon.text.spoken_numbers import say_numbers

_EXTENSIONS = "|".join(sorted(FILE_EXTENSIONS, key=len, reverse=True))
_TRAILING = ".,;:!?)]}'\"*_"


def _url(found: re.Match[str], phrases: Phrases) -> str:
    url = found[0].rstrip(_TRAILING)
    if "(" in url and found[0][len(url) :].startswith(")"):
        url += ")"
    return say_url(url, phrases) + found[0][len(url) :]


def _path(found: re.Match[str], phrases: Phrases) -> str:
    text = found[0].rstrip(".,;:")
    rest = found[0][len(text) :]
    parts = [part for part in text.split("/") if part]
    rooted = text.startswith(("/", "~/", "./", "../"))
    named = bool(parts) and re.search(r"\.\w{1,8}(?::\d+(?:[:-]\d+)?)?\Z", parts[-1], re.ASCII) is not None
    numbers = all(part.isdigit() for part in parts)
    if not parts or numbers or not (rooted or len(parts) >= 3 or named or text.endswith("/")):
        return found[0]
    return say_path(text, phrases) + rest


def _whole_path(found: re.Match[str], phrases: Phrases) -> str:
    path = found[0].rstrip(".")
    if path.casefold() in phrases.abbreviations:
        return found[0]
    return say_path(path, phrases) + found[0][len(path) :]


def _hash(found: re.Match[str], _: Phrases) -> str:
    said = say_hash(found["hash"])
    return f"{found['algorithm'] or ''} {said}".strip() if said else found[0]


def _name(found: re.Match[str], phrases: Phrases) -> str:
    name = found["name"]
    return say_dotted(name, phrases) if "." in name.strip(".") else say_identifier(name)


def _flag(found: re.Match[str], phrases: Phrases) -> str:
    return f"{phrases.symbols['--']} {say_identifier(found['name'].replace('-', '_'))}"


def _operator(found: re.Match[str], phrases: Phrases) -> str:
    sign = _ALIASES.get(found[0].strip(), found[0].strip())
    return f" {phrases.symbols[sign]} "


def _sharp(found: re.Match[str], phrases: Phrases) -> str:
    return f"{found[1]} {phrases.symbols['sharp']}"


def _number(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.number.format(number=found[1])


def _plus_plus(found: re.Match[str], phrases: Phrases) -> str:
    return f"{found[1]} {phrases.symbols['++']} "


def _email(found: re.Match[str], phrases: Phrases) -> str:
    return say_email(found[0], phrases)


def _keys(found: re.Match[str], phrases: Phrases) -> str:
    return say_keys(found[0], phrases)


def _hidden(found: re.Match[str], phrases: Phrases) -> str:
    return say_dotted(found[0], phrases).lstrip()


def _remote(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.link.format(host=found["host"])


def _type_or(_: re.Match[str], phrases: Phrases) -> str:
    return f" {phrases.symbols['type or']} "


def _nothing(_: re.Match[str], __: Phrases) -> str:
    return " "


def _comma(_: re.Match[str], phrases: Phrases) -> str:
    return phrases.comma


_ALIASES = {
    "→": "->",
    "➜": "->",
    "➔": "->",
    "⟶": "->",
    "-->": "->",
    "⇒": "=>",
    "==>": "=>",
    "←": "<-",
    "<--": "<-",
    "↔": "<->",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "×": "times",
    "*": "times",
}
_A = re.ASCII
_LINES = r"(?::\d{1,7}(?:[:-]\d{1,7})?)?"
_URL_START = r"(?<![A-Za-z0-9+.-])(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|www\.(?=\w))"
_URL_REST = r"[^\s<>\"`|\\^{}\x80-\U0010ffff]{1,4000}"
_PATH_START = r"(?<![\w/.~@+:-])"
_PATH_REST = r"(?:~|\.{1,2})?/?(?:[\w.@+-]{1,200}/){1,50}(?:[\w.@+-]{1,200})?"
_ROOTED = r"~?/[\w.@+-]{1,200}(?!/)"
_HASH = (
    r"(?<![\w.-])(?:(?P<algorithm>sha\d{1,3}):)?(?P<hash>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{7,128})"
    r"(?![\w-])"
)
_FILE = rf"(?<![\w.@/-])[\w-]{{1,100}}(?:\.[\w-]{{1,100}}){{0,5}}\.(?:{_EXTENSIONS}){_LINES}(?![\w-]|\.\w)"
_NAME = (
    r"(?<![\w.-])(?=[\w.]{0,200}(?:_|\w\(\)))"
    r"(?P<name>[A-Za-z_][\w]{0,100}(?:\.[A-Za-z_]\w{0,100}){0,8})(?:\(\))?"
)
_EMAIL = r"(?<![\w.+/:@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?!\w)"
_HIDDEN_FILE = r"(?<![\w.)\]/\\])\.[A-Za-z][\w-]{0,60}(?:\.[A-Za-z][\w-]{0,30}){0,3}(?!\w)"
_KEYS = (
    r"(?<![\w+])(?:(?:Ctrl|Cmd|Shift|Alt|Option|Meta|Win)\s?\+\s?){1,3}"
    r"(?:[A-Z][a-z]{1,9}|F\d{1,2}|[A-Za-z0-9])(?!\w)"
)
_OPERATOR = (
    r"\s{0,9}(?:[→⇒➜➔⟶←↔≥≤≠]|<->|-{1,2}>|={1,2}>|<-{1,2}(?=\s)|!==?|(?<=[\w\s)])[<>]=|&&|\|\|)\s{0,9}"
    r"|(?<=\s)(?:={1,3}|:=|\+=|-=|[<>&])(?=\s)"
    r"|(?<=\w)={1,2}(?=\s?\w)"
    r"|(?<=\d)\s?\*\*\s?(?=\d)|(?<=\w)\s[×*]\s(?=\w)|(?<=\d)×(?=\d)"
    r"|(?<![\w<>])[<>](?=\s?\d)"
)
_RULES: tuple[Rule, ...] = (
    (re.compile(_URL_START + _URL_REST), _url),
    (re.compile(r"(?<![\w.])git@(?P<host>[\w.-]{1,80}):[\w./~-]{1,200}(?<![.])", _A), _remote),
    (re.compile(_EMAIL, _A), _email),
    (re.compile(r"(?<![\w\\])[A-Za-z]:\\[\w.$\\-]{1,400}", _A), _whole_path),
    (re.compile(_PATH_START + _PATH_REST + _LINES, _A), _path),
    (re.compile(_PATH_START + _ROOTED, _A), _path),
    (re.compile(_HASH, _A), _hash),
    (re.compile(_FILE, _A), _whole_path),
    (re.compile(_NAME, _A), _name),
    (re.compile(_HIDDEN_FILE, _A), _hidden),
    (re.compile(_KEYS, _A), _keys),
    (re.compile(r"\s\|\s(?=(?:None|null|undefined|str|string|int|number|bool|boolean|bytes)\b)"), _type_or),
    (re.compile(r"\([+-]\)|\$(?=[A-Z_]{2})"), _nothing),
    (re.compile(r"(?<![\w:]):[a-z][a-z0-9_]{1,30}:(?![\w:])", _A), _nothing),
    (re.compile(r"(?<![\w-])--(?P<name>[a-z][\w-]{0,60})", _A), _flag),
    (re.compile(r"\b([CFJ])#(?!\w)"), _sharp),
    (re.compile(r"\b([CGcg])\+\+(?!\+)"), _plus_plus),
    (re.compile(r"(?<![\w&])#(\d{1,9})\b"), _number),
    (re.compile(r"\s{1,9}(?:—|–|---?)\s{1,9}|\s{0,9}—\s{0,9}"), _comma),
    (re.compile(_OPERATOR), _operator),
)


def say_prose(text: str, phrases: Phrases) -> str:
    """Return `text`, which is free of Markdown, with every such thing replaced by words."""
    return say_numbers(say_powers(rewrite(text, _RULES, phrases), phrases), phrases)
