"""Reads text files that a person writes: whole, in UTF-8, and never more than a limit."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from claude_narrator.models.errors import BadInput


def read_text(path: Path, max_bytes: int) -> str:
    """Return the text of a file.

    :raises BadInput: it is larger than `max_bytes`, cannot be read or is no UTF-8; one line says which.
    """
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise ValueError(f"it has more than {max_bytes} bytes")
        return content.decode("utf-8")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def read_table(path: Path, max_bytes: int) -> dict[str, Any]:
    """Return the table in a TOML file.

    :raises BadInput: as `read_text`, or it is no TOML.
    """
    try:
        return tomllib.loads(read_text(path, max_bytes))
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> BadInput:
    return BadInput(f"{path} cannot be read: {error}", "Repair or remove the file.")
