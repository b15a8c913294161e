"""Chinese text becomes the syllables, tones and pauses that Kokoro knows, numbers and Latin words too."""

from __future__ import annotations

import pytest

from claude_narrator.models.engines.kokoro_front_ends import FrontEnds
from claude_narrator.models.engines.kokoro_mandarin import integer, mandarin_phonemes, syllable, with_numbers

pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")  # of pyopenjtalk


@pytest.fixture(scope="module")
def front_ends() -> FrontEnds:
    return FrontEnds()


@pytest.mark.parametrize(
    ("initial", "final", "sound"),
    [
        ("zh", "ong1", "ꭧʊ→ŋ"),
        ("g", "uo2", "kwo↗"),
        ("n", "i3", "ni↓"),
        ("sh", "i4", "ʂɨ↘"),
        ("z", "i5", "ʦɨ"),
        ("r", "en2", "ɻə↗n"),
        ("q", "van2", "ʨʰɥɛ↗n"),
        ("x", "ve2", "ɕɥe↗"),
        ("", "v3", "y↓"),
        ("", "er4", "ɚ↘"),
        ("", "uei2", "wei↗"),
        ("l", "iou2", "ljou↗"),
        ("j", "iong3", "ʨjʊ↓ŋ"),
        ("", "o2", "ɔ↗"),
        ("b", "o1", "pwo→"),
        ("", "", ""),
        ("", "?", ""),
    ],
)
def test_a_syllable_is_initial_glide_vowel_tone_and_coda(initial: str, final: str, sound: str) -> None:
    assert syllable(initial, final) == sound


@pytest.mark.parametrize(
    ("value", "numeral"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (15, "十五"),
        (42, "四十二"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1010, "一千零一十"),
        (1001, "一千零一"),
        (10_500, "一万零五百"),
        (100_000, "十万"),
        (1_234_567, "一百二十三万四千五百六十七"),
        (100_000_001, "一亿零一"),
        (9_999_999_999_999_999, "九千九百九十九万亿九千九百九十九亿九千九百九十九万九千九百九十九"),
    ],
)
def test_numerals_have_a_zero_for_each_gap(value: int, numeral: str) -> None:
    assert integer(value) == numeral


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("42个", "四十二个"),
        ("3.5%", "百分之三点五"),
        ("2026年11月", "二零二六年十一月"),
        ("1,234", "一千二百三十四"),
        ("007", "零零七"),
        ("12345678901234567890", "一二三四五六七八九零一二三四五六七八九零"),
        ("没有", "没有"),
    ],
)
def test_numbers_are_said_as_a_speaker_says_them(text: str, said: str) -> None:
    assert with_numbers(text) == said


def test_a_sentence_is_words_of_syllables_with_its_punctuation(front_ends: FrontEnds) -> None:
    assert front_ends.phonemes("服务器没有响应，我现在重新启动它。", "zh") == (
        "fu↗u↘ʨʰi↘ mei↗jou↓ɕja↓ŋi↘ŋ, wo↓ ɕjɛ↘nʦai↘ ꭧʰʊ↗ŋɕi→nʨʰi↓tʊ↘ŋ tʰa→."
    )


def test_a_character_of_two_readings_has_that_of_its_word(front_ends: FrontEnds) -> None:
    assert "xa↗ŋ" in front_ends.phonemes("银行", "zh")
    assert "ɕi↗ŋ" in front_ends.phonemes("运行", "zh")


def test_latin_words_are_read_as_english_and_quotes_open_and_close(front_ends: FrontEnds) -> None:
    assert front_ends.phonemes("我运行了「test」，没有错误！", "zh") == (
        "wo↓ y↘nɕi↗ŋ lɤ “tˈɛst”, mei↗jou↓ ʦʰwo↘u↘!"
    )
    assert front_ends.phonemes("test（好的）", "zh") == "tˈɛst, xau↓ tɤ,"


@pytest.mark.parametrize("text", ["", "…", "🎉", "()[]", "ひらがな", "\ud800", "ㄅㄆㄇ"])
def test_what_is_no_chinese_is_left_out(text: str) -> None:
    read = mandarin_phonemes(text, lambda run: [run], lambda word: [("", "")] * len(word), str)
    assert read.strip("…, .") == ""
