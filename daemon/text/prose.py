"""What plain text says in place of addresses, paths, operators and other things that are not words.

The rules run in the order of `_RULES`; docs/speakable-text.md shows each with an example.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from claude_narrator.daemon.text.names import say_dotted, say_hash, say_identifier, say_path, say_url
from claude_narrator.daemon.text.phrases import Phrases

Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Phrases], str]]

_EXTENSIONS = (
    "py|pyi|js|jsx|mjs|cjs|ts|tsx|json|jsonl|toml|yaml|yml|md|rst|txt|csv|sql|sh|bash|zsh|rs|go|java|kt|rb|php|c|h|cc|"
    "cpp|hpp|cs|swift|html|css|scss|vue|svelte|lock|cfg|ini|conf|env|log|xml|wav|mp3|png|jpg|svg|pdf|zip|gz|whl|db|"
    "gguf|onnx|ipynb|tf|proto|plist|service|sock|patch|diff"
)
_TRAILING = ".,;:!?)]}'\"*_"


def _url(found: re.Match[str], phrases: Phrases) -> str:
    url = found[0].rstrip(_TRAILING)
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
    return say_path(found[0], phrases)


def _hash(found: re.Match[str], _: Phrases) -> str:
    return say_hash(found[0]) or found[0]


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


def _about(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.about.format(number=found[1])


def _range(found: re.Match[str], phrases: Phrases) -> str:
    return phrases.range.format(first=found[1], last=found[2])


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
_UUID = r"(?<![\w.-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])"
_HEX = r"(?<![\w.-])[0-9a-f]{7,128}(?![\w-])"
_FILE = rf"(?<![\w.@/-])[\w-]{{1,100}}(?:\.[\w-]{{1,100}}){{0,5}}\.(?:{_EXTENSIONS}){_LINES}(?![\w-]|\.\w)"
_NAME = (
    r"(?<![\w.-])(?=[\w.]{0,200}(?:_|\w\(\)))"
    r"(?P<name>[A-Za-z_][\w]{0,100}(?:\.[A-Za-z_]\w{0,100}){0,8})(?:\(\))?"
)
_APPROXIMATE = r"(?<![\w~/])~\s?(?=[$€£]?\d)([$€£]?\d[\d.,]{0,20}\d|[$€£]?\d)"
_SPAN = r"(?<![\w–-])(\d{1,9}(?:\.\d{1,4})?)–(\d{1,9}(?:\.\d{1,4})?)(?![\w–-])"
_OPERATOR = (
    r"\s{0,9}(?:[→⇒➜➔⟶←↔≥≤≠]|<->|-{1,2}>|={1,2}>|<-{1,2}(?=\s)|!==?|(?<=[\w\s)])[<>]=|&&|\|\|)\s{0,9}"
    r"|(?<=\s)(?:={1,3}|:=|\+=|-=|[<>&])(?=\s)"
    r"|(?<=\w)={1,2}(?=\w)"
    r"|(?<=\d)\s?\*\*\s?(?=\d)|(?<=\w)\s[×*]\s(?=\w)|(?<=\d)×(?=\d)"
    r"|(?<![\w<>])[<>](?=\s?\d)"
)
_RULES: tuple[Rule, ...] = (
    (re.compile(_URL_START + _URL_REST), _url),
    (re.compile(r"(?<![\w\\])[A-Za-z]:\\[\w.$\\-]{1,400}", _A), _whole_path),
    (re.compile(_PATH_START + _PATH_REST + _LINES, _A), _path),
    (re.compile(_PATH_START + _ROOTED, _A), _path),
    (re.compile(f"{_UUID}|{_HEX}", _A), _hash),
    (re.compile(_FILE, _A), _whole_path),
    (re.compile(_NAME, _A), _name),
    (re.compile(r"(?<![\w-])--(?P<name>[a-z][\w-]{0,60})", _A), _flag),
    (re.compile(r"\b([CFJ])#(?!\w)"), _sharp),
    (re.compile(r"(?<![\w&])#(\d{1,9})\b"), _number),
    (re.compile(_APPROXIMATE), _about),
    (re.compile(_SPAN), _range),
    (re.compile(r"\s{1,9}(?:—|–|---?)\s{1,9}|\s{0,9}—\s{0,9}"), _comma),
    (re.compile(_OPERATOR), _operator),
)


def say_prose(text: str, phrases: Phrases) -> str:
    """Return `text`, which is free of Markdown, with every such thing replaced by words."""
    for pattern, replace in _RULES:
        text = pattern.sub(lambda found, say=replace: say(found, phrases), text)  # type: ignore[misc]
    return text
