"""Names stand in a sentence as X1, X2 while it is translated: a small model copies these best.

docs/benchmarks.md has what was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from claude_narrator.daemon.translation.kept import Kept, around, replaced, whole
from claude_narrator.daemon.translation.numbers import plain_width

_LETTERS = "XZQVJ"


class Masks:
    """A sentence whose names are masked, and the way back. `masked` is what is translated.

    A name whose places are known is masked there and nowhere else, another one wherever it is read.
    """

    def __init__(self, text: str, kept: Iterable[Kept]) -> None:
        """Mask in `text` those of `kept` that are no numbers; with no letter free for a mask, none."""
        free = [each for each in _LETTERS if not re.search(rf"{each}\d", text, re.IGNORECASE)]
        self._names = [each for each in kept if not each.is_number] if free else []
        self._letter = free[0] if free else _LETTERS[0]
        self.masked = replaced(text, self._places(text))

    def unmasked(self, translation: str) -> str:
        """Return `translation` with the names in place of their masks."""
        if not self._names:
            return translation
        found = rf"(?<![A-Za-z]){self._letter}[ _-]?(\d+)"
        return re.sub(found, self._name, plain_width(translation), flags=re.IGNORECASE)

    def _places(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where each name begins and ends, and its mask."""
        read: dict[str, str] = {}
        for number, name in enumerate(self._names, start=1):
            mask = f"{self._letter}{number}"
            yield from ((start, end, mask) for start, end in name.places)
            if not name.places:
                read[name.text] = mask
        if read:
            pattern = "|".join(map(whole, sorted(read, key=len, reverse=True)))
            for found in re.finditer(pattern, around(text, self._names)):
                yield found.start(), found.end(), read[found[0]]

    def _name(self, mask: re.Match[str]) -> str:
        """The name behind a mask; digits that follow it without a space belong to the sentence."""
        digits = mask[1]
        for end in range(len(digits), 0, -1):
            if 1 <= (number := int(digits[:end])) <= len(self._names):
                return self._names[number - 1].text + (f" {digits[end:]}" if digits[end:] else "")
        return mask[0]


def in_other_words(text: str, kept: Iterable[Kept]) -> str:
    """Return `text` with every name whose places are known as it shall come back."""
    return replaced(text, ((*place, each.text) for each in kept for place in each.places))
