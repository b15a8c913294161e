"""Every row of docs/speakable-text.md is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Language

_TEXT = (Path(__file__).parents[3] / "docs" / "speakable-text.md").read_text("utf-8")
_ROW = re.compile(r"^\| (?P<rule>[^|`]+) \| `` (?P<markdown>.*) `` \| `` (?P<said>.*) `` \|$", re.M)


def _rows() -> list[tuple[str, str, str, str]]:
    english, japanese = _TEXT.split("## Japanese")
    return [
        (language, row["rule"], _cell(row["markdown"]), _cell(row["said"]))
        for language, part in (("en", english), ("ja", japanese))
        for row in _ROW.finditer(part)
    ]


def _cell(text: str) -> str:
    return text.replace("\\|", "|").replace("⏎", "\n")


@pytest.mark.parametrize(("language", "rule", "markdown", "said"), _rows())
def test_the_documented_example_is_said_as_documented(
    language: str, rule: str, markdown: str, said: str
) -> None:
    assert speakable_sentences(markdown, Language(language)) == tuple(said.split("\n")), rule


def test_every_row_of_the_tables_is_read() -> None:
    lines = [line for line in _TEXT.splitlines() if line.startswith("| ") and "---" not in line.split("|")[1]]
    assert len(_rows()) == len([line for line in lines if not line.startswith("| rule ")]) >= 60
