"""Voices that the user keeps on disk: `<data>/voices/ENGINE/NAME/`, one folder a voice.

`voice.json` in it says which languages it speaks: `{"languages": ["en", "ja"]}`, or `["*"]` for every
language of its engine. What else is in the folder is between the engine and whoever stored the voice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.declaration import VOICE_NAME
from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language

FOLDER = "voices"
DESCRIPTION = "voice.json"
EVERY_LANGUAGE = "*"


@dataclass(frozen=True, slots=True)
class StoredVoice:
    """One voice on disk; `languages` is empty for every language of its engine."""

    name: str
    folder: Path
    languages: tuple[Language, ...]


def stored_voices(folder: Path) -> tuple[StoredVoice, ...]:
    """Return the voices below the `folder` of an engine, by name. One that cannot be read is left out."""
    if not folder.is_dir():
        return ()
    found = (_read(path) for path in sorted(folder.iterdir()) if VOICE_NAME.match(path.name))
    return tuple(voice for voice in found if voice is not None)


def _read(folder: Path) -> StoredVoice | None:
    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        tags = description["languages"]
        languages = () if EVERY_LANGUAGE in tags else tuple(map(check_language, tags))
    except (OSError, ValueError, KeyError, TypeError, UnknownLanguage):
        return None
    return StoredVoice(folder.name, folder, languages)


def with_stored(
    voices: Mapping[Language, tuple[str, ...]], spoken: tuple[Language, ...], stored: tuple[StoredVoice, ...]
) -> dict[Language, tuple[str, ...]]:
    """Return `voices` with the stored ones behind those that an engine, which speaks `spoken`, declares."""
    merged = dict(voices)
    for voice in stored:
        for language in voice.languages or spoken:
            merged[language] = tuple(dict.fromkeys((*merged.get(language, ()), voice.name)))
    return merged
