"""JSON edited in place: only what was asked for changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.install import json_text
from claude_narrator.models.errors import BadInput

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
layouts = st.sampled_from([None, 1, 2, 4, "\t"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """An object as some program or person wrote it."""
    document = draw(st.dictionaries(st.text(), values, max_size=4))
    indent, dense = draw(layouts), draw(st.booleans())
    separators = (",", ":") if dense and indent is None else None
    text = json.dumps(document, indent=indent, ensure_ascii=draw(st.booleans()), separators=separators)
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "\n", "\n\n"]))


def read(text: str) -> Any:
    return json.loads(text.removeprefix("\ufeff"))


@given(texts(), st.text(), values)
def test_what_is_added_is_there_and_all_else_is_as_it_was(text: str, key: str, value: Any) -> None:
    before = read(text)
    if key in before:
        return
    assert read(json_text.add(text, (key,), value)) == {**before, key: value}


@given(texts(), st.text(), values)
def test_what_is_added_and_removed_again_leaves_the_same_text(text: str, key: str, value: Any) -> None:
    if key not in read(text):
        assert json_text.remove(json_text.add(text, (key,), value), (key,)) == text


@given(texts())
def test_each_member_can_be_removed_alone(text: str) -> None:
    for key in read(text):
        after = read(json_text.remove(text, (key,)))
        assert after == {k: v for k, v in read(text).items() if k != key}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{}', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'),
        ('{"x":1}', '{"x":1,"a":{"b":[1]}}'),
        ('{"x": 1}', '{"x": 1, "a": {"b": [1]}}'),
        ('{\n\t"x": 1\n}\n', '{\n\t"x": 1,\n\t"a": {\n\t\t"b": [\n\t\t\t1\n\t\t]\n\t}\n}\n'),
        ('{\r\n "x": 1\r\n}', '{\r\n "x": 1,\r\n "a": {\r\n  "b": [\r\n   1\r\n  ]\r\n }\r\n}'),
        ('{\n  "a": {"b": [0, 7]}\n}', '{\n  "a": {"b": [0, 7, 1]}\n}'),
        ('{\n  "a": {"b": [\n    0\n  ]}\n}', '{\n  "a": {"b": [\n    0,\n    1\n  ]}\n}'),
        ('{\n  "a": {}\n}', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'),
        ('{\n"a": {"b": []}\n}', '{\n"a": {"b": [\n  1\n]}\n}'),
        ('{"a": {"b": [0]}, "a": {"b": [2]}}', '{"a": {"b": [0]}, "a": {"b": [2, 1]}}'),
    ],
)  # fmt: skip
def test_an_item_is_added_in_the_style_of_its_surroundings(before: str, after: str) -> None:
    assert json_text.add(before, ("a", "b", 0), 1) == after


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'{"a": 1,}', 1, "[89]"),  # of the comma, or of what follows it, as the version of Python has it
        (b'{\n  // a comment\n}', 2, 3),
        (b'{\n  "a": 1\n  "b": 2\n}', 3, 3),
        (b"", 1, 1),
        (b'{"a": 1', 1, 8),
        (b'{\n"a": "\xff"}', 2, 7),
        (b'{"a": "x\ny"}', 1, 9),
    ],
)  # fmt: skip
def test_broken_json_is_refused_with_its_line_and_column(data: bytes, line: int, column: int | str) -> None:
    with pytest.raises(BadInput, match=f"settings.json is not valid JSON: line {line}, column {column}:"):
        json_text.parse(data, "settings.json")


@pytest.mark.parametrize("data", [b'{"a": NaN}', b'{"a": -Infinity}', b"[" * 100_000, b"1" * 5000])
def test_what_claude_code_could_not_read_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="not valid JSON"):
        json_text.parse(data, "settings.json")
