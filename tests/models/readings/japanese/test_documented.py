"""The table of the guide says what is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from claude_narrator.models.readings.japanese import read_japanese

_GUIDE = Path(__file__).parents[4] / "docs" / "voices-and-languages.md"
_TABLE = _GUIDE.read_text("utf-8").split("\n### Japanese\n")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| [^|`]+ \| (`[^|]+`) \| ([^|]+) \|$", _TABLE, re.MULTILINE)


@pytest.mark.parametrize(("written", "said"), ROWS)
def test_a_row_of_the_guide_is_true(written: str, said: str) -> None:
    assert [read_japanese(text) for text in re.findall("`([^`]+)`", written)] == said.split("、")


def test_the_guide_has_a_row_for_each_kind() -> None:
    assert len(ROWS) >= 10
