"""The line-by-line block scanner against a whole-text CommonMark parser."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from claude_narrator.daemon.text.blocks import Block, BlockScanner, Code, Prose, Table
from claude_narrator.models.types import Language

Part = tuple[str, object]
_PARSER = MarkdownIt("commonmark").enable("table").disable(["html_block", "reference"])
_PREFIXES = st.sampled_from(
    ["", "", "", "# ", "- ", "* ", "1. ", "1) ", "> ", "  ", "   - ", "    ", "  > ", "> - ", "   ", "-   "]
)
_CONTENT = st.sampled_from(
    [
        "word",
        "a sentence.",
        "x",
        "```",
        "```py",
        "~~~",
        "---",
        "***",
        "| a | b |",
        "|---|---|",
        "a | b",
        "",
        "",
        "b:",
    ]
)
_DIFFERS = re.compile(r"\d[.)]\s*$|^[#>*\d -].*\||^ {4,}[^\w\s]")
"""An empty number is an empty list to CommonMark, to a listener it is an answer. A table's header that begins
like a heading or a list: the parser prefers the table, which no other implementation does. A mark that is
indented like code but less than the open list: the parser ends the paragraph, the specification does not."""
_LINE = st.tuples(_PREFIXES, _CONTENT).map("".join).filter(lambda line: not _DIFFERS.search(line))
_LINES = st.lists(_LINE, max_size=12)


def _scan(text: str) -> list[Block]:
    scanner = BlockScanner(Language("en"))
    blocks = [block for line in text.removesuffix("\n").split("\n") for block in scanner.feed(line)]
    return blocks + scanner.finish()


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Join neighbouring prose: where a paragraph ends makes no difference to what is said."""
    merged: list[Part] = []
    for kind, value in parts:
        if kind == "prose" and merged and merged[-1][0] == "prose":
            merged[-1] = ("prose", f"{merged[-1][1]} {value}")
        else:
            merged.append((kind, value))
    return merged


def _of_scanner(text: str) -> Iterable[Part]:
    for block in _scan(text):
        if isinstance(block, Prose):
            yield "prose", " ".join(block.text.split())
        elif isinstance(block, Code):
            yield "code", block.lines
        else:
            yield "table", block.rows


def _of_parser(tokens: list[Token]) -> Iterable[Part]:
    in_table, rows = False, 0
    for token in tokens:
        if token.type == "table_open":
            in_table, rows = True, -1
        elif token.type == "tr_open":
            rows += 1
        elif token.type == "table_close":
            in_table = False
            yield "table", rows
        elif token.type in ("fence", "code_block"):
            yield "code", token.content.count("\n")
        elif token.type == "inline" and not in_table and token.content.strip():
            yield "prose", " ".join(token.content.split())


@settings(max_examples=300, deadline=None)
@given(_LINES)
@example(["- a", "", "      code", "- b"])
@example(["> a", "lazy", "> ```", "> x", "out"])
@example(["1. a", "   ```", "   x", "", "   y", "   ```", "2. b"])
def test_blocks_are_those_of_a_commonmark_parser(lines: list[str]) -> None:
    text = "\n".join([*lines, ""])
    assert _merged(_of_scanner(text)) == _merged(_of_parser(_PARSER.parse(text)))


def test_an_ordered_list_counts_on_from_its_first_number() -> None:
    assert [block.number for block in _scan("3. a\n3. b\n\n7) c") if isinstance(block, Prose)] == [3, 4, 7]


def test_a_number_belongs_to_the_first_text_of_its_item() -> None:
    assert _scan("1. a.\n\n   b\n   - c") == [Prose("a.", 1), Prose("b"), Prose("c")]


def test_a_row_without_pipes_still_belongs_to_the_table() -> None:
    table = Table(("a", "b"), 1, (("plain", ""),))
    assert _scan("|a|b|\n|-|-|\nplain\n\nend") == [table, Prose("end")]


def test_text_after_a_comment_is_kept() -> None:
    assert _scan("<!--\nx\n--> after\nmore.") == [Prose("after\nmore.")]
