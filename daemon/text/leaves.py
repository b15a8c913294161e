"""Blocks that hold no prose: code, tables, HTML; as they are when closed, and while they are open."""

from __future__ import annotations

from dataclasses import dataclass, field

from claude_narrator.daemon.text import lines
from claude_narrator.daemon.text.diffs import ChangeCounter, Changes
from claude_narrator.daemon.text.place import Place

MOST_ROWS = 50
"""Rows of a table whose cells are kept."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code block of `lines` lines; `info` is what follows its fence, `changes` what a diff does."""

    info: str
    lines: int
    changes: Changes | None = None
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the inline Markdown of its header's cells, how many rows follow, and the first of them."""

    columns: tuple[str, ...]
    rows: int
    cells: tuple[tuple[str, ...], ...] = ()
    place: Place = field(default=Place(), compare=False)


@dataclass(slots=True)
class CodeLeaf:
    """An open code block; `fence` is None for an indented one, `blank` its blank lines so far at the end."""

    info: str
    fence: lines.FenceMarker | None
    count: int = 0
    blank: int = 0
    changes: ChangeCounter = field(default_factory=ChangeCounter)

    def take(self, line: str) -> None:
        """Take a line of code."""
        self.count += 1
        self.changes.feed(line)

    def block(self) -> Code:
        """Return the block as it is now."""
        is_diff = self.info.lower().startswith(("diff", "patch"))
        return Code(self.info, self.count, self.changes.counted() if is_diff else None)


@dataclass(slots=True)
class TableLeaf:
    """An open table."""

    columns: tuple[str, ...]
    rows: int = 0
    cells: list[tuple[str, ...]] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take a row."""
        self.rows += 1
        if self.rows <= MOST_ROWS:
            cells = lines.table_cells(line)[: len(self.columns)]
            self.cells.append((*cells, *("" for _ in self.columns[len(cells) :])))

    def block(self) -> Table:
        """Return the table as it is now."""
        return Table(self.columns, self.rows, tuple(self.cells))


@dataclass(slots=True)
class HtmlLeaf:
    """An open HTML block without prose, and what ends it."""

    end: str
