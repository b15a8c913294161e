"""What is finally pronounced of Japanese texts with names, numbers and signs in them.

Open JTalk's front end, which reads for most Japanese voices, says in katakana how it pronounces the reading.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pyopenjtalk
import pytest

from claude_narrator.models.readings.japanese import read_japanese

_FILE = Path(__file__).parents[3] / "data" / "japanese" / "readings.tsv"
_LINES = [line for line in _FILE.read_text("utf-8").splitlines() if line and not line.startswith("# ")]
CASES = [(text, pronounced) for text, pronounced in (line.split("\t") for line in _LINES)]


def pronounced(text: str) -> str:
    """Return the katakana that is pronounced of `text`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the front end's own dependency
        return re.sub("[^ァ-ヺー]", "", pyopenjtalk.g2p(text, kana=True))


@pytest.mark.parametrize(("text", "kana"), CASES)
def test_a_text_is_pronounced_as_a_developer_says_it(text: str, kana: str) -> None:
    assert pronounced(read_japanese(text)) == kana, read_japanese(text)


@pytest.mark.parametrize(("text", "kana"), CASES)
def test_a_reading_holds_no_letter_and_is_read_as_it_is(text: str, kana: str) -> None:
    read = read_japanese(text)
    assert not re.search("[A-Za-zＡ-Ｚａ-ｚ]", read), read
    assert read_japanese(read) == read


def test_the_corpus_holds_at_least_a_hundred_and_fifty_texts_each_once() -> None:
    assert len(CASES) >= 150
    assert len({text for text, _ in CASES}) == len(CASES)
