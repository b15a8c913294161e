"""Where sentences end in Japanese and in texts that mix it with others."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.text.boundaries import BRACKETS, sentence_ends
from claude_narrator.daemon.text.sentences import split_sentences
from claude_narrator.models.types import Language

JA = Language("ja")
_FILE = Path(__file__).parents[2] / "data" / "japanese" / "texts.toml"
TEXTS = tomllib.loads(_FILE.read_text("utf-8"))["text"]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["name"])
def test_a_text_is_split_where_a_reader_would(case: dict[str, Any]) -> None:
    assert list(split_sentences(case["text"], JA)) == case["sentences"]


def test_the_corpus_holds_at_least_sixty_texts_of_different_names() -> None:
    assert len({case["name"] for case in TEXTS}) == len(TEXTS) >= 60


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("あ漢A1 。！？.!?．" + BRACKETS), max_size=80))
def test_nothing_is_lost_between_sentences(text: str) -> None:
    kept = "".join("".join(split_sentences(text, JA)).split())
    assert kept == "".join(text.split())


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("あ漢A1、。！？.!?"), min_size=1, max_size=30),
    st.sampled_from(["「」", "【】", "()", "“”"]),
)
def test_no_sentence_ends_inside_brackets(inside: str, pair: str) -> None:
    text = f"次は{pair[0]}あ{inside}{pair[1]}です。"
    assert all(end > text.index(pair[1]) for end in sentence_ends(text, JA))


@pytest.mark.parametrize("unit", ["「", "（あ。", "」", "「）", "(。", "“あ”。", "。と", "？と"])
def test_the_work_grows_with_the_length_of_the_text_alone(unit: str) -> None:
    def work_s(times: int) -> float:
        began = time.process_time()
        sentence_ends(unit * times, JA)
        return time.process_time() - began

    assert work_s(16_000) < 8 * 4 * min(work_s(2_000) for _ in range(3)) + 0.05
