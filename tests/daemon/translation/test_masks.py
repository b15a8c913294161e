"""Names are masked, and the masks undone however a model writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.translation.kept import kept_in
from claude_narrator.daemon.translation.masks import Masks

TEXT = "get_user calls get_user_name in a.py, 12 times."


def test_every_name_has_a_mask_of_its_own_and_numbers_have_none() -> None:
    masks = Masks(TEXT, kept_in(TEXT))
    assert masks.masked == "X1 calls X2 in X3, 12 times."
    assert masks.unmasked(masks.masked) == TEXT


@pytest.mark.parametrize(
    ("translation", "unmasked"),
    [
        ("X3のX1", "a.pyのget_user"),
        ("Ｘ３の x1", "a.pyの get_user"),
        ("X 2、X-1", "get_user_name、get_user"),
        ("X112回", "get_user 12回"),
        ("X9 と EX1", "X9 と EX1"),
    ],
)
def test_a_mask_is_known_again_in_another_spelling(translation: str, unmasked: str) -> None:
    assert Masks(TEXT, kept_in(TEXT)).unmasked(translation) == unmasked


def test_a_mask_never_stands_for_what_the_text_itself_says() -> None:
    text = "X1 and get_user"
    masks = Masks(text, kept_in(text))
    assert masks.masked == "Z1 and Z2"
    assert masks.unmasked("Z2 と Z1") == "get_user と X1"
    full = "X1 Z1 Q1 V1 J1 get_user"
    assert Masks(full, kept_in(full)).masked == full


@given(
    st.lists(st.sampled_from(["get_user", "a.py", "X1", "foo", '"foo"', "12", "food", "--all"]), max_size=8)
)
def test_what_was_masked_comes_back_as_it_was(words: list[str]) -> None:
    text = " ".join(words)
    masks = Masks(text, kept_in(text))
    assert masks.unmasked(masks.masked) == text
