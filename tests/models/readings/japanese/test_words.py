"""The lexicon, and what becomes of a word that it does not hold."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from claude_narrator.models.readings.japanese import pronouncing, read_japanese
from claude_narrator.models.readings.japanese.english_sounds import katakana
from claude_narrator.models.readings.japanese.english_spelling import sound_of_spelling
from claude_narrator.models.readings.japanese.romaji import kana_of_romaji
from claude_narrator.models.readings.japanese.single_words import read_word
from claude_narrator.models.readings.japanese.words import lexicon, reading_of


def test_every_entry_of_the_lexicon_is_a_word_with_a_reading_in_kana() -> None:
    for word, reading in lexicon().items():
        assert word == word.strip()
        assert re.search("[A-Za-z]", word) or not word.isalpha()
        assert re.fullmatch("[ぁ-ゖァ-ヺー0-9]+", reading), word


def test_no_word_is_in_the_lexicon_twice() -> None:
    text = files("claude_narrator.models.readings.japanese").joinpath("words.tsv").read_text("utf-8")
    words = [line.split("\t")[0] for line in text.splitlines() if line and not line.startswith("#")]
    assert len(words) == len(set(words)) >= 800


def test_every_word_of_the_lexicon_is_read_by_it_in_a_text() -> None:
    for word, reading in lexicon().items():
        assert read_japanese(f"「{word.replace(' ', '-')}」") == f"「{reading}」", word


def test_a_capital_makes_another_word_where_the_lexicon_says_so() -> None:
    assert (reading_of("IT"), reading_of("it"), reading_of("It")) == ("アイティー", "イット", "イット")


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("XYZZY", "エックスワイゼットゼットワイ"),  # capitals, short
        ("xq", "エックスキュー"),  # two letters
        ("pthrd", "ピーティーエイチアールディー"),  # no vowel
        ("xkcda", "エックスケーシーディーエー"),  # begins with consonants that nobody can say
        ("fetches", "フェッチズ"),
        ("scripts", "スクリプツ"),
        ("queries", "クエリーズ"),
        ("batching", "バッチング"),
        ("parsing", "パーシング"),
        ("planning", "プラニング"),
        ("splitter", "スプリッター"),
        ("hasher", "ハッシャー"),
        ("expanded", "エクスパンデッド"),
        ("errorcode", "エラーコード"),
        ("elephant", "エラファント"),  # by its English sound
        ("sakuragaoka", "サクラガオカ"),
        ("Ichigaya", "イチガヤ"),
        ("blorptastic", "ブロープタスティック"),  # guessed from the spelling
        ("don't", "ドント"),
        ("mustn't", "マストント"),
        ("server's", "サーバーズ"),
    ],
)
def test_a_word_that_is_not_in_the_lexicon_is_read_by_the_first_rule_that_fits(
    word: str, reading: str
) -> None:
    assert read_word(word) == reading


def test_without_the_pronouncing_dictionary_words_are_guessed_from_their_spelling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert pronouncing.sound_of("elephant") != ""
    monkeypatch.setattr(pronouncing, "_PACKAGE", "no_such_package_here")
    pronouncing._dictionaries.cache_clear()
    try:
        assert pronouncing.sound_of("elephant") == ""
    finally:
        monkeypatch.undo()
        pronouncing._dictionaries.cache_clear()
    assert katakana(sound_of_spelling("elephant")) == "エレファント"


@pytest.mark.parametrize(
    ("word", "kana"),
    [
        ("sakura", "サクラ"),
        ("shinjuku", "シンジュク"),
        ("tokkyo", "トッキョ"),
        ("honnichi", "ホンニチ"),
        ("matcha", "マッチャ"),
        ("jitensha", "ジテンシャ"),
        ("e", ""),
        ("sql", ""),
        ("table", ""),
        ("n", ""),
        ("", ""),
    ],
)
def test_japanese_in_latin_letters_is_known_by_its_syllables(word: str, kana: str) -> None:
    assert kana_of_romaji(word) == kana


@pytest.mark.parametrize(
    ("word", "kana"),
    [("blip", "ブリップ"), ("snake", "スネイク"), ("quorb", "クウォーブ"), ("yeet", "イート"), ("", "")],
)
def test_the_spelling_tells_the_sound_roughly(word: str, kana: str) -> None:
    assert katakana(sound_of_spelling(word)) == kana
