"""Where the value of every setting comes from: the session, the project, the user's file or the default."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.daemon import engine_settings, glossary, settings
from claude_narrator.daemon.setting_sections import Settings

ORDER = ("session", "project", "user", "default")
"""Who is asked first."""
MAX_LOOKS = 1000
"""Lines of a file that are looked at; a key further down is told without its line."""

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A value in force.

    `origin` is one of ORDER; `where` is who set it, for a session, or the file with the line.
    """

    key: str
    value: Any
    origin: str
    where: str = ""

    def __str__(self) -> str:
        """Return the origin as a person reads it."""
        return f"session, by {self.where}" if self.origin == "session" else self.where or self.origin


def explain(
    user_file: Path, folder: Path | None, changes: Mapping[str, Mapping[str, Any]]
) -> list[Explained]:
    """Return every setting in force for the project in `folder` and a session with `changes` of its own.

    `changes` is `value` and `by` by the name of the field of Speech, as the daemon lists it of a session.

    :raises BadInput: one of the files holds a mistake.
    """
    in_force = settings.load(user_file)
    files = [("user", user_file)]
    if folder is not None:
        in_force = settings.load_project(folder, in_force)
        files.insert(0, ("project", folder / settings.PROJECT_FILE))
    places = [(origin, path, lines_of(settings.read_text(path))) for origin, path in files]
    own = {f"speech.{name}": change for name, change in changes.items()}
    return [
        _of_session(key, own[key]) if key in own else _of_files(key, value, places)
        for key, value in every_value(in_force).items()
    ]


def every_value(current: Settings) -> dict[str, Any]:
    """Return the value of every key there is, those of open sections as far as `current` sets them."""
    orders = [f"voices.{tag}" for tag in current.voices]
    orders += [f"translators.{tag}" for tag in current.translators]
    keys = (*settings.keys(), *orders, *glossary.keys_of(current.glossary))
    return {key: settings.value_of(current, key) for key in keys} | _of_engines(current)


def _of_engines(current: Settings) -> dict[str, str]:
    """Every option of every engine; the registry, which is slow to ask, is asked once."""
    given = {
        f"{engine_settings.SECTION}.{engine}.{name}": value
        for engine, options in current.engines.items()
        for name, value in options.items()
    }
    return engine_settings.engine_defaults() | given


def lines_of(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, on which each value of a TOML text begins, by the parts of its key.

    A value ends where a beginning of the text is TOML again; what is no TOML has no keys.
    """
    found: dict[KeyPath, int] = {}
    rows, begun, looks = text.split("\n"), 0, 0
    for number, row in enumerate(rows, start=1):
        if not begun and ("=" not in row or row.lstrip().startswith("#")):
            continue
        begun, looks = begun or number, looks + 1
        if looks > MAX_LOOKS:
            break
        if (document := _toml("\n".join(rows[:number]))) is not None:
            found = {**dict.fromkeys(_leaves(document), begun), **found}
            begun = 0
    return found


def _of_session(key: str, change: Mapping[str, Any]) -> Explained:
    return Explained(key, change["value"], "session", str(change["by"]))


def _of_files(key: str, value: Any, places: list[tuple[str, Path, dict[KeyPath, int]]]) -> Explained:
    parts = glossary.parts_of(key) if key.startswith(f"{glossary.SECTION}.") else tuple(key.split("."))
    for origin, path, lines in places:
        if parts in lines:
            return Explained(key, value, origin, f"{path}:{lines[parts]}")
    return Explained(key, value, "default")


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _leaves(table: Mapping[str, Any], above: KeyPath = ()) -> Iterator[KeyPath]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name)
