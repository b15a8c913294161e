"""Identifiers, file names, paths and addresses as a person would say them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from claude_narrator.daemon.text.phrases import Phrases
from claude_narrator.daemon.text.word_sets import word_set

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ONE_WORD = word_set(
    "GitHub GitLab JavaScript TypeScript PostgreSQL MySQL OpenAI macOS iOS OAuth YouTube GraphQL NumPy PyPI "
    "SQLite MongoDB IPv4 IPv6 FastAPI PyTorch LaTeX WebSocket LinkedIn"
)
FILE_EXTENSIONS = word_set(
    "py pyi js jsx mjs cjs ts tsx json jsonl toml yaml yml md mdx rst txt csv sql sh bash zsh rs go "
    "java kt rb php c h cc cpp hpp cs swift html css scss vue svelte lock cfg ini conf env log xml wav "
    "mp3 png jpg svg pdf zip gz whl db gguf onnx ipynb tf proto plist service sock patch diff ex exs "
    "lua gradle tfvars"
)
_LINE = re.compile(r"(?::|#L)(?P<first>\d{1,7})(?:(?:-L?|:)(?P<last>\d{1,7}))?\Z")
_SPLIT_PATH = re.compile(r"[/\\]+")
_HEX = re.compile(r"(?=[0-9a-f]{0,40}\d)(?=[0-9a-f]{0,40}[a-f])(?!\d{1,9}e\d{1,9}\Z)[0-9a-f]{7,128}\Z", re.I)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.I)
_HASH_CHARS = 4
_NO_HASHES = frozenset({"ed25519"})
_REVIEW = re.compile(r"/(?P<kind>pull|issues|merge_requests)/(?P<number>\d{1,9})(?!\w)")


def say_identifier(name: str) -> str:
    """Return `snake_case` and `camelCase` as words."""
    words = [word for part in name.split("_") if part for word in _humps(part)]
    if name.lstrip("_")[:1].islower():
        words = [word if word.isupper() or word in _ONE_WORD else word.lower() for word in words]
    return " ".join(words)


def _humps(part: str) -> list[str]:
    return [part] if part in _ONE_WORD else _HUMP.split(part)


def say_dotted(name: str, phrases: Phrases) -> str:
    """Return `queue.put_nowait` as `queue dot put nowait`, `.env` as `dot env`."""
    parts = [say_identifier(part) for part in name.split(".")]
    return phrases.dot.join(parts).strip()


def say_path(path: str, phrases: Phrases) -> str:
    """Return the last part of `path`, or all of it, and the line that a `:12` at its end names."""
    where = _LINE.search(path)
    bare = path[: where.start()] if where else path
    parts = [part for part in _SPLIT_PATH.split(bare) if part not in ("", ".", "..", "~")]
    name = say_dotted(parts[-1], phrases) if parts else phrases.symbols["~" if "~" in path else "/"]
    if len(parts) > 1 and phrases.style.paths == "full":
        name = f" {phrases.symbols['/']} ".join(say_dotted(part, phrases) for part in parts)
    elif len(parts) == 1 and bare.startswith("/"):
        name = f"{phrases.symbols['/']} {name}"
    return f"{name} {_say_lines(where, phrases)}" if where else name


def _say_lines(where: re.Match[str], phrases: Phrases) -> str:
    first, last = where["first"], where["last"]
    # file.py:12:5 names a column, file.py:12-20 a range.
    if last is None or ":" in where[0][1:]:
        return phrases.line.format(number=first)
    return phrases.lines.format(first=first, last=last)


def say_url(url: str, phrases: Phrases) -> str:
    """Return the host, with the port when the address names one, or the number of a pull request or issue."""
    if phrases.style.links == "short":
        return phrases.short_link
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    host = re.sub(r"[^\w.-]", " ", host.removeprefix("www."))
    if not re.search(r"\w", host):
        return phrases.link.format(host=say_path(parts.path, phrases)) if "://" in url else url
    if found := _REVIEW.search(parts.path):
        template = phrases.issue if found["kind"] == "issues" else phrases.pull_request
        return template.format(number=found["number"], host=host)
    return phrases.link.format(host=phrases.port.format(host=host, port=port) if port else host)


def say_email(address: str, phrases: Phrases) -> str:
    """Return `me@example.com` as `me at example.com`."""
    name, _, host = address.partition("@")
    return phrases.email.format(name=name, host=host)


def say_keys(combination: str, phrases: Phrases) -> str:
    """Return `Ctrl+C` as `Control C`."""
    keys = (key.strip() for key in combination.split("+"))
    return " ".join(phrases.keys.get(key, key) for key in keys)


def say_hash(word: str) -> str | None:
    """Return the first characters of a git hash, digest or UUID, one by one; None when `word` is none."""
    if word.lower() in _NO_HASHES or not (_HEX.match(word) or _UUID.match(word)):
        return None
    return " ".join(word[:_HASH_CHARS].lower())
