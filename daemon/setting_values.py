"""Which values a setting may have, and how they are read."""

from __future__ import annotations

import tomllib
from typing import Any

from claude_narrator.daemon import text_style
from claude_narrator.daemon.amount import AMOUNTS
from claude_narrator.daemon.engine_settings import unknown_engines
from claude_narrator.daemon.floor import OTHERS
from claude_narrator.models.errors import BadInput, UnknownLanguage
from claude_narrator.models.languages import check_language
from claude_narrator.models.quantities import parse_bytes, parse_span_s

MIN_RATE, MAX_RATE = 0.5, 3.0
MIN_VOLUME_DB, MAX_VOLUME_DB = -36.0, 12.0
"""Voices lie at -18 LUFS: 12 dB more is as loud as soft limiting can make them, 36 less is hardly heard."""
LOG_LEVELS = ("debug", "info", "warning", "error")
NOTICES = ("spoken", "chime", "off")
SUBAGENTS = ("off", "chime", "voice")
_ONE_OF = {
    "log.level": LOG_LEVELS,
    "speech.notices": NOTICES,
    "speech.amount": AMOUNTS,
    "speech.subagents": SUBAGENTS,
    "audio.microphone": ("pause", "ignore"),
    "audio.music": ("leave", "duck", "pause"),
    "sessions.others": OTHERS,
    **{f"text.{name}": values for name, values in text_style.VALUES.items()},
}
AUTO = "auto"
_LIST_OR_FLAG = ("models.preload",)


def fits(key: str, default: Any, value: Any) -> bool:
    """Return whether `value`, as TOML has it, is of the kind of `section.name` with that default."""
    is_list = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if key in _LIST_OR_FLAG:
        return is_list or isinstance(value, bool) or value == AUTO
    if isinstance(default, tuple):
        return is_list
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def as_setting(default: Any, value: Any) -> Any:
    """Return a value that fits as the settings hold it: lists as tuples, whole numbers as the default has."""
    if isinstance(value, list):
        return tuple(value)
    return type(default)(value)


def from_words(default: Any, text: str) -> Any:
    """Return what a word of the command line means for a setting with that default, as TOML has it.

    :raises ValueError: no such value.
    """
    try:
        (value,) = tomllib.loads(f"value = {text}").values()
    except ValueError:
        if not isinstance(default, tuple) or not text or any(mark in text for mark in '[]"\n'):
            raise
        return [name for name in text.replace(",", " ").split() if name]
    return float(value) if isinstance(default, float) and isinstance(value, int) else value


def wrong_value(key: str, value: Any) -> str:
    """Return why `section.name` cannot have a `value` of the right type; "" when it can."""
    if key == "speech.rate" and not MIN_RATE <= value <= MAX_RATE:
        return f"{key} is {value}; it must lie between {MIN_RATE} and {MAX_RATE}"
    if key in ("models.threads", "speech.plan_sentences") and value < 0:
        return f"{key} is {value}; it must be 0 or more"
    if key in _ONE_OF and value not in _ONE_OF[key]:
        return f"{key} is {value!r}; it must be one of {', '.join(_ONE_OF[key])}"
    if key == "audio.volume" and not MIN_VOLUME_DB <= value <= MAX_VOLUME_DB:
        return f"{key} is {value}; it must lie between {MIN_VOLUME_DB:g} and {MAX_VOLUME_DB:g} dB"
    if key in ("models.memory_limit", "models.keep_alive", "sessions.expire"):
        return _wrong_amount(key, value)
    if key == "models.preload":
        return unknown_engines(key, value) if isinstance(value, list) else ""
    if key in ("speech.language", "speech.source_language"):
        return _wrong_language(key, value)
    return _wrong_sink(key, value) if key == "audio.sink" else ""


def _wrong_language(key: str, value: str) -> str:
    try:
        check_language(value)
    except UnknownLanguage as error:
        return f"{key}: {error.problem}"
    return ""


def _wrong_amount(key: str, value: str) -> str:
    try:
        if key == "models.keep_alive":
            parse_span_s(value)
        elif key == "sessions.expire":
            return "" if parse_span_s(value) > 0 else f"{key} is {value!r}; write a span such as 10m"
        elif value != AUTO and parse_bytes(value) == 0:
            return f"{key} is {value!r}; write auto, or an amount such as 8 GB"
    except BadInput as error:
        return f"{key}: {error}"
    return ""


def _wrong_sink(key: str, value: str) -> str:
    if value == "device":
        return ""
    if not value.startswith("file:"):
        return f"{key} is {value!r}; it must be device or file:PATH"
    # The daemon has no folder of its own that a relative path could mean.
    path = value.removeprefix("file:")
    return "" if path.startswith(("/", "~/")) else f"{key} is {value!r}; write file: and a whole path"
