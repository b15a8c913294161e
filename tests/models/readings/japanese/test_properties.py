"""What holds for the reading of every text."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.models.readings.japanese import read_japanese
from tests.hostile_texts import HOSTILE

_JAPANESE = "あいうえおがっょんアイカーヴ一日本語件数時々。、！？「」『』（）・…"
_SIGNS = "abzAZ019 .,:;-_/\\'\"`~*+=<>()[]{}#$%&@^|〜→×°ａＺ３．ｶﾞ㍿é"
MIXED = st.text(st.sampled_from(_JAPANESE + _SIGNS), max_size=60)
_KANA_AND_KANJI = re.compile("[ぁ-ゖァ-ヺー一-鿿々]")
SPELLED = [
    "a" * 20_000,
    "a." * 10_000,
    "a_B9-" * 4_000,
    "1" * 20_000,
    "1.1." * 5_000,
    "1,111" * 4_000,
    "2026-11-20" * 2_000,
    "3〜" * 10_000,
    "<" * 20_000,
    "- " * 10_000,
    "a-" * 10_000,
    "x(" * 10_000,
    "あ1ミリ秒から" * 3_000,
    "1 x" * 6_000,
    "don't" * 4_000,
]


def _wide(text: str) -> str:
    return "".join(_KANA_AND_KANJI.findall(unicodedata.normalize("NFKC", text)))


@settings(max_examples=400, deadline=None)
@given(st.one_of(MIXED, st.text(max_size=60)))
def test_every_text_has_a_reading_without_latin_letters(text: str) -> None:
    assert not re.search("[A-Za-z]", read_japanese(text))


@settings(max_examples=400, deadline=None)
@given(MIXED)
def test_kana_and_kanji_stay_in_their_order(text: str) -> None:
    read = iter(_wide(read_japanese(text)))
    assert all(any(char == kept for kept in read) for char in _wide(text))


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(_JAPANESE), max_size=80))
def test_japanese_alone_is_read_as_it_is(text: str) -> None:
    assert read_japanese(text) == text


@settings(max_examples=400, deadline=None)
@given(MIXED)
def test_a_reading_has_nothing_more_to_read(text: str) -> None:
    once = read_japanese(text)
    assert read_japanese(once) == once


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_have_a_reading(text: str) -> None:
    assert isinstance(read_japanese(text), str)


@pytest.mark.parametrize("text", SPELLED, ids=lambda text: text[:12])
def test_the_work_grows_with_the_length_of_the_text_alone(text: str) -> None:
    def work_s(given: str) -> float:
        began = time.process_time()
        read_japanese(given)
        return time.process_time() - began

    read_japanese(text[:100])
    eighth = min(work_s(text[: len(text) // 8]) for _ in range(3))
    assert min(work_s(text) for _ in range(2)) < 8 * 4 * eighth + 0.05
