"""The voices that a user brought: `<data>/voices/ENGINE/NAME/`, one folder a voice.

In the folder lies `voice.json`, `{"languages": ["en", ...]}` and what else the engine wants to know, beside
the files that it speaks from. The languages `["*"]` are all that the engine speaks. A folder comes and goes
as a whole: another process sees all of it or nothing.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_narrator.models.errors import BadInput, NarratorError, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language

DESCRIPTION = "voice.json"
EVERY_LANGUAGE = Language("*")
MAX_NAME = 40
MAX_DESCRIPTION_BYTES = 1 << 16
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_RESERVED = frozenset(("auto",))


@dataclass(frozen=True, slots=True)
class StoredVoice:
    """A voice that an engine can speak from `folder`.

    `languages` is (EVERY_LANGUAGE,) or tags; `description` is the whole of voice.json.
    """

    name: str
    folder: Path
    languages: tuple[Language, ...]
    description: Mapping[str, Any] = field(default_factory=dict)

    def languages_among(self, spoken: tuple[Language, ...]) -> tuple[Language, ...]:
        """Return the languages it speaks in an engine whose languages are `spoken`."""
        return spoken if EVERY_LANGUAGE in self.languages else self.languages


def check_voice_name(name: str) -> str:
    """Return `name`.

    :raises BadInput: it cannot be the name of a voice.
    """
    if not _NAME.match(name) or len(name) > MAX_NAME or name.casefold() in _RESERVED:
        problem = f"a voice cannot be called {name[:60]!r}"
        raise BadInput(problem, f"Use up to {MAX_NAME} letters, digits, - and _, such as anna.")
    return name


def find_stored_voices(root: Path, engine: str) -> tuple[StoredVoice, ...]:
    """Return the voices of `engine` under `root` by name; a folder that is no voice is left out."""
    try:
        folders = sorted((root / engine).iterdir())
    except OSError:
        return ()
    return tuple(voice for folder in folders if (voice := _read(folder)) is not None)


@contextmanager
def new_voice(root: Path, engine: str, name: str, description: Mapping[str, Any]) -> Iterator[Path]:
    """Give an empty folder to write the files of a voice into; at the end it becomes the voice `name`.

    When the block raises, nothing is left of it.

    :raises BadInput: the name is no name, or taken.
    :raises NarratorError: the folder cannot be written.
    """
    target = root / engine / check_voice_name(name)
    with _one_line_errors(root, f"{engine}/{name}"):
        if target.exists():
            raise _taken(engine, name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=target.parent))
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


def remove_voice(root: Path, engine: str, name: str) -> bool:
    """Delete a voice and return whether there was one.

    :raises NarratorError: it cannot be deleted.
    """
    folder = root / engine / name
    if not _NAME.match(name) or not folder.is_dir():
        return False
    with _one_line_errors(root, f"{engine}/{name}"):
        gone = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=folder.parent))
        folder.rename(gone / name)
        shutil.rmtree(gone)
    return True


def _read(folder: Path) -> StoredVoice | None:
    if not _NAME.match(folder.name):
        return None
    try:
        with (folder / DESCRIPTION).open("rb") as file:
            description = json.loads(file.read(MAX_DESCRIPTION_BYTES))
        languages = tuple(map(_language, description["languages"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UnknownLanguage):
        return None
    return StoredVoice(folder.name, folder, languages, description) if languages else None


def _language(tag: Any) -> Language:
    return EVERY_LANGUAGE if tag == EVERY_LANGUAGE else check_language(tag)


def _taken(engine: str, name: str) -> BadInput:
    hint = f"Choose another name, or run: voice voices remove {engine}/{name}"
    return BadInput(f"there is a voice {engine}/{name} already", hint)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _one_line_errors(root: Path, voice: str) -> Iterator[None]:
    engine, _, name = voice.partition("/")
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise _taken(engine, name) from None
        reason = error.strerror or str(error)
        raise NarratorError(f"cannot write in {root}: {reason}", "Put that right and try again.") from None
