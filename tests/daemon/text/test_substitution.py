"""Whole words are replaced in whatever case, the longest first, in every script."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.text.substitution import Substitution
from tests.hostile_texts import HOSTILE


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        ({"api": "A P I"}, "The API, api and Api.", "The A P I, A P I and A P I."),
        ({"api": "X"}, "rapid apis api2 API_KEY my-api", "rapid apis api2 X_KEY my-X"),
        ({"api": "エーピーアイ"}, "APIを呼ぶ。ＡＰＩも。", "エーピーアイを呼ぶ。エーピーアイも。"),
        ({"pull": "P", "pull request": "PR"}, "a pull request, a pull", "a PR, a P"),
        ({"a": "b", "b": "a"}, "a b", "b a"),
        ({"C++": "see plus plus"}, "C++ and C++11", "see plus plus and C++11"),
        ({".env": "dot env"}, "see .env", "see dot env"),
        ({"生": "なま"}, "生のログ、生成、先生", "なまのログ、生成、先生"),
        ({"東京": "とうきょう"}, "東京都と東京", "とうきょう都ととうきょう"),
        ({"サーバ": "さば"}, "サーバとサーバーとDBサーバ", "さばとサーバーとDBさば"),
        ({"お知らせ": "おしらせ"}, "お知らせがあります", "おしらせがあります"),
        ({"서버": "server"}, "서버가 멈췄다", "server가 멈췄다"),
        ({"мир": "M"}, "мир Мир миру", "M M миру"),
        ({"naïve": "N"}, "NAÏVE naïves", "N naïves"),
        ({"cafe": "K"}, "cafe\u0301 cafe", "cafe\u0301 K"),
        ({"İ": "x"}, "İi", "İi"),
        ({}, "as it is", "as it is"),
        ({"": "x"}, "as it is", "as it is"),
    ],
)
def test_whole_words_are_replaced_and_nothing_else(words: dict[str, str], text: str, said: str) -> None:
    assert Substitution(words).apply(text) == said


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=6), st.text(max_size=40))
def test_every_text_has_an_answer_and_one_without_the_words_stays(words: dict[str, str], text: str) -> None:
    said = Substitution(words).apply(text)
    if not any(word and word[0].lower() in text.lower() for word in words):
        assert said == text or any(ord(char) > 0x7F for word in words for char in word)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_looked_through(text: str) -> None:
    assert Substitution({"zzz": "y"}).apply(text) == text


def test_the_work_grows_with_the_length_of_the_text_alone() -> None:
    table = Substitution({f"{'a' * n}b": "x" for n in range(1, 60)})

    def work_s(chars: int) -> float:
        began = time.process_time()
        table.apply("a" * chars)
        return time.process_time() - began

    assert work_s(40_000) < 8 * 4 * min(work_s(5_000) for _ in range(3)) + 0.05
