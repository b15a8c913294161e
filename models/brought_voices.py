"""Voices that another program made, stored from the user's files as `ENGINE["voice_files"]` describes.

In the folder lie the files as `voice` with their endings, and `voice.json` with `languages`.
"""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.stored_voices import new_voice
from claude_narrator.models.types import Language
from claude_narrator.models.voice_files import VoiceFiles

STEM = "voice"
_MAX_JSON_BYTES = 1 << 22
_CODE = re.compile(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)*\Z")


def store_files(
    folder: Path, name: str, wanted: VoiceFiles, file: Path, language: Language | None
) -> tuple[Language, ...]:
    """Store the voice whose first file is `file`, its others beside it; return the languages it speaks.

    :raises BadInput: a file is missing, empty or no JSON, none tells the language and `language` is None, or
        the name is no name, or taken.
    :raises NarratorError: the folder cannot be written.
    """
    files = _files(wanted, file)
    told = list(_told(wanted, files))
    languages = (language,) if language else tuple(told[:1])
    if not languages:
        raise BadInput(f"{file.name} does not tell its language", "Add it: --language en")
    with new_voice(folder, name, {"languages": list(languages), "source": file.name}) as fresh:
        for ending, path in files.items():
            shutil.copyfile(path, fresh / f"{STEM}{ending}")
    return languages


def _files(wanted: VoiceFiles, file: Path) -> dict[str, Path]:
    first = wanted.endings[0]
    if not file.name.endswith(first):
        raise BadInput(f"{file.name} does not end with {first}", f"Give the file that ends with {first}.")
    found = {ending: file.with_name(file.name.removesuffix(first) + ending) for ending in wanted.endings}
    for path in found.values():
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise BadInput(f"{path} is no file", f"Give the file that ends with {first}.")
            with path.open("rb") as opened:
                is_empty = not opened.read(1)
        except OSError as error:
            beside = "" if path == file else f" It belongs beside {file.name}."
            problem = f"{path} cannot be read: {error.strerror or error}"
            raise BadInput(problem, f"Give a file that is there.{beside}") from None
        if is_empty:
            raise BadInput(f"{path.name} is empty", "Download it again.")
    return found


def _told(wanted: VoiceFiles, files: dict[str, Path]) -> Iterator[Language]:
    """The languages that the files of JSON tell, the surest first."""
    described = [_json(path) for ending, path in files.items() if ending.endswith(".json")]
    for keys in wanted.languages:
        for value in described:
            for key in keys.split("."):
                value = value.get(key) if isinstance(value, dict) else None
            try:
                yield check_language(_tag(value))
            except UnknownLanguage:
                continue


def _tag(code: Any) -> str:
    """`en_US` and `en-us` are en-US, `en-gb-x-rp` is en-GB-x-rp; what is no code is no tag."""
    if not isinstance(code, str) or not _CODE.match(code):
        return ""
    language, *rest = re.split("[_-]", code.lower())
    if rest and len(rest[0]) == 2:
        rest[0] = rest[0].upper()
    return "-".join([language, *rest])


def _json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            described = json.loads(file.read(_MAX_JSON_BYTES))
    except (OSError, ValueError, RecursionError):
        described = None
    if not isinstance(described, dict):
        raise BadInput(f"{path.name} is no JSON object", "Download it again.")
    return described
