"""The settings that an engine declares for itself: `[engines.NAME]` in the user's settings file.

In `ENGINE["options"]` each has a name and a dict of texts: `comment`, what it is; `default`, without which it
must be set before the engine can run; `example`, for the command that sets it. An option named `voices` says
which voices there are, as `LANGUAGE:NAME` parted by spaces; they stand before those of `ENGINE["voices"]`.
One named `model_folder` is a folder of the user's own with weights, in place of `ENGINE["models"]`. One named
`model` says which of several models, by catalog id. `keep_alive` is the pool's, for every engine.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language

VOICES = "voices"
MODEL_FOLDER = "model_folder"
MODEL = "model"
KEEP_ALIVE = "keep_alive"
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_VOICE = re.compile(r"[^\s/:,]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting of an engine; without a `default` it must be set. An empty value counts as not set."""

    comment: str
    default: str | None = None
    example: str = ""


def are_options(value: Any) -> bool:
    """Return whether a literal has the form of `ENGINE["options"]`."""
    return isinstance(value, dict) and all(
        isinstance(name, str) and _NAME.match(name) and _is_option(option) for name, option in value.items()
    )


def filled(options: Mapping[str, Option], given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every option: the one given, else its default, else nothing."""
    return {name: given.get(name) or option.default or "" for name, option in options.items()}


def what_is_unset(engine: str, options: Mapping[str, Option], values: Mapping[str, str]) -> str:
    """Return which option must be set before `engine` can run, and the command that does; "" when none."""
    for name, option in options.items():
        if option.default is None and not values[name]:
            return f"engines.{engine}.{name} is not set: {command(engine, name, option)}"
    return ""


def command(engine: str, name: str, option: Option) -> str:
    """Return the command that sets an option to its example."""
    return f"voice settings set engines.{engine}.{name} {shlex.quote(option.example or 'VALUE')}"


def parse_voices(text: str) -> dict[Language, tuple[str, ...]]:
    """Return the voices that `text` lists as `LANGUAGE:NAME`, by language.

    :raises BadInput: an entry has another form.
    """
    voices: dict[Language, tuple[str, ...]] = {}
    for entry in text.replace(",", " ").split():
        tag, _, name = entry.partition(":")
        try:
            language = check_language(tag)
        except UnknownLanguage:
            name = ""
        if not _VOICE.match(name):
            raise BadInput(f"{entry[:60]!r} is not LANGUAGE:NAME, such as en:amy")
        voices[language] = tuple(dict.fromkeys((*voices.get(language, ()), name)))
    return voices


def _is_option(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "comment" in value
        and value.keys() <= {"comment", "default", "example"}
        and all(isinstance(text, str) and "\n" not in text for text in value.values())
    )
