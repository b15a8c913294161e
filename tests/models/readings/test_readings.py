"""A language has one reading, whatever the region; most need none."""

from __future__ import annotations

import pytest

from claude_narrator.models.readings import reading_for
from claude_narrator.models.types import Language


@pytest.mark.parametrize("tag", ["ja", "ja-JP", "JA"])
def test_a_language_is_read_whatever_the_region(tag: str) -> None:
    assert reading_for(Language(tag))("APIです") == "エーピーアイです"


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh", "jam"])
def test_a_language_without_a_reading_is_said_as_written(tag: str) -> None:
    assert reading_for(Language(tag))("The API v3.11 -> 3〜5 ｶﾅ") == "The API v3.11 -> 3〜5 ｶﾅ"
