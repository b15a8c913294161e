"""What the user wants of the engines as a whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from claude_narrator.models.languages import match_language
from claude_narrator.models.memory import physical_memory_bytes
from claude_narrator.models.types import Language

Order = Mapping[Language, tuple[str, ...]]
"""For a language the names of engines, or of voices as `engine/name`, best first."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How much memory engines may take together, how long each stays, and who comes first.

    `memory_limit_bytes` 0 means half of the machine's memory. `keep_alive_s` counts from the last use;
    `keep_alive_of` has it by engine. `voices` is by the language that is heard, `translators` by the one that
    is translated into.
    """

    memory_limit_bytes: int = 0
    keep_alive_s: float = math.inf
    keep_alive_of: Mapping[str, float] = field(default_factory=dict)
    voices: Order = field(default_factory=dict)
    translators: Order = field(default_factory=dict)

    @property
    def limit_bytes(self) -> int:
        """What engines may take together."""
        return self.memory_limit_bytes or physical_memory_bytes() // 2

    def keeps_s(self, engine: str) -> float:
        """Return how long `engine` stays after its last use."""
        return self.keep_alive_of.get(engine, self.keep_alive_s)


def order_for(language: Language, order: Order) -> tuple[str, ...]:
    """Return the names that the user set for `language`, or for what comes nearest to it."""
    tag = match_language(language, order)
    return () if tag is None else order[tag]
