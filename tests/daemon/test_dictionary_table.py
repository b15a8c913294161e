"""Words come from CSV, TSV and JSON lines, whole or not at all, and go out in the same forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.dictionary import mistake_in
from claude_narrator.daemon.dictionary_table import Entry, entries_of, read_table, write_table
from claude_narrator.models.errors import BadInput

EXPECTED = [Entry("nginx", "エンジンエックス", "ja"), Entry("pull, request", "P R")]
LINES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12).map(str.strip)
ENTRIES = st.lists(
    st.builds(Entry, LINES, LINES, st.sampled_from(["", "ja", "pt-BR"])),
    max_size=6,
    unique_by=lambda entry: (entry.word.casefold(), entry.language),
).map(lambda entries: [e for e in entries if not mistake_in(e.word, e.reading)])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("words.csv", 'nginx,エンジンエックス,ja\n"pull, request",P R\n'),
        (
            "words.csv",
            '\ufeffword,reading,language\r\nnginx, エンジンエックス ,ja\r\n\r\n"pull, request",P R,\r\n',
        ),
        ("words.tsv", "nginx\tエンジンエックス\tja\npull, request\tP R\n"),
        ("words", "Word\tReading\nnginx\tエンジンエックス\tja\npull, request\tP R"),
        (
            "words.jsonl",
            '{"word": "nginx", "reading": "エンジンエックス", "language": "ja"}\n'
            '{"word": "pull, request", "reading": "P R"}\n',
        ),
        (
            "words.txt",
            ' {"reading": "エンジンエックス", "word": "nginx", "language": "ja"}\n'
            '{"word": "pull, request", "reading": "P R", "language": ""}',
        ),
    ],
)
def test_words_are_read_from_every_form(name: str, content: str) -> None:
    assert read_table(content.encode(), name) == EXPECTED


@pytest.mark.parametrize("name", ["words.csv", "words.tsv", "words.jsonl", ""])
@given(entries=ENTRIES)
def test_what_was_written_is_read_again(name: str, entries: list[Entry]) -> None:
    assert read_table(write_table(entries, name).encode(), name or "words.csv") == entries


def test_every_bad_line_is_told_in_one_message() -> None:
    content = "nginx,エンジンエックス,ja\nalone\na,b,c,d\nx, ,ja\n!!,x\nx,y,japanese\nNGINX,N,ja\n,y\n"
    with pytest.raises(BadInput) as caught:
        read_table(content.encode(), "words.csv")
    message = str(caught.value)
    assert message.startswith("words.csv: line 2: 1 columns where word, reading")
    for number in (2, 3, 4, 5, 6, 7, 8):
        assert f"line {number}: " in message
    assert "line 7: 'NGINX' has another reading in line 1" in message
    assert "line 1: " not in message
    assert "\n" not in message
    assert message.endswith("nothing was changed.")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"word": "a"}', "the key 'reading' is missing"),
        ('{"word": "a", "reading": "b", "accent": 1}', "unknown key 'accent'"),
        ('{"word": "a", "reading": 3}', "must be texts"),
        ('{"word": "a", "word": "b", "reading": "c"}', "a key is given twice"),
        ('{"word": "a", "reading": "b\\nc"}', "the reading must be a line"),
    ],
)
def test_a_bad_json_line_is_told_with_its_number(line: str, says: str) -> None:
    with pytest.raises(BadInput, match="line 2: ") as caught:
        read_table(f'{{"word": "ok", "reading": "ok"}}\n{line}\n'.encode(), "words.jsonl")
    assert says in str(caught.value)


def test_a_file_that_is_no_text_is_told_where() -> None:
    with pytest.raises(BadInput, match=r"words\.csv is no UTF-8: .* at byte 2"):
        read_table(b"ab\xff", "words.csv")


def test_an_unclosed_quotation_mark_is_a_bad_line() -> None:
    with pytest.raises(BadInput, match=r"line 1: "):
        read_table(b'"nginx,x\nb,c\n', "words.csv")


def test_an_empty_file_has_no_words() -> None:
    assert read_table(b"\n\n", "words.csv") == []


def test_entries_are_sorted_by_word_whatever_the_case() -> None:
    assert entries_of({"ja": {"b": "1", "A": "2"}, "": {"a": "3"}}) == [
        Entry("a", "3"), Entry("A", "2", "ja"), Entry("b", "1", "ja")
    ]  # fmt: skip
