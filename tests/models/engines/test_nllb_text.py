"""A text reaches NLLB-200 sentence by sentence, none too long for it, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from claude_narrator.models.engines.nllb_text import as_text, has_words, reply_limit, sentences


def _words(text: str) -> int:
    return len(text.split())


def _cut(text: str, limit: int = 100) -> list[str]:
    return list(sentences(text, _words, limit))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("The build is green. All tests pass! Really? Yes.", 4),
        ("ビルドは成功した。テストも通った！よし", 3),
        ("सब ठीक है। परीक्षण सफल रहा।", 2),
        ("كل شيء جاهز؟ نعم.", 2),
        ("Use e.g. the cache, i.e. the fast one.", 1),
        ("Dr. Who waits for v. 2 of No. 5.", 1),
        ("It took 12.5 minutes, see README.md for more.", 1),
        ("Wait... what?", 2),
        ("He said “stop.” Then he left.", 2),
        ("OK. I did it. Now it is up.", 3),
        ("one line\nwithout an end", 1),
    ],
)
def test_a_text_is_cut_at_the_ends_of_sentences_alone(text: str, parts: int) -> None:
    found = _cut(text)
    assert len(found) == parts, found
    assert "".join(found).replace(" ", "") == text.replace(" ", "").replace("\n", "")


def test_a_sentence_too_long_for_the_model_is_cut_at_its_clauses() -> None:
    clause = "the server restarts and the worker waits,"
    found = _cut(" ".join([clause] * 40), limit=50)
    assert len(found) > 5
    assert all(_words(part) <= 50 for part in found)
    assert all(part.endswith(",") for part in found)
    assert " ".join(found) == " ".join([clause] * 40)


@pytest.mark.parametrize("text", ["z" * 5000, "漢" * 3000, ". " * 2000, "word " * 4000])
def test_whatever_the_text_no_part_is_over_the_limit_and_every_letter_arrives(text: str) -> None:
    found = list(sentences(text, len, 200))
    assert all(len(part) <= 200 for part in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x07"])
def test_of_nothing_there_is_no_part(text: str) -> None:
    assert _cut(text) == []


def test_what_holds_no_letter_or_digit_is_not_for_the_model() -> None:
    assert not any(map(has_words, ("", "🎉 …", "。、！", "_")))
    assert all(map(has_words, ("OK", "7", "あ", "ß")))


def test_a_translation_may_be_three_times_as_long_and_never_longer_than_the_model_counts() -> None:
    assert reply_limit(10, 1024) == 54
    assert reply_limit(900, 1024) == 1022


class Letters:
    """A tokenizer of one byte of UTF-8 a token, whose text starts with a space that is not shown."""

    def decode(self, tokens: Sequence[int]) -> str:
        return bytes(tokens).decode("utf-8", "replace").lstrip(" ")


def test_every_token_gives_what_it_adds_and_half_a_letter_waits_for_its_other_half() -> None:
    pieces = list(as_text(" été 終".encode(), Letters().decode))
    assert "".join(pieces) == "été 終"
    assert pieces[0] == ""
    assert "\ufffd" not in "".join(pieces)
    assert pieces[-1] == "終"


def test_a_piece_is_given_before_the_next_token_is_asked_for() -> None:
    asked: list[int] = []

    def tokens() -> object:
        for token in b"ab":
            asked.append(token)
            yield token

    pieces = as_text(tokens(), Letters().decode)  # type: ignore[arg-type]
    assert next(pieces) == "a"
    assert asked == [ord("a")]
