"""The rules of speakable text, and how often the corpus exercises each: the tables of docs/speakable-text.md.

`python -m tests.daemon.text.rules --write docs/speakable-text.md` writes them anew.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.types import Language
from tests.daemon.text.corpus import Reply, replies

ENGLISH = Language("en")
RULES = Path(__file__).parents[2] / "data" / "speakable-rules.toml"
DOCUMENT = Path(__file__).parents[3] / "docs" / "speakable-text.md"
BEGIN = "<!-- rules: python -m tests.daemon.text.rules --write docs/speakable-text.md -->"
END = "<!-- end of the rules -->"


@dataclass(frozen=True, slots=True)
class Rule:
    """`said` are the sentences of the example `markdown`; `seen` is in the replies that need the rule."""

    id: str
    group: str
    what: str
    markdown: str
    said: tuple[str, ...]
    seen: str
    language: Language = ENGLISH
    style: TextStyle = DEFAULT_STYLE

    def is_in(self, reply: Reply) -> bool:
        """Tell whether `reply`, if of this language and style, exercises the rule."""
        if reply.language != self.language or reply.style != self.style:
            return False
        return re.search(self.seen, reply.markdown, re.M) is not None


def rules() -> list[Rule]:
    """Return all rules in the order of the document."""
    return [_rule(**entry) for entry in tomllib.loads(RULES.read_text(encoding="utf-8"))["rule"]]


def _rule(**entry: object) -> Rule:
    settings = entry.pop("settings", {})
    said = entry.pop("said")
    assert isinstance(settings, dict)
    assert isinstance(said, list)
    return Rule(**entry, said=tuple(said), style=TextStyle(**settings))  # type: ignore[arg-type]


def coverage() -> dict[str, int]:
    """Return how many replies of the corpus exercise each rule."""
    corpus = replies()
    return {rule.id: sum(rule.is_in(reply) for reply in corpus) for rule in rules()}


def tables() -> str:
    """Return the part of the document between its marks."""
    counts, parts = coverage(), []
    for group, members in groupby(rules(), key=lambda rule: rule.group):
        rows = [_row(rule, counts[rule.id]) for rule in members]
        head = ["| id | rule | Markdown | said | replies |", "|---|---|---|---|--:|"]
        parts.append("\n".join([f"### {group}", "", *head, *rows]))
    return "\n\n".join(parts)


def _row(rule: Rule, count: int) -> str:
    said = _cell("\n".join(rule.said))
    return f"| {rule.id} | {rule.what} | {_cell(rule.markdown)} | {said} | {count} |"


def _cell(text: str) -> str:
    shown = text.replace("|", "\\|").replace("\n", "⏎").replace("\x1b", "␛")
    return f"`` {shown} ``"


def written(document: str) -> str:
    """Return `document` with the tables as they should be."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def main() -> None:
    """Write the tables, or print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE")
    path = parser.parse_args().write
    if path is None:
        print(tables())
        return
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
