"""How much of a reply's code, tables, links and paths is read out: the section `text` of the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextStyle:
    """What the listener wants to hear of what is not prose. A project may override these.

    `inline_code`: `full` says all of it, `short` the word that carries it: of `queue.put_nowait()` only
    "put nowait". `code_blocks`: `announced` by language and length, or `skipped`. `tables`: `rows` reads
    each row with the headers, `announced` says how many there are, `auto` reads small ones. `links`: the
    `host`, or `short`: that there is one. `paths`: the last part (`name`), or `full`.
    """

    inline_code: str = "full"
    code_blocks: str = "announced"
    tables: str = "auto"
    links: str = "host"
    paths: str = "name"


VALUES = {
    "inline_code": ("full", "short"),
    "code_blocks": ("announced", "skipped"),
    "tables": ("auto", "rows", "announced"),
    "links": ("host", "short"),
    "paths": ("name", "full"),
}
"""What each of them may be."""

DEFAULT_STYLE = TextStyle()


def default_style() -> TextStyle:
    """Return what holds where nobody has chosen."""
    return DEFAULT_STYLE


StyleSource = Callable[[], TextStyle]
"""Asked at the beginning of each message, so that a changed setting counts from the next one on."""
