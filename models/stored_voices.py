"""Voices that the user keeps on disk: `<data>/voices/ENGINE/NAME/`, one folder a voice.

`voice.json` in it says which languages it speaks: `{"languages": ["en", "ja"]}`, or `["*"]` for every
language of its engine. What else is in the folder is between the engine and whoever stored the voice. A
folder comes and goes as a whole: another process sees all of it or nothing.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_narrator.models.declared_forms import VOICE_NAME
from claude_narrator.models.errors import BadInput, NarratorError, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language

FOLDER = "voices"
DESCRIPTION = "voice.json"
EVERY_LANGUAGE = "*"
MAX_NAME = 40
_MAX_DESCRIPTION_BYTES = 1 << 16
_RESERVED = frozenset(("auto",))


@dataclass(frozen=True, slots=True)
class StoredVoice:
    """One voice on disk.

    `languages` is empty for every language of its engine, `description` the whole of voice.json.
    """

    name: str
    folder: Path
    languages: tuple[Language, ...]
    description: Mapping[str, Any] = field(default_factory=dict)


def stored_voices(folder: Path) -> tuple[StoredVoice, ...]:
    """Return the voices below the `folder` of an engine, by name. One that cannot be read is left out."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return ()
    found = (_read(path) for path in paths if VOICE_NAME.match(path.name))
    return tuple(voice for voice in found if voice is not None)


def with_stored(
    voices: Mapping[Language, tuple[str, ...]], spoken: tuple[Language, ...], stored: tuple[StoredVoice, ...]
) -> dict[Language, tuple[str, ...]]:
    """Return `voices` with the stored ones behind those that an engine, which speaks `spoken`, declares."""
    merged = dict(voices)
    for voice in stored:
        for language in voice.languages or spoken:
            merged[language] = tuple(dict.fromkeys((*merged.get(language, ()), voice.name)))
    return merged


def check_voice_name(name: str, known: Iterable[str] = ()) -> str:
    """Return `name`. A name that two engines have would have to be said with the engine's from then on.

    :raises BadInput: no voice can be called so, or one of the voices `known`, as `engine/name`, is.
    """
    if not VOICE_NAME.match(name) or len(name) > MAX_NAME or name.casefold() in _RESERVED:
        problem = f"a voice cannot be called {name[:60]!r}"
        raise BadInput(problem, f"Use up to {MAX_NAME} letters, digits, - and _, such as anna.")
    taken = [voice for voice in known if voice.split("/")[1].casefold() == name.casefold()]
    if taken:
        raise BadInput(f"there is a voice {taken[0]} already", "Choose another name.")
    return name


@contextmanager
def new_voice(folder: Path, name: str, description: Mapping[str, Any]) -> Iterator[Path]:
    """Give an empty folder for a voice's files; at the end it is `name` below the engine's `folder`.

    When the block raises, nothing is left of it.

    :raises BadInput: the name is no name, or taken.
    :raises NarratorError: the folder cannot be written.
    """
    target = folder / check_voice_name(name)
    with _one_line_errors(folder, name):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=folder))
        try:
            yield fresh
            text = json.dumps(dict(description), ensure_ascii=False, indent=2) + "\n"
            (fresh / DESCRIPTION).write_text(text, encoding="utf-8")
            for path in fresh.iterdir():
                _sync(path)
            fresh.rename(target)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise


def remove_voice(folder: Path, name: str) -> bool:
    """Delete the voice `name` of the engine with that `folder`; return whether there was one.

    :raises NarratorError: it cannot be deleted.
    """
    target = folder / name
    if not VOICE_NAME.match(name) or not target.is_dir():
        return False
    with _one_line_errors(folder, name):
        gone = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=folder))
        target.rename(gone / name)
        shutil.rmtree(gone)
    return True


def _read(folder: Path) -> StoredVoice | None:
    try:
        with (folder / DESCRIPTION).open("rb") as file:
            description = json.loads(file.read(_MAX_DESCRIPTION_BYTES))
        tags = description["languages"]
        if not isinstance(tags, list) or not tags:
            return None
        languages = () if EVERY_LANGUAGE in tags else tuple(map(check_language, tags))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UnknownLanguage):
        return None
    return StoredVoice(folder.name, folder, languages, description)


def _taken(folder: Path, name: str) -> BadInput:
    voice = f"{folder.name}/{name}"
    hint = f"Choose another name, or run: voice voices remove {voice}"
    return BadInput(f"there is a voice {voice} already", hint)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _one_line_errors(folder: Path, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise _taken(folder, name) from None
        reason = error.strerror or str(error)
        raise NarratorError(f"cannot write in {folder}: {reason}", "Put that right and try again.") from None
