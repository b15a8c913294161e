"""Sentences that close while the text grows, and the cost of growing."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from claude_narrator.daemon.text.growing import LONGEST_CHARS, GrowingText
from claude_narrator.daemon.text.outline import texts_of
from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.sentences import ClauseSplitter, split_sentences
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Language

EN = Language("en")


def _grow(*deltas: str) -> list[tuple[str, ...]]:
    growing = GrowingText(EN)
    return [*(texts_of(growing.append(delta)) for delta in deltas), texts_of(growing.finish())]


@pytest.mark.parametrize(
    ("deltas", "said"),
    [
        (["One. Two.\n", "Three.\n"], [("One.", "Two."), ("Three.",), ()]),
        (["No newline yet.", "\n"], [(), ("No newline yet.",), ()]),
        (["A line that goes\n", "on here.\n"], [(), ("A line that goes on here.",), ()]),
        (
            ["Here it is:\n", "```py\n", "x\n", "```\n"],
            [("Here it is.",), (), (), ("Code block, python, 1 line.",), ()],
        ),
        (["```py\nx = 1\n", "y = 2\n"], [(), (), ("Code block, python, 2 lines.",)]),
        (["- one\n", "- two\n"], [(), ("one.",), ("two.",)]),
        (["1. First.\n", "2. Second.\n"], [("1: First.",), ("2: Second.",), ()]),
        (
            ["| a. | b. |\n", "|---|---|\n", "| 1 | 2 |\n", "\n"],
            [(), (), (), ("A table of 1 row: a, b.", "1: 2."), ()],
        ),
        (["Not a | table.\n", "Text.\n"], [(), ("Not a table.", "Text."), ()]),
        (["Open `code.\n", "more` here.\n"], [(), ("Open code more here.",), ()]),
        (["An open **bold.\n", "Still bold** here.\n"], [(), ("An open bold.", "Still bold here."), ()]),
        (["[a link.\n", "goes on](http://x.y).\n"], [(), ("a link.", "goes on."), ()]),
        (["Title\n", "===\n"], [(), ("Title.",), ()]),
        (["A whole sentence.\n", "===\n"], [("A whole sentence.",), (), ()]),
        (["# Heading\n"], [("Heading.",), ()]),
        (["See e.g.\n", "this one.\n"], [(), ("See e.g. this one.",), ()]),
        (["42.\n"], [("42.",), ()]),
        (["", "\n", ""], [(), (), (), ()]),
    ],
)
def test_a_sentence_is_given_when_nothing_can_change_it_any_more(
    deltas: list[str], said: list[tuple[str, ...]]
) -> None:
    assert _grow(*deltas) == said


def test_the_first_sentence_is_given_before_anything_else_is_parsed() -> None:
    growing = GrowingText(EN)
    assert texts_of(growing.append("# Done\n")) == ("Done.",)
    assert texts_of(growing.append("Everything works. " * 3 + "\n")) == ("Everything works.",) * 3


def test_text_beyond_the_limit_is_not_said_and_the_listener_is_told() -> None:
    text = ("word " * 399 + "end.\n") * (LONGEST_CHARS // 2000 + 2)
    said = speakable_sentences(text, EN)
    assert said[-1] == "The rest is too long to read."
    assert sum(map(len, said)) < LONGEST_CHARS + 1000
    growing = GrowingText(EN)
    pieces = [*growing.append(text[:150_001]), *growing.append(text[150_001:]), *growing.finish()]
    assert texts_of(pieces) == said


def _clauses(text: str) -> None:
    splitter = ClauseSplitter(EN)
    for start in range(0, len(text), 4):
        splitter.feed(text[start : start + 4])
    splitter.finish()


def _line_by_line(text: str) -> None:
    growing = GrowingText(EN)
    for line in text.splitlines(keepends=True):
        growing.append(line)
    growing.finish()


HOSTILE = [
    *("[", "![", "`", "``a ", "*", "**a ", "_a", "<", "<a ", "<!--", "> ", "- ", "- a\n", "1. a\n", "|", "#"),
    *("|a|b|\n", "~~a", "\\", "&", "http://a", "/a", "a/", "a.a_", ".", "--a", "->", "「", "「。", "`a.\n"),
    *("[a.\n", "```\n", "    a\n", "a\n=\n", "|-|\n", "0123abcdef", "a. ", "s'", "e.g. ", "あ、", "]["),
    *("[^1]", "\u0301", "token=a ", "-----BEGIN PRIVATE KEY-----", "eyJ", "://a:", "x" * 61 + " ", "\t"),
    *("a" * 30 + "1", "{", '"', "✅"),
]
WORK: dict[str, Callable[[str], object]] = {
    "say": lambda text: speakable_sentences(text, EN),
    "grow": _line_by_line,
    "redact": redact,
    "split": lambda text: split_sentences(text, EN),
    "clauses": _clauses,
}


def _best_time(work: Callable[[str], object], text: str) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        work(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("unit", HOSTILE, ids=ascii)
def test_twice_the_hostile_text_takes_less_than_four_times_the_work(unit: str) -> None:
    for name, work in WORK.items():
        once = _best_time(work, (unit * 3_000)[:3_000])
        twice = _best_time(work, (unit * 6_000)[:6_000])
        assert twice < 4 * once + 0.004, name


def test_a_code_block_that_grows_line_by_line_costs_the_same_for_every_line() -> None:
    half = "```python\n" + "value = compute(1, 2)\n" * 1_200
    whole = "```python\n" + "value = compute(1, 2)\n" * 2_400
    assert _best_time(_line_by_line, whole) < 4 * _best_time(_line_by_line, half)
    assert speakable_sentences(whole, EN) == ("Code block, python, 2400 lines.",)


def test_a_sentence_of_an_open_line_is_said_as_soon_as_the_next_one_has_begun() -> None:
    growing = GrowingText(EN)
    growing.append("The build is green. The tests")
    assert growing.ahead() == ()
    growing.append(" are still running here.")
    assert texts_of(growing.ahead()) == ("The build is green.",)
    assert growing.ahead() == ()
    assert texts_of(growing.append(" Good.\n")) == ("The tests are still running here.", "Good.")
    assert growing.finish() == ()


@pytest.mark.parametrize(
    "line",
    [
        "See `x. y` and what it does. It is a long story",
        "One **bold. Word** is here. It is a long story",
        "Dr. Smith has a very long story to tell of it",
        "    indented. It is code and no prose at all, so",
        "The key is [here. It is](a/b). And more follows it",
    ],
)
def test_what_the_rest_of_the_line_may_change_is_not_said_ahead(line: str) -> None:
    growing = GrowingText(EN)
    growing.append(line)
    assert growing.ahead() == ()


def test_nothing_is_said_ahead_of_a_code_block() -> None:
    growing = GrowingText(EN)
    growing.append("```\nThis is code. It has a sentence in it, though.")
    assert growing.ahead() == ()
    assert texts_of(growing.finish()) == ("Code block, 1 line.",)


def test_looking_ahead_for_each_token_of_a_long_line_stays_cheap() -> None:
    growing = GrowingText(EN)
    said: list[str] = []
    for number in range(20_000):
        growing.append(f"Word {number}. ")
        said += texts_of(growing.ahead())
    assert (*said, *texts_of(growing.finish()))[:2] == ("Word 0.", "Word 1.")
