"""Where in a Markdown text a block stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Each is a number of its own in the text, 0 for none.

    `leaf` counts paragraphs, headings, code blocks and tables: a paragraph that is said in pieces has one.
    `list` is the outermost list, `quote` the outermost block quote.
    """

    leaf: int = 0
    list: int = 0
    quote: int = 0
