"""A sentence is cut where a speaker breathes, and nothing that engines stumble over is left in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.phrases import MAX_WORD, clean_text, cut_phrases, pause_after_ms


def test_the_first_clause_comes_alone_so_that_it_can_sound_early() -> None:
    text = "I fixed the parser, and the build is green; next comes the queue. Then the rest."
    assert list(cut_phrases(text, 25, 200)) == [
        "I fixed the parser,",
        text.removeprefix("I fixed the parser, "),
    ]


def test_a_short_text_stays_whole() -> None:
    assert list(cut_phrases("Yes, done.", 60, 200)) == ["Yes, done."]


def test_japanese_is_cut_after_its_own_marks_and_closing_brackets() -> None:
    pieces = list(cut_phrases("彼は「はい。」と言い、帰った。", 8, 10))
    assert pieces == ["彼は「はい。」", "と言い、帰った。"]


def test_a_mark_inside_a_word_is_no_boundary() -> None:
    assert list(cut_phrases("Version 3.11 of queue.py, see a:b", 10, 26)) == [
        "Version 3.11 of queue.py,",
        "see a:b",
    ]


def test_a_clause_without_marks_is_cut_at_a_space_or_anywhere() -> None:
    assert list(cut_phrases("one two three four", 10, 10)) == ["one two", "three four"]
    assert list(cut_phrases("漢" * 25, 10, 10)) == ["漢" * 10, "漢" * 10, "漢" * 5]


@given(st.text(), st.integers(1, 30), st.integers(30, 60))
def test_nothing_is_lost_and_no_piece_is_too_long(text: str, first: int, rest: int) -> None:
    pieces = list(cut_phrases(text, first, rest))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= rest for piece in pieces)


@given(st.text())
def test_clean_text_has_no_controls_no_surrogates_and_no_endless_word(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert cleaned.isprintable() or any(character.isspace() for character in cleaned)
    assert all(len(word) <= MAX_WORD for word in cleaned.split())


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("x\ud800y", "xy"),
        ("e\u0301", "é"),
        ("z" + "\u0301" * 50, "ź\u0301\u0301"),
        ("\u202eabc", "abc"),
        ("1" * 13, "1" * 12 + " 1"),
        ("a" * 61, "a" * 60 + " a"),
        (" \n ", ""),
    ],
)
def test_what_engines_stumble_over_is_taken_out(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_a_sentence_is_followed_by_a_longer_rest_than_a_clause_and_a_fast_voice_rests_less() -> None:
    assert pause_after_ms("Done.", 1) > pause_after_ms("Done,", 1)
    assert pause_after_ms("「はい。」", 1) == pause_after_ms('"Done."', 1)
    assert pause_after_ms("Done.", 2) == pause_after_ms("Done.", 1) / 2
