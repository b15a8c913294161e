"""Amounts and spans are read as people write them, and written so that they can be read again."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.errors import BadInput
from claude_narrator.models.quantities import format_bytes, format_span, parse_bytes, parse_span_s


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("8 GB", 8 * 10**9),
        ("8gb", 8 * 10**9),
        ("8G", 8 * 10**9),
        ("7.5GiB", round(7.5 * 2**30)),
        ("512 MB", 512 * 10**6),
        (" 640 kb ", 640_000),
        ("123", 123),
    ],
)
def test_an_amount_of_memory_is_read_in_decimal_and_in_binary_units(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "GB", "eight GB", "8 XB", "-1 GB", "8 GB 2", "1e9", "8,5 GB", "9" * 40])
def test_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match="Write one such as 8 GB"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 600),
        ("1h30m", 5400),
        ("90", 90),
        ("90s", 90),
        ("0", 0),
        ("250ms", 0.25),
        ("2d", 172800),
        ("1.5h", 5400),
        ("forever", math.inf),
        ("-1", math.inf),
    ],
)
def test_a_span_of_time_is_read_as_ollama_reads_it(text: str, seconds: float) -> None:
    assert parse_span_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "m10", "10 m", "ten", "-5m", "10m!", "٣", "1h 2m"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInput, match="Write one such as 90s"):
        parse_span_s(text)


@given(st.integers(0, 10**14))
def test_an_amount_that_was_written_is_read_again_within_its_last_digit(count: int) -> None:
    assert parse_bytes(format_bytes(count)) == pytest.approx(count, rel=0.06, abs=600_000)


@given(st.floats(0, 10**7))
def test_a_span_that_was_written_is_read_again_within_its_smaller_unit(seconds: float) -> None:
    assert parse_span_s(format_span(seconds)) == pytest.approx(seconds, rel=0.05, abs=0.6)


def test_what_lasts_forever_is_written_so() -> None:
    assert format_span(math.inf) == "forever"
