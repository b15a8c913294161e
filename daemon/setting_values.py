"""Which values of a setting make sense, beyond their type."""

from __future__ import annotations

from typing import Any

from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.languages import check_language

MIN_RATE, MAX_RATE = 0.5, 3.0
LOG_LEVELS = ("debug", "info", "warning", "error")


def wrong_value(key: str, value: Any) -> str:
    """Return why `section.name` cannot have a `value` of the right type; "" when it can."""
    if key == "speech.rate" and not MIN_RATE <= value <= MAX_RATE:
        return f"{key} is {value}; it must lie between {MIN_RATE} and {MAX_RATE}"
    if key == "models.threads" and value < 0:
        return f"{key} is {value}; it must be 0 or more"
    if key == "log.level" and value not in LOG_LEVELS:
        return f"{key} is {value!r}; it must be one of {', '.join(LOG_LEVELS)}"
    if key in ("speech.language", "speech.source_language"):
        return _wrong_language(key, value)
    return _wrong_sink(key, value) if key == "audio.sink" else ""


def _wrong_language(key: str, value: str) -> str:
    try:
        check_language(value)
    except UnknownLanguage as error:
        return f"{key}: {error.problem}"
    return ""


def _wrong_sink(key: str, value: str) -> str:
    if value == "device":
        return ""
    if not value.startswith("file:"):
        return f"{key} is {value!r}; it must be device or file:PATH"
    # The daemon has no folder of its own that a relative path could mean.
    path = value.removeprefix("file:")
    return "" if path.startswith(("/", "~/")) else f"{key} is {value!r}; write file: and a whole path"
