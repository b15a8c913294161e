"""The files of a voice that a user brings to an engine: `ENGINE["voice_files"]`, a dict of lists of texts.

`endings` are those of the files' names; the user names the file with the first, the others lie beside it.
`languages` says where in the one that is JSON the voice's language stands, as `key.key`; the first that is
there counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VoiceFiles:
    """What the module's docstring says."""

    endings: tuple[str, ...]
    languages: tuple[str, ...] = ()


def parse_voice_files(value: Any) -> VoiceFiles | None:
    """Return the literal typed; None for None."""
    return value and VoiceFiles(tuple(value["endings"]), tuple(value.get("languages", ())))
