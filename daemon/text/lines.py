"""What one line of Markdown starts, ends or goes on with. Indentation is in spaces, tabs are expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass

CODE_INDENT = 4
_ITEM = re.compile(r" {0,3}(?:(?P<bullet>[-+*])|(?P<number>\d{1,9})[.)])(?= |$)")
_QUOTE = re.compile(r" {0,3}> ?")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_TASK = re.compile(r"\[(?P<mark>[ xX])\](?:\s+|$)")
_SETEXT = re.compile(r" {0,3}(?:=+|-+) *$")
_DELIMITER_CELL = re.compile(r":?-+:?")
_CELL_END = re.compile(r"(?<!\\)\|")
_HTML_SKIPPED = re.compile(r" {0,3}<(?P<tag>script|style|pre|textarea)(?=[ >]|$)", re.I)
_DEFINITION = re.compile(
    r"\[(?!\^)[^\[\]]{1,200}\]:\s{0,9}<?(?=\S{0,200}[/.#:])\S{1,2000}(?:\s{1,9}[\"'(][^\"')]{0,500}[\"')])?\s*$"
)
_FOOTNOTE = re.compile(r"\[\^[^\[\]]{1,200}\]:")


@dataclass(frozen=True, slots=True)
class ItemMarker:
    """A list item's marker: `number` for ordered lists; content starts at `offset` within the line."""

    number: int | None
    offset: int
    kind: str


@dataclass(frozen=True, slots=True)
class FenceMarker:
    """The opening of a fenced code block."""

    mark: str
    info: str

    def closed_by(self, line: str) -> bool:
        """Tell whether `line` is the closing fence."""
        stripped = line.strip()
        long_enough = len(stripped) >= len(self.mark)
        return indent_of(line) < CODE_INDENT and long_enough and stripped == self.mark[0] * len(stripped)


def indent_of(line: str) -> int:
    """Return the number of leading spaces."""
    return len(line) - len(line.lstrip(" "))


def quote_prefix(line: str) -> int:
    """Return the length of the block quote marker that `line` starts with, 0 when there is none."""
    found = _QUOTE.match(line)
    return found.end() if found else 0


def item_marker(line: str) -> ItemMarker | None:
    """Return the list item marker that `line` starts with."""
    found = _ITEM.match(line)
    if not found or is_rule(line):
        return None
    rest = line[found.end() :]
    if found["number"] and not rest.strip():
        return None  # "42." is an answer, not an empty list.
    spaces = indent_of(rest)
    padding = spaces if 1 <= spaces <= CODE_INDENT and rest.strip() else 1
    number = int(found["number"]) if found["number"] else None
    return ItemMarker(number, found.end() + padding, found["bullet"] or line[found.end() - 1])


def is_rule(line: str) -> bool:
    """Tell whether `line` is a thematic break."""
    marks = line.replace(" ", "")
    return (
        indent_of(line) < CODE_INDENT and len(marks) >= 3 and marks[0] in "-*_" and set(marks) == {marks[0]}
    )


def is_setext_underline(line: str) -> bool:
    """Tell whether `line` makes a heading of the paragraph before it."""
    return bool(_SETEXT.match(line))


def heading_text(line: str) -> str | None:
    """Return the text of an ATX heading, None when `line` is none."""
    text = line.strip(" ")
    level = len(text) - len(text.lstrip("#"))
    if indent_of(line) >= CODE_INDENT or not 1 <= level <= 6 or text[level : level + 1] not in ("", " "):
        return None
    text = text[level:].strip(" ")
    bare = text.rstrip("#")
    return bare.rstrip(" ") if not bare or bare.endswith(" ") else text


def fence_marker(line: str) -> FenceMarker | None:
    """Return the fence that `line` opens."""
    found = _FENCE.match(line)
    if not found or (found["mark"][0] == "`" and "`" in found["info"]):
        return None
    return FenceMarker(found["mark"], found["info"].strip())


def html_end(line: str) -> str | None:
    """Return what ends the HTML block without prose that `line` opens; None when it opens none or ends it."""
    if indent_of(line) >= CODE_INDENT:
        return None
    found = _HTML_SKIPPED.match(line)
    end = f"</{found['tag']}>" if found else "-->" if line.lstrip(" ").startswith("<!--") else None
    return None if end is None or end in line else end


def task_mark(text: str) -> tuple[bool | None, str]:
    """Return whether `text` is a task that is done, None for no task, and the text without the box."""
    found = _TASK.match(text)
    return (found["mark"] != " ", text[found.end() :]) if found else (None, text)


def table_cells(line: str) -> tuple[str, ...]:
    """Return the cells of a table row, stripped."""
    text = line.strip()
    text = text[1:] if text.startswith("|") else text
    cells = _CELL_END.split(text)
    if not cells[-1].strip():
        cells.pop()
    return tuple(cell.replace("\\|", "|").strip() for cell in cells)


def is_table_delimiter(line: str, columns: int) -> bool:
    """Tell whether `line` is the row under a table's header of that many columns."""
    if (
        line.strip(" |:-")
        or ("|" not in line and ":" not in line and columns > 1)
        or indent_of(line) >= CODE_INDENT
    ):
        return False
    cells = table_cells(line)
    return len(cells) == columns and all(_DELIMITER_CELL.fullmatch(cell) for cell in cells)


def is_definition(line: str) -> bool:
    """Tell whether `line` defines a link or a footnote, which is never said."""
    return bool(_DEFINITION.match(line) or _FOOTNOTE.match(line))
