"""The sound of English words: the pronouncing dictionary that comes with the embedded English voice.

It is misaki's (https://github.com/hexgrad/misaki), two JSON objects of word and phonemes. They are kept as
bytes and searched, which takes a millisecond a word and a tenth of the memory of parsed ones.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_PACKAGE, _FILES = "hibari", ("lexicon_us_gold.json.gz", "lexicon_us_silver.json.gz")
_LONGEST_ENTRY_BYTES = 400


def sound_of(word: str) -> str:
    """Return the phonemes of `word`, in small letters; empty when it is not known, or no dictionary here."""
    for content in _dictionaries():
        for form in (word, word.capitalize()):
            at = content.find(b'"%s":' % form.encode())
            if at >= 0 and (phonemes := _value(content, at + len(form.encode()) + 3)):
                return phonemes
    return ""


def _value(content: bytes, at: int) -> str:
    """The phonemes at `at`; of several, by the part of speech, the usual ones."""
    entry = content[at : at + _LONGEST_ENTRY_BYTES].decode("utf-8", "ignore")
    try:
        value: Any = json.JSONDecoder().raw_decode(entry)[0]
    except ValueError:
        return ""
    if isinstance(value, dict):
        value = value.get("DEFAULT")
    return value if isinstance(value, str) else ""


@cache
def _dictionaries() -> tuple[bytes, ...]:
    """The files of the voice, found without importing it; none of those that are missing or broken."""
    spec = find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    return tuple(
        filter(None, (_read(Path(folder, "assets", name)) for folder in folders or () for name in _FILES))
    )


def _read(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read()
    except (OSError, EOFError):
        return b""
