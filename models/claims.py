"""How much engines are needed in memory, so that a translator and a voice do not push each other out.

A sentence needs one of each. Where they do not fit together, one of them falls back to what stands behind it:
the one behind which there is something, rather than the only one there is; then the one that the user did not
name; then the voice. Two translators, or two voices, do not contend here: the one used last stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claude_narrator.models.chain import Candidate, Standing


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What a sentence has of an engine: greater is more."""

    is_only: bool = False
    is_named: bool = False
    translates: bool = False


class Claims:
    """The claims of the engines that sentences have asked for."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}

    def note(self, candidates: Sequence[Candidate], chosen: Iterable[str], translates: bool) -> None:
        """Take note that a sentence asks for one of `candidates`; `chosen` are those that the user named."""
        named = set(chosen)
        able = {each.engine for each in candidates if _may_be_had(each)}
        for each in candidates:
            is_only = not able - {each.engine}
            self._claims[each.engine] = Claim(is_only, each.engine in named or each.is_named, translates)

    def outweighs(self, engine: str, other: str) -> bool:
        """Return whether `engine` stays in memory although `other` is wanted there."""
        ours, theirs = self._claims.get(engine), self._claims.get(other)
        if ours is None or theirs is None or ours.translates == theirs.translates or theirs.is_only:
            return False
        return ours > theirs


def _may_be_had(candidate: Candidate) -> bool:
    return candidate.standing < Standing.FAILED and not candidate.is_put_off
