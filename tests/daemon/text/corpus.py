"""The corpus of replies in tests/data/speakable: Markdown, and what a careful reader would say of it.

A file is a topic. `=== NAME` begins a reply, `--- LANGUAGE` what is said of it in that language, a sentence a
line; behind the name may stand settings: `=== short code inline_code=short`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.daemon.text_style import TextStyle
from claude_narrator.models.types import Language

FOLDER = Path(__file__).parents[2] / "data" / "speakable"
_HEAD = re.compile(r"^=== (?P<name>.+?)(?P<settings>(?: \w+=\w+)*)$", re.M)
_SAID = re.compile(r"^--- ([a-z]{2,3})$", re.M)


@dataclass(frozen=True, slots=True)
class Reply:
    """`said` are the sentences of `markdown`, which is in `language`, for a listener who wants `style`."""

    topic: str
    name: str
    markdown: str
    language: Language
    said: tuple[str, ...]
    style: TextStyle


def replies() -> list[Reply]:
    """Return the whole corpus, one entry a reply and language."""
    return [reply for path in sorted(FOLDER.glob("*.md")) for reply in parse(path)]


def parse(path: Path) -> list[Reply]:
    """Return the replies of one file."""
    text = path.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [
        reply
        for head, end in zip(heads, ends, strict=True)
        for reply in _of_one(path.stem, head, text[head.end() + 1 : end])
    ]


def _of_one(topic: str, head: re.Match[str], body: str) -> list[Reply]:
    markdown, *said = _SAID.split(body)
    style = TextStyle(**dict(pair.split("=") for pair in head["settings"].split()))
    return [
        Reply(topic, head["name"], markdown, Language(language), tuple(lines.split("\n")[1:-1]), style)
        for language, lines in zip(said[::2], said[1::2], strict=True)
    ]
