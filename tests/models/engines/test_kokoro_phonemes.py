"""Katakana readings become the phonemes Kokoro was trained on."""

from __future__ import annotations

from typing import Any

import pytest

from claude_narrator.models.engines.kokoro_phonemes import (
    japanese_phonemes,
    kana_to_phonemes,
    words_to_phonemes,
)


@pytest.mark.parametrize(
    ("kana", "phonemes"),
    [
        ("アイウエオ", "aiɯeo"),
        ("カキクケコ", "kakʲikɯkeko"),
        ("ガギグゲゴ", "ɡaɡʲiɡɯɡeɡo"),
        ("サシスセソ", "saɕisɨseso"),
        ("ザジズゼゾ", "ʣaʥizɨʣeʣo"),
        ("タチツテト", "taʨiʦɨteto"),
        ("ダヂヅデド", "daʥizɨdedo"),
        ("ナニヌネノ", "naɲinɯneno"),
        ("ハヒフヘホ", "haçiɸɯheho"),
        ("マミムメモ", "mamʲimɯmemo"),
        ("ヤユヨ", "jajɯjo"),
        ("ラリルレロ", "ɾaɾʲiɾɯɾeɾo"),
        ("ワヲ", "βao"),
        ("キャキュキョ", "kʲakʲɨkʲo"),
        ("シャシュショシェ", "ɕaɕɨɕoɕe"),
        ("ジャジュジョジェ", "ʥaʥɨʥoʥe"),
        ("チャチュチョチェ", "ʨaʨɨʨoʨe"),
        ("ニャヒュリョ", "ɲaçɨɾʲo"),
        ("ティディトゥドゥ", "tʲidʲitɯdɯ"),
        ("ファフィフェフォ", "ɸaɸʲiɸeɸo"),
        ("ウィウェウォ", "βiβeβo"),
        ("ヴァヴィヴヴェ", "vavʲivɯve"),
        ("クァツァイェデュ", "kᵝaʦajedʲɨ"),
        ("ガッコー", "ɡaʔkoː"),
        ("サンマ", "samma"),
        ("テンキ", "teŋkʲi"),
        ("カンジ", "kaɲʥi"),
        ("コンニチワ", "koɲɲiʨiβa"),
        ("アンナイ", "annai"),
        ("ホン", "hoɴ"),
        ("デス’", "desɨ"),
        ("", ""),
        ("ａ！", ""),
    ],
)
def test_a_reading_becomes_its_phonemes(kana: str, phonemes: str) -> None:
    assert kana_to_phonemes(kana) == phonemes


def node(string: str, pron: str, chained: bool = False, pos: str = "名詞") -> dict[str, Any]:
    return {"string": string, "pron": pron, "chain_flag": int(chained), "pos": pos}


def mark(string: str) -> dict[str, Any]:
    return node(string, "、", pos="記号")


def test_accent_phrases_are_parted_by_spaces_and_punctuation_is_kept() -> None:
    nodes = [
        node("前", "マエ"),
        node("に", "ニ", True),
        mark("、"),
        node("待つ", "マ’ツ"),
        mark("！"),
        mark("「"),
        node("はい", "ハイ"),
        mark("」"),
        node("と", "ト"),
        mark("…"),
    ]
    assert words_to_phonemes(nodes) == "maeɲi, maʦɨ! “hai” to…"


def test_letters_of_the_alphabet_are_symbols_with_a_reading() -> None:
    assert words_to_phonemes([node("Ｈ", "エイチ", pos="記号"), node("は", "ワ", True)]) == "eiʨiβa"


def test_text_is_read_by_the_front_end() -> None:
    from pyopenjtalk import run_frontend

    assert japanese_phonemes("３分待って、ください。", run_frontend) == "saɴpɯɴ maʔte, kɯdasai."


def test_the_plain_reading_is_taken_when_the_refined_one_breaks() -> None:
    def frontend(text: str, *, use_vanilla: bool = False) -> list[dict[str, Any]]:
        if not use_vanilla:
            raise IndexError("rare kanji")
        return [node(text, "ヒ")]

    assert japanese_phonemes("𩸽", frontend) == "çi"
