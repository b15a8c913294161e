"""Latin words in Japanese text are read as words, not letter by letter."""

from __future__ import annotations

import pytest

from claude_narrator.models.loanwords import katakana, latin_to_katakana

SOUNDS = {"push": "pˈʊʃ", "rust": "ɹˈʌst", "return": "ɹətˈɜɹn", "Name": "nˈAm", "server": "sˈɜɹvəɹ"}


def read(text: str) -> str:
    return latin_to_katakana(text, lambda word: word != "server", lambda word: SOUNDS.get(word, ""))


@pytest.mark.parametrize(
    ("phonemes", "kana"),
    [
        ("pˈʊʃ", "プッシュ"),
        ("kjˈu", "キュー"),
        ("mˈAn", "メイン"),
        ("θɹˈɛd", "スレッド"),
        ("tˈOkᵊn", "トークン"),
        ("bˈɪld", "ビルド"),
        ("fˈɛʧ", "フェッチ"),
        ("fˈɪks", "フィックス"),
        ("əwˈAt", "アウェイト"),
        ("pɹˈɑmpt", "プロンプト"),
        ("wˈɜɹkəɹ", "ワーカー"),
        ("pˈɑɹsəɹ", "パーサー"),
        ("ˈɪndˌɛks", "インデックス"),
        ("vˈælju", "バリュー"),
        ("ɹˈʌnɪŋ", "ラニング"),
        ("bˈæŋk", "バンク"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_english_sounds_become_the_kana_of_a_loanword(phonemes: str, kana: str) -> None:
    assert katakana(phonemes) == kana


def test_known_loanwords_unknown_words_and_acronyms_each_have_their_reading() -> None:
    assert read("main にpushする") == "メイン にプッシュする"
    assert read("APIとJSONとHTTPS") == "APIとジェイソンとHTTPS"
    assert read("returnする") == "リターンする"


def test_words_the_front_end_reads_itself_are_left_to_it() -> None:
    assert read("server") == "server"


def test_identifiers_are_parted_where_a_person_would() -> None:
    assert read("userName") == "ユーザー ネイム"
    assert read("commit_queue") == "コミット キュー"
    assert read("app.type") == "アプリドットタイプ"


def test_japanese_numbers_and_ends_of_sentences_are_untouched() -> None:
    text = "42件、3.5秒で終わりました。OK."
    assert read(text) == text


def test_a_word_without_any_known_sound_is_left_as_it_is() -> None:
    assert read("zzyzxeo") == "zzyzxeo"
