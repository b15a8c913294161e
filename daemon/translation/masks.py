"""Names stand in a sentence as X1, X2 while it is translated: a small model copies these best.

docs/benchmarks.md has what was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from claude_narrator.daemon.translation.kept import Kept
from claude_narrator.daemon.translation.numbers import plain_width

_LETTERS = "XZQVJ"


class Masks:
    """A sentence whose names are masked, and the way back. `masked` is what is translated."""

    def __init__(self, text: str, kept: Iterable[Kept]) -> None:
        """Mask in `text` those of `kept` that are no numbers; with no letter free for a mask, none."""
        free = [each for each in _LETTERS if not re.search(rf"{each}\d", text, re.IGNORECASE)]
        names = [each.text for each in kept if not each.is_number] if free else []
        self._letter = free[0] if free else _LETTERS[0]
        self._numbers = {name: number for number, name in enumerate(names, start=1)}
        self._names = names
        self.masked = self._mask(text)

    def unmasked(self, translation: str) -> str:
        """Return `translation` with the names in place of their masks."""
        if not self._names:
            return translation
        found = rf"(?<![A-Za-z]){self._letter}[ _-]?(\d+)"
        return re.sub(found, self._name, plain_width(translation), flags=re.IGNORECASE)

    def _mask(self, text: str) -> str:
        if not self._names:
            return text
        longest_first = sorted(self._names, key=len, reverse=True)
        found = "|".join(f"{_start(name)}{re.escape(name)}{_end(name)}" for name in longest_first)
        return re.sub(found, lambda match: f"{self._letter}{self._numbers[match[0]]}", text)

    def _name(self, mask: re.Match[str]) -> str:
        """The name behind a mask; digits that follow it without a space belong to the sentence."""
        digits = mask[1]
        for end in range(len(digits), 0, -1):
            if 1 <= (number := int(digits[:end])) <= len(self._names):
                return self._names[number - 1] + (f" {digits[end:]}" if digits[end:] else "")
        return mask[0]


def _start(name: str) -> str:
    return r"(?<![A-Za-z0-9_])" if name[0].isalnum() else ""


def _end(name: str) -> str:
    return r"(?![A-Za-z0-9_])" if name[-1].isalnum() else ""
