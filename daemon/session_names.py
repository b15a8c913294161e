"""Which session is meant by a part of its id or of its project's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from claude_narrator.models.errors import BadInput

SHORTEST_ID = 4
Row = dict[str, Any]
"""A session with `id`, `short_id` and `project`, among others."""


def find_session(wanted: str, rows: Sequence[Row]) -> Row:
    """Return the one row whose id or project is `wanted`, or begins with it.

    :raises BadInput: none or several do; the line names those that could be.
    """
    part = wanted.casefold()
    whole = [row for row in rows if part in (row["id"].casefold(), row["project"].casefold())]
    begins = [row for row in rows if row["id"].casefold().startswith(part) or _is_named(row, part)]
    found = whole or begins
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(f"{wanted[:40]!r} may be {_named(found)}", "Give more of the id.")
    hint = f"There are {_named(rows)}." if rows else "No session has been heard of yet."
    raise BadInput(f"there is no session {wanted[:40]!r}", hint)


def unnamed(ids: Iterable[str]) -> list[Row]:
    """Return rows of sessions of which nothing but the id is known."""
    return [{"id": each, "short_id": each, "project": ""} for each in ids]


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Return for each id the shortest beginning of four characters or more that no other id has."""
    return {each: _shortest(each, [other for other in ids if other != each]) for each in ids}


def _shortest(each: str, others: Sequence[str]) -> str:
    lengths = range(SHORTEST_ID, len(each))
    alone = (each[:n] for n in lengths if not any(other.startswith(each[:n]) for other in others))
    return next(alone, each)


def _is_named(row: Row, part: str) -> bool:
    return bool(row["project"].casefold().startswith(part))


def _named(rows: Iterable[Row]) -> str:
    return printable(", ".join(f"{row['short_id']} ({row['project'] or '?'})" for row in rows))


def printable(text: str) -> str:
    """Return a text that moves no cursor: names of folders and ids come from elsewhere."""
    return "".join(each if each.isprintable() else "?" for each in text)
