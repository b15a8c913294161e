"""Options have defaults, one without must be set, and voices can be an option."""

from __future__ import annotations

from typing import Any

import pytest

from claude_narrator.models.errors import BadInput
from claude_narrator.models.options import (
    Option,
    are_options,
    filled,
    parse_option,
    parse_voices,
    what_is_unset,
)

OPTIONS = {
    "url": Option("Where.", example="http://a b"),
    "model": Option("Which.", "small"),
    "key": Option("", ""),
}


def test_every_option_has_a_value_and_an_empty_one_counts_as_not_set() -> None:
    assert filled(OPTIONS, {}) == {"url": "", "model": "small", "key": ""}
    assert filled(OPTIONS, {"url": "x", "model": "", "key": "y"}) == {
        "url": "x",
        "model": "small",
        "key": "y",
    }


def test_what_must_be_set_is_told_with_the_command_that_sets_it() -> None:
    said = what_is_unset("mine", OPTIONS, filled(OPTIONS, {}))
    assert said == "engines.mine.url is not set: voice settings set engines.mine.url 'http://a b'"
    assert what_is_unset("mine", OPTIONS, filled(OPTIONS, {"url": "x"})) == ""


def test_voices_are_listed_by_language_in_their_order() -> None:
    assert parse_voices("en:af_heart, ja:x-3 en:b+c(2) en:af_heart ja:声") == {
        "en": ("af_heart", "b+c(2)"),
        "ja": ("x-3", "声"),
    }
    assert parse_voices("") == {}


@pytest.mark.parametrize(
    ("literal", "right", "wrong", "says"),
    [
        ({"choices": ["a", "b"]}, ["", "a", "b"], ["c", "A", "1"], "it must be one of a, b"),
        (
            {"numbers": [8, 20]},
            ["", "8", "20"],
            ["7", "21", "x", "1e1", "٨", "9" * 20],
            "it must be a whole number from 8 to 20",
        ),
        (
            {"choices": ["auto"], "numbers": [0, 9]},
            ["auto", "0"],
            ["all", "-1"],
            "it must be auto or a whole number from 0 to 9",
        ),
        ({}, ["", "anything"], [], ""),
    ],
)
def test_an_option_tells_the_values_that_it_may_have(
    literal: dict[str, Any], right: list[str], wrong: list[str], says: str
) -> None:
    option = parse_option({"comment": "", **literal})
    assert [option.wrong(value) for value in right] == [""] * len(right)
    assert [option.wrong(value) for value in wrong] == [says] * len(wrong)


@pytest.mark.parametrize(
    "text", ["amy", "en:", ":amy", "e n:amy", "en:a/b", "en:a:b", "en!:amy", "en:" + "x" * 81]
)
def test_an_entry_that_is_no_voice_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not LANGUAGE:NAME"):
        parse_voices(text)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"url": "x"},
        {"url": {}},
        {"url": {"comment": 1}},
        {"url": {"comment": "a\nb"}},
        {"Url": {"comment": ""}},
        {1: {"comment": ""}},
        {"url": {"comment": "", "must": ""}},
        {"url": {"comment": "", "default": None}},
        {"url": {"comment": "", "choices": "ab"}},
        {"url": {"comment": "", "choices": ["a", 1]}},
        {"url": {"comment": "", "choices": ["a\nb"]}},
        {"url": {"comment": "", "choices": ["a"], "default": "b"}},
        {"url": {"comment": "", "choices": ["a"], "example": "b"}},
        {"url": {"comment": "", "numbers": [1]}},
        {"url": {"comment": "", "numbers": [1, True]}},
        {"url": {"comment": "", "numbers": [1, 5], "default": "6"}},
    ],
)
def test_a_declaration_of_another_form_is_none(value: object) -> None:
    assert not are_options(value)
