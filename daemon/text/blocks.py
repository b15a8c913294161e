"""Markdown blocks, line by line, as they close: the block phase of CommonMark for a text that may still grow.

The algorithm is the one of the specification's appendix "A parsing strategy"
(https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy) with the tables of GitHub's extension. What
differs: a paragraph is given away as soon as it ends with a sentence, so a setext underline that comes later
changes nothing; HTML blocks are paragraphs, because what stands between their tags is prose.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from claude_narrator.daemon.text import lines
from claude_narrator.daemon.text.leaves import Code, CodeLeaf, HtmlLeaf, Table, TableLeaf
from claude_narrator.daemon.text.paragraph import Paragraph
from claude_narrator.daemon.text.place import Place
from claude_narrator.models.types import Language

_MAX_DEPTH = 20
"""Containers within containers; deeper markers are text."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Inline Markdown. `number` and `done` are those of the list item that it opens, None for others."""

    text: str
    number: int | None = None
    done: bool | None = None
    place: Place = field(default=Place(), compare=False)


Block = Prose | Code | Table


@dataclass(frozen=True, slots=True)
class _Container:
    """A block quote (`offset` 0) or a list item, whose content starts at column `offset`.

    `group` is the same for all items of a list.
    """

    offset: int = 0
    kind: str = ">"
    number: int | None = None
    group: int = 0


class BlockScanner:
    """Takes lines, gives the blocks that they close."""

    def __init__(self, language: Language) -> None:
        """Start at the top of a document in `language`."""
        self._language = language
        self._containers: list[_Container] = []
        self._leaf: Paragraph | CodeLeaf | TableLeaf | HtmlLeaf | None = None
        self._item_number: int | None = None
        self._item_begins = False
        self._hollow = False
        self._leaves, self._groups = 1, 0
        self._closed: list[Block] = []

    def feed(self, line: str) -> list[Block]:
        """Take the next line, without its newline, and return the blocks that are closed now."""
        line = line.expandtabs(lines.CODE_INDENT)
        matched, rest = self._match_containers(line)
        inside = matched == len(self._containers)
        if not (inside and self._goes_on_verbatim(rest)):
            self._take(rest, matched)
        return self._give()

    def finish(self) -> list[Block]:
        """Close everything and return what that gave."""
        self._close_leaf()
        self._containers.clear()
        return self._give()

    def _give(self) -> list[Block]:
        closed, self._closed = self._closed, []
        return closed

    def _match_containers(self, line: str) -> tuple[int, str]:
        """Return how many open containers `line` goes on with, and what is left of it."""
        for matched, container in enumerate(self._containers):
            if container.offset:
                if line.strip() and lines.indent_of(line) < container.offset:
                    return matched, line
                line = line[container.offset :]
            elif prefix := lines.quote_prefix(line):
                line = line[prefix:]
            else:
                return matched, line
        return len(self._containers), line

    def _goes_on_verbatim(self, rest: str) -> bool:
        """Let an open code or HTML block take the line; tell whether it did."""
        leaf = self._leaf
        if isinstance(leaf, HtmlLeaf):
            _, end, after = rest.partition(leaf.end)
            if end:
                self._leaf = None
                self._open_leaf(after) if after.strip() else None
            return True
        if not isinstance(leaf, CodeLeaf):
            return False
        if leaf.fence is None:
            return self._goes_on_indented(leaf, rest)
        if leaf.fence.closed_by(rest):
            self._close_leaf()
        else:
            leaf.take(rest)
        return True

    @staticmethod
    def _goes_on_indented(leaf: CodeLeaf, rest: str) -> bool:
        if not rest.strip():
            leaf.blank += 1
            return True
        if lines.indent_of(rest) < lines.CODE_INDENT:
            return False
        leaf.count += 1 + leaf.blank
        leaf.blank = 0
        return True

    def _take(self, rest: str, matched: int) -> None:
        if not rest.strip():
            self._close_leaf()
            # A blank line after a marker without text ends the item.
            ends_item = self._hollow and matched == len(self._containers)
            del self._containers[matched - ends_item :]
            self._hollow = False
            return
        opened, rest = self._open_containers(rest, matched)
        inside = opened or matched == len(self._containers)
        self._hollow = not rest.strip() and bool(self._containers[-1].offset)
        if not rest.strip():
            return
        if isinstance(self._leaf, Paragraph) and self._goes_on_paragraph(self._leaf, rest, inside):
            return
        if isinstance(self._leaf, TableLeaf) and inside and self._is_text(rest):
            self._leaf.take(rest)
            return
        self._close_leaf()
        if not opened:
            del self._containers[matched:]
        self._open_leaf(rest)

    def _open_containers(self, rest: str, matched: int) -> tuple[bool, str]:
        """Open the containers that `rest` begins; return whether there was one, and what is left."""
        opened = False
        while len(self._containers) < _MAX_DEPTH or matched < len(self._containers):
            if lines.indent_of(rest) >= lines.CODE_INDENT:
                break
            quote = lines.quote_prefix(rest)
            marker = None if quote else lines.item_marker(rest)
            if not quote and (marker is None or not self._may_open(marker, rest, matched)):
                break
            self._close_leaf()
            sibling = self._containers[matched] if matched < len(self._containers) else None
            del self._containers[matched:]
            self._push(marker, sibling)
            rest = rest[quote or (marker.offset if marker else 0) :]
            matched = len(self._containers)
            opened = True
        return opened, rest

    def _may_open(self, marker: lines.ItemMarker, rest: str, matched: int) -> bool:
        """Tell whether the item may begin here: a paragraph is ended by a bullet or a number 1 with text."""
        if not isinstance(self._leaf, Paragraph) or matched < len(self._containers):
            return True
        if self._leaf.is_taken:
            return bool(rest[marker.offset :].strip())
        return bool(rest[marker.offset :].strip()) and marker.number in (None, 1)

    def _push(self, marker: lines.ItemMarker | None, sibling: _Container | None) -> None:
        if marker is None:
            self._containers.append(_Container(group=self._new_group()))
            return
        number = marker.number
        same = sibling if sibling and sibling.kind == marker.kind else None
        if same and same.number is not None and number is not None:
            number = same.number + 1
        group = same.group if same else self._new_group()
        self._containers.append(_Container(marker.offset, marker.kind, number, group))
        self._item_number, self._item_begins = number, True

    def _new_group(self) -> int:
        self._groups += 1
        return self._groups

    def _place(self) -> Place:
        lists = (each.group for each in self._containers if each.offset)
        quotes = (each.group for each in self._containers if not each.offset)
        return Place(self._leaves, next(lists, 0), next(quotes, 0))

    def _goes_on_paragraph(self, paragraph: Paragraph, rest: str, inside: bool) -> bool:
        """Let the open paragraph take the line; tell whether it did."""
        if inside and lines.is_setext_underline(rest):
            self._close_leaf()
            return True
        if inside and self._turns_into_table(paragraph, rest):
            return True
        if not self._is_text(rest):
            return False
        paragraph.add(rest)
        self._say_early(paragraph)
        return True

    def _turns_into_table(self, paragraph: Paragraph, rest: str) -> bool:
        header = paragraph.last_line
        if "|" not in header:
            return False
        columns = lines.table_cells(header)
        if not lines.is_table_delimiter(rest, len(columns)):
            return False
        paragraph.drop_last_line()
        self._close_leaf()
        self._leaf = TableLeaf(columns)
        return True

    @staticmethod
    def _is_text(rest: str) -> bool:
        """Tell whether a paragraph may go on with the line, however it is indented."""
        starts_block = lines.is_rule(rest) or lines.heading_text(rest) is not None
        return not (starts_block or lines.fence_marker(rest) or lines.html_end(rest))

    def _open_leaf(self, rest: str) -> None:
        if lines.indent_of(rest) >= lines.CODE_INDENT:
            self._leaf = CodeLeaf("", None, 1)
        elif lines.is_rule(rest):
            return
        elif (heading := lines.heading_text(rest)) is not None:
            self._say(heading)
        elif fence := lines.fence_marker(rest):
            self._leaf = CodeLeaf(fence.info, fence)
        elif end := lines.html_end(rest):
            self._leaf = HtmlLeaf(end)
        else:
            self._leaf = paragraph = Paragraph(self._language)
            paragraph.add(rest)
            self._say_early(paragraph)

    def _say_early(self, paragraph: Paragraph) -> None:
        if paragraph.can_be_said:
            self._say(paragraph.take())

    def _say(self, text: str) -> None:
        done = None
        if self._item_begins:
            done, text = lines.task_mark(text)
        if text.strip():
            self._closed.append(Prose(text, self._item_number, done, self._place()))
            self._item_number, self._item_begins = None, False

    def _close_leaf(self) -> None:
        leaf, self._leaf = self._leaf, None
        if isinstance(leaf, Paragraph):
            self._say(leaf.take())
        elif isinstance(leaf, CodeLeaf | TableLeaf):
            self._closed.append(replace(leaf.block(), place=self._place()))
        self._leaves += 1
