"""The settings that an engine declares for itself: `[engines.NAME]` in the user's settings file.

In `ENGINE["options"]` each has a name and a dict of texts: `comment`, what it is; `default`, without which it
must be set before the engine can run; `example`, for the command that sets it. `choices` lists the values it
may have, `numbers` the least and the greatest whole number that it may be; with both, either will do. A
setting that is neither is refused when it is made, so what they cannot tell is checked when the engine loads.
An option named `voices` says
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
_LINE = re.compile(r".+\Z")
_MAX_DIGITS = 10
_VOICE = re.compile(r"[^\s/:,]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting of an engine; without a `default` it must be set. An empty value counts as not set."""

    comment: str
    default: str | None = None
    example: str = ""
    choices: tuple[str, ...] = ()
    numbers: tuple[int, int] | None = None

    def wrong(self, value: str) -> str:
        """Return what the values are that it may have, if `value` is none of them; "" when it is."""
        if not value or value in self.choices or not (self.choices or self.numbers):
            return ""
        named = f"one of {', '.join(self.choices)}" if len(self.choices) > 1 else "".join(self.choices)
        if self.numbers is None:
            return f"it must be {named}"
        least, most = self.numbers
        if value.isascii() and value.isdigit() and len(value) < _MAX_DIGITS and least <= int(value) <= most:
            return ""
        return f"it must be {named}{' or ' if named else ''}a whole number from {least} to {most}"


def are_options(value: Any) -> bool:
    """Return whether a literal has the form of `ENGINE["options"]`."""
    return isinstance(value, dict) and all(
        isinstance(name, str) and _NAME.match(name) and _is_option(option) for name, option in value.items()
    )


def parse_option(given: Mapping[str, Any]) -> Option:
    """Return the option that a literal of that form describes."""
    choices, numbers = tuple(given.get("choices", ())), given.get("numbers")
    bounds = None if numbers is None else (numbers[0], numbers[1])
    texts = {name: given[name] for name in ("comment", "default", "example") if name in given}
    return Option(**texts, choices=choices, numbers=bounds)


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
    if not isinstance(value, dict) or "comment" not in value:
        return False
    texts = {name: text for name, text in value.items() if name not in ("choices", "numbers")}
    return (
        texts.keys() <= {"comment", "default", "example"}
        and all(isinstance(text, str) and "\n" not in text for text in texts.values())
        and _are_choices(value.get("choices", []))
        and _are_bounds(value.get("numbers", [0, 0]))
        and not (option := parse_option(value)).wrong(option.default or "")
        and not option.wrong(option.example)
    )


def _are_choices(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and _LINE.match(each) for each in value)


def _are_bounds(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value)
