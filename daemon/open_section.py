"""A section of the settings whose keys are not known beforehand: words, languages, options of engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OpenSection:
    """What the settings need of such a section.

    `parts_of` splits a key as the file nests it, `default_of` gives its default, and `value_in` what a value
    of the section says of it; the first two raise BadInput for what is no key. `mistakes_in` returns a line
    for each mistake in its table, `read` what a table without mistakes says on top of a value, and
    `default_lines` how a new file shows it.
    """

    parts_of: Callable[[str], tuple[str, ...]]
    default_of: Callable[[str], Any]
    value_in: Callable[[Any, str], Any]
    mistakes_in: Callable[[Any], list[str]]
    read: Callable[[Any, Any], Any]
    default_lines: Callable[[], Iterable[str]]
