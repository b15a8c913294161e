"""The files of a voice that a user brings to an engine: `ENGINE["voice_files"]`, a dict of lists of texts.

`endings` are those of the files' names; the user names the file with the first, the others lie beside it.
`languages` says where in the one that is JSON the voice's language stands, as `key.key`; the first that is
there counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_ENDING = re.compile(r"\.[A-Za-z0-9.]+\Z")
_KEYS = re.compile(r"\w+(\.\w+)*\Z")


@dataclass(frozen=True, slots=True)
class VoiceFiles:
    """What the module's docstring says."""

    endings: tuple[str, ...]
    languages: tuple[str, ...] = ()


def are_voice_files(value: Any) -> bool:
    """Return whether a literal has the form of `ENGINE["voice_files"]`."""
    return (
        isinstance(value, dict)
        and {"endings"} <= value.keys() <= {"endings", "languages"}
        and len(value["endings"]) > 0
        and _are(value["endings"], _ENDING)
        and _are(value.get("languages", ()), _KEYS)
    )


def parse_voice_files(value: Any) -> VoiceFiles | None:
    """Return the literal typed; None for None."""
    return value and VoiceFiles(tuple(value["endings"]), tuple(value.get("languages", ())))


def _are(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) and pattern.match(v) for v in value)
