from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.hibari import Hibari
from claude_narrator.models.engines.open_jtalk import OpenJTalk
from claude_narrator.models.types import AudioChunk, Language
from tests.listening import (
    CLEAR,
    Listener,
    character_error_rate,
    joined,
    missing_key_words,
    plain,
    read_wav,
)

ENGLISH = "The build finished, and all forty two tests pass."
JAPANESE = "ビルドが完了し、四十二件のテストが成功しました。"


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("All 42 tests pass.", "all 42 tests pass"),
        ("All forty-two tests pass!", "all 42 tests pass"),
        ("one hundred and five", "105"),
        ("two thousand three hundred", "2300"),
        ("1,000 files", "1000 files"),
        ("Python 3.11", "python 3 point 11"),
        ("Python three point eleven", "python 3 point 11"),
        ("one two three", "1 2 3"),
        ("five and a half", "5 and a half"),
        ("It’s done: 5%", "its done 5 percent"),
        ("and a hundred", "and a hundred"),
    ],
)
def test_english_is_compared_as_words_and_digits(written: str, compared: str) -> None:
    assert plain(written, "en") == compared


@pytest.mark.parametrize("written", ["四十二件のテスト", "42件のテスト", "４２件のテスト", "四二件のテスト"])
def test_a_japanese_number_is_the_same_in_every_script(written: str) -> None:
    assert plain(written, "ja") == plain("42件のテスト", "ja")


@pytest.mark.parametrize(("written", "same"), [("三千五百円", "3500円"), ("一万二千人", "12000人")])
def test_large_kanji_numerals_are_numbers(written: str, same: str) -> None:
    assert plain(written, "ja") == plain(same, "ja")


def test_japanese_is_compared_by_its_sound() -> None:
    assert character_error_rate("成功しました。", "せいこうしました", "ja") <= 0.2
    assert character_error_rate("成功しました。", "成功しました", "ja") == 0


def test_the_error_rate_counts_edits_a_character_of_what_was_expected() -> None:
    assert character_error_rate("abcd efgh", "abcd efgh", "en") == 0
    assert character_error_rate("abcd efgh", "abxd efg", "en") == pytest.approx(2 / 8)
    assert character_error_rate("abcd", "", "en") == 1


def test_a_key_word_may_have_one_wrong_letter_in_five_and_a_number_none() -> None:
    heard = "The migraton took 43 minutes."
    assert missing_key_words(["migration", "minutes"], heard, "en") == []
    assert missing_key_words(["42", "hours"], heard, "en") == ["42", "hours"]
    assert missing_key_words(["forty three"], heard, "en") == []


def test_a_wav_file_is_read_as_mono(tmp_path: Path) -> None:
    path = tmp_path / "two-channels.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(24_000)
        out.writeframes(np.array([16384, 0, -16384, -16384], "<i2").tobytes())
    chunk = read_wav(path)
    assert chunk.sample_rate == 24_000
    assert chunk.samples.tolist() == [0.25, -0.5]


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


def spoken(engine: Hibari | OpenJTalk, text: str, language: str, voice: str) -> AudioChunk:
    engine.load(EngineContext())
    try:
        return joined(engine.synthesize(text, voice, Language(language), 1.0))
    finally:
        engine.close()


@pytest.mark.models
def test_the_embedded_english_voice_is_understood(listener: Listener) -> None:
    heard = listener.hear(spoken(Hibari(), ENGLISH, "en", "heart"), "en")
    assert missing_key_words(["build", "finished", "42", "tests"], heard, "en") == []
    assert character_error_rate(ENGLISH, heard, "en") < CLEAR
    assert character_error_rate("Something else was said here, and it went on for long.", heard, "en") > 0.5


@pytest.mark.models
def test_the_embedded_japanese_voice_is_understood(listener: Listener) -> None:
    heard = listener.hear(spoken(OpenJTalk(), JAPANESE, "ja", "mei"), "ja")
    assert missing_key_words(["完了", "42", "テスト", "成功"], heard, "ja") == []
    assert character_error_rate(JAPANESE, heard, "ja") < CLEAR


@pytest.mark.models
def test_silence_says_nothing_of_what_was_expected(listener: Listener) -> None:
    heard = listener.hear(np.zeros(16_000, np.float32), "en")
    assert missing_key_words(["build", "finished"], heard, "en") == ["build", "finished"]
