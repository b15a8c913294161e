"""English sounds become the kana that a loanword is written with."""

from __future__ import annotations

import pytest

from claude_narrator.models.readings.japanese.english_sounds import katakana


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
        ("stˈAʃən", "ステイション"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_english_sounds_become_the_kana_of_a_loanword(phonemes: str, kana: str) -> None:
    assert katakana(phonemes) == kana
