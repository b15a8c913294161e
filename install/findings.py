"""What was found where somebody looked, as values; and how a JSON file is looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from claude_narrator.install import json_text
from claude_narrator.install.settings_file import read
from claude_narrator.models.errors import BadInput

REPAIR = "Run voice-install."


class Level(StrEnum):
    """How much a finding matters; only a problem keeps the narrator from being heard."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `text` says how it is, `hint` what to do about it, or nothing."""

    level: Level
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.level:<8} {self.text}{'. ' + self.hint if self.hint else ''}"


def ok(text: str) -> Finding:
    """Return that something is in place."""
    return Finding(Level.OK, text)


def problem(text: str, hint: str) -> Finding:
    """Return what keeps the narrator from being heard."""
    return Finding(Level.PROBLEM, text, hint)


def to_json(findings: list[Finding]) -> str:
    """Return the findings as a JSON list of objects with `level`, `text` and `hint`."""
    return json.dumps([{"level": f.level, "text": f.text, "hint": f.hint} for f in findings], indent=2)


def document_in(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one when there is no such file.

    :raises NarratorError: it cannot be read.
    :raises BadInput: it is broken, or holds something else.
    """
    data = read(path).data
    document = json_text.parse(data, str(path))[1] if data is not None else {}
    if not isinstance(document, dict):
        raise BadInput(f"{path} holds no JSON object", "Repair it.")
    return document
