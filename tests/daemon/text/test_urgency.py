"""What asks and what warns, in every language that has words of its own for it."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.urgency import asks, warns
from claude_narrator.models.types import Language

ASKS = {
    "en": "Let me know which one you prefer.",
    "ja": "どちらにするか教えてください。",
    "de": "Sag mir, welchen Branch du meinst.",
    "es": "Dime si lo subo.",
    "fr": "Dites-moi lequel garder.",
    "it": "Fammi sapere quale preferisci.",
    "pt": "Me avise qual você prefere.",
}
WARNS = {
    "en": "The migration failed.",
    "ja": "マイグレーションに失敗しました。",
    "de": "Die Migration ist fehlgeschlagen.",
    "es": "La migración ha fallado.",
    "fr": "La migration a échoué.",
    "it": "La migrazione è fallita.",
    "pt": "A migração falhou.",
}
PLAIN = {
    "en": "The three files are sorted now.",
    "ja": "三つのファイルを並べ替えました。",
    "de": "Die drei Dateien sind jetzt sortiert.",
    "es": "Los tres archivos ya están ordenados.",
    "fr": "Les trois fichiers sont maintenant triés.",
    "it": "I tre file ora sono ordinati.",
    "pt": "Os três arquivos já estão ordenados.",
}


@pytest.mark.parametrize("tag", ASKS)
def test_a_question_without_its_mark_asks_and_a_failure_warns(tag: str) -> None:
    language = Language(tag)
    assert asks(ASKS[tag], language)
    assert warns(WARNS[tag], language)


@pytest.mark.parametrize("tag", PLAIN)
def test_a_plain_sentence_neither_asks_nor_warns(tag: str) -> None:
    assert not asks(PLAIN[tag], Language(tag))
    assert not warns(PLAIN[tag], Language(tag))


@pytest.mark.parametrize("tag", ["nl", "ko", "xx"])
def test_a_language_without_words_of_its_own_knows_the_technical_english_ones(tag: str) -> None:
    assert warns("De build is failed.", Language(tag))
    assert asks("Zal ik hem verwijderen?", Language(tag))


def test_a_word_counts_whole_where_spaces_part_words() -> None:
    assert not warns("I renamed the terrors of the deep.", Language("en"))
    assert warns("ビルドエラーです。", Language("ja"))
