"""What is said of a table: how many rows, which columns, and of a small one the rows themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from claude_narrator.daemon.text.characters import has_words, is_wide
from claude_narrator.daemon.text.leaves import Table
from claude_narrator.daemon.text.phrases import Phrases

_MOST_COLUMNS = 12
_FEW_ROWS, _FEW_COLUMNS, _SHORT_CELL_CHARS = 6, 4, 80
"""A table within these is read out by itself: longer ones nobody can follow by ear."""
_ENDS = " ,;:，、；：-–—.。"
_YES = re.compile(r"[\s✓✔✅☑🟢👍\ufe0f]+\Z")
_NO = re.compile(r"[\s✗✘❌✖🔴👎\ufe0f]+\Z")


def say_table(table: Table, phrases: Phrases, say_inline: Callable[[str], str]) -> Iterator[str]:
    """Yield what is said of `table`; `say_inline` says the Markdown of a cell."""
    columns = tuple(
        _say_cell(cell, phrases, say_inline).rstrip("?!？！") for cell in table.columns[:_MOST_COLUMNS]
    )
    rows, names = phrases.count(table.rows, "row"), [each for each in columns if has_words(each)]
    if names:
        yield phrases.table.format(rows=rows, columns=phrases.comma.join(names))
    else:
        yield phrases.table_without_columns.format(rows=rows)
    if _is_read(table, phrases.style.tables):
        for cells in table.cells:
            said = tuple(_say_cell(cell, phrases, say_inline) for cell in cells[:_MOST_COLUMNS])
            yield _say_row(columns, said, phrases)
        if table.rows > len(table.cells):
            yield phrases.rest_skipped


def _is_read(table: Table, how: str) -> bool:
    if how != "auto":
        return how == "rows"
    short = all(len(cell) <= _SHORT_CELL_CHARS for cells in table.cells for cell in cells)
    return table.rows <= _FEW_ROWS and len(table.columns) <= _FEW_COLUMNS and short


def _say_cell(cell: str, phrases: Phrases, say_inline: Callable[[str], str]) -> str:
    """Return what is said of a cell; a mark alone is a yes or a no."""
    if cell and _YES.match(cell):
        return phrases.yes
    if cell and _NO.match(cell):
        return phrases.no
    return say_inline(cell).strip(_ENDS)


def _say_row(columns: tuple[str, ...], cells: tuple[str, ...], phrases: Phrases) -> str:
    """Return `parse: Before 41, After 3.`, of two columns `parse: 41.`; empty cells are left out."""
    first, *rest = zip(columns, cells, strict=True)
    named = len(rest) > 1
    parts = [_named(column, value, phrases) if named else value for column, value in rest if value]
    said = phrases.comma.join(parts)
    if first[1]:
        colon = " " if first[1][-1] in "?!？！" else phrases.colon
        said = f"{first[1]}{colon}{said}" if said else first[1]
    stop = "。" if is_wide(said[-1:]) else phrases.stop
    return said if not said or said[-1] in "!?！？" else said + stop


def _named(column: str, value: str, phrases: Phrases) -> str:
    return phrases.cell.format(column=column, value=value) if column else value
