"""What is a name in a text stays known whatever is done to the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.text.named_text import NamedText, joined, name_in_full
from claude_narrator.models.types import Language

PIECES = st.lists(st.tuples(st.text("ab_ ,.\n", max_size=6), st.booleans()), max_size=8)
PATTERNS = st.sampled_from([r"\s+", "_", "a+", r"(?<=a) (?=[,.])", r"([,.])(?:\s?[,.])+", "b.", r"\Aa", ","])
REPLACEMENTS = st.sampled_from(["", " ", "a", "xyz"])


def named(pieces: list[tuple[str, bool]]) -> NamedText:
    return joined(name(text) if is_name else NamedText(text) for text, is_name in pieces)


def name(text: str) -> NamedText:
    return name_in_full(text, text, lambda language: text)


def names_in(text: NamedText) -> list[str]:
    return [text.text[each.start : each.end] for each in text.names]


@given(PIECES, PATTERNS, REPLACEMENTS)
def test_a_pattern_changes_the_text_as_it_would_a_plain_one(
    pieces: list[tuple[str, bool]], pattern: str, replacement: str
) -> None:
    text = named(pieces)
    changed = text.sub(re.compile(pattern), replacement)
    assert changed.text == re.sub(pattern, replacement, text.text)
    edges = [edge for each in changed.names for edge in (each.start, each.end)]
    assert edges == sorted(edges)
    assert all(0 <= each.start < each.end <= len(changed.text) for each in changed.names)


@given(PIECES, PATTERNS)
def test_a_name_that_no_match_touches_is_what_it_was(pieces: list[tuple[str, bool]], pattern: str) -> None:
    text = named(pieces)
    touched = [found.span() for found in re.finditer(pattern, text.text)]
    kept = {
        id(each.said_in): each.written
        for each in text.names
        if not any(start < each.end and each.start < end for start, end in touched)
    }
    changed = text.sub(re.compile(pattern), "xyz")
    said = {id(each.said_in): changed.text[each.start : each.end] for each in changed.names}
    assert {each: said[each] for each in kept} == kept


@given(PIECES, st.integers(0, 20), st.integers(0, 20))
def test_a_part_has_the_names_that_are_whole_in_it(
    pieces: list[tuple[str, bool]], start: int, length: int
) -> None:
    text = named(pieces)
    part = text.part(start, start + length)
    assert part.text == text.text[start : start + length]
    assert [said.strip() for said in names_in(part)] == names_in(part)
    whole = [n.written for n in text.names if start <= n.start and n.end <= start + length]
    assert names_in(part) == [said for each in whole if (said := each.strip())]


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        (r"\(\s*\)", " ", ["get user"]),
        ("user", "users", ["get users"]),
        ("the get", "a", ["user"]),
        ("user now", "it", ["get"]),
        ("get user", "it", ["it"]),
        ("the get user now", "it", []),
    ],
)
def test_what_is_cut_off_a_name_is_no_part_of_it(pattern: str, replacement: str, expected: list[str]) -> None:
    text = joined((NamedText("call the "), name("get user"), NamedText(" now "), NamedText("( )")))
    changed = text.sub(re.compile(pattern), replacement).part(0)
    assert names_in(changed) == expected


def test_a_template_puts_words_around_a_text_and_its_names() -> None:
    text = joined((NamedText("see "), name("get user"))).within("Item {number}: {text}!", number=3)
    assert (text.text, names_in(text)) == ("Item 3: see get user!", ["get user"])
    assert name("a").within("nothing") == NamedText("nothing")


@pytest.mark.parametrize(
    ("pattern", "expected"), [("a_b", ["it"]), ("see a_b", ["it"]), ("_b", ["it"]), ("c", ["a_b", "it"])]
)
def test_what_a_rule_puts_there_is_a_name_in_place_of_what_was_one(pattern: str, expected: list[str]) -> None:
    text = joined((NamedText("see "), name("a_b"), NamedText(" or c.")))
    changed = text.sub(re.compile(pattern), "it", lambda written, language: written + language)
    assert names_in(changed) == expected
    assert changed.names[-1].said_in(Language("ja")) == f"{pattern}ja"


def test_the_marks_behind_a_name_are_no_part_of_it() -> None:
    changed = NamedText("see a.b...").sub(re.compile(r"a\S+"), "a dot b...", lambda written, _: written)
    assert [(each.written, names_in(changed)) for each in changed.names] == [("a.b", ["a dot b"])]
