"""A stream of events is the same however the network cuts it, and what is none is told."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.engines.event_stream import MAX_LINE_BYTES, NoEventStream, data_lines

STREAM = (
    ": a comment\r\n\r\n"
    'event: message\nid: 7\nretry: 3000\ndata: {"text": "ビルド"}\n\n'
    "data:{}\n\ndata: \n\nerror: {}\r\n\ndata: [DONE]\n\ndata: broken o"
).encode()
TEXTS = ['{"text": "ビルド"}', "{}", "{}", "[DONE]"]


@given(st.lists(st.integers(0, len(STREAM))))
def test_it_gives_the_same_texts_wherever_it_is_cut(cuts: list[int]) -> None:
    ends = sorted({0, len(STREAM), *cuts})
    blocks = [STREAM[start:end] for start, end in itertools.pairwise(ends)]
    assert list(data_lines(blocks)) == TEXTS


def test_an_empty_block_is_a_sign_of_life() -> None:
    assert list(data_lines([b"data: a", b"", b"\n"])) == ["", "a"]


@pytest.mark.parametrize(
    "block", [b"<html>\n", b'{"choices": []}\n', b"data\n", b"{}", b"\x00\n", b"x" * (MAX_LINE_BYTES + 1)]
)
def test_what_is_no_such_stream_is_told(block: bytes) -> None:
    with pytest.raises(NoEventStream):
        list(data_lines([block]))
