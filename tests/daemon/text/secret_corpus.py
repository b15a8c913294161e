"""Texts with made-up secrets of the right shape, and texts that only look so (tests/data/secrets.txt)."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from pathlib import Path
from random import Random

_FILE = Path(__file__).parents[2] / "data" / "secrets.txt"
_MADE_UP = re.compile(r"\{(an|UD|lo|u|b|h|d)(\d+)\}")
_LETTERS = string.ascii_letters + string.digits
_ALPHABETS = {
    "an": _LETTERS,
    "UD": string.ascii_uppercase + string.digits,
    "lo": string.ascii_lowercase,
    "u": _LETTERS + "-_",
    "b": _LETTERS + "+/",
    "h": "0123456789abcdef",
    "d": string.digits,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A line of the corpus."""

    template: str

    def filled(self, seed: int) -> tuple[str, list[str]]:
        """Return the text with its pieces made up, and the pieces."""
        random, pieces = Random(f"{self.template} {seed}"), []

        def make(found: re.Match[str]) -> str:
            alphabet, length = _ALPHABETS[found[1]], int(found[2])
            # A token neither begins nor ends with a mark, or it would be the sentence's.
            inner = "".join(random.choices(alphabet, k=max(0, length - 2)))
            ends = [each for each in alphabet if each.isalnum()]
            pieces.append(random.choice(ends) + inner + random.choice(ends))
            return pieces[-1]

        return _MADE_UP.sub(make, self.template), pieces


def samples(part: str) -> list[Sample]:
    """Return the lines of a part: `secret` or `no secret`."""
    _, _, rest = _FILE.read_text(encoding="utf-8").partition(f"== {part}\n")
    lines = rest.partition("\n== ")[0].splitlines()
    return [Sample(line) for line in lines if line]
