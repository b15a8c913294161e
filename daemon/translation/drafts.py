"""One attempt at a translation, mended, and what is wrong with it; of several the best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from claude_narrator.daemon.translation import repair
from claude_narrator.daemon.translation.faults import MINOR, Kind, Pair, foreign_in, of_sentence


@dataclass(frozen=True, slots=True)
class Draft:
    """A translation by `engine` and its faults."""

    engine: str
    text: str
    faults: frozenset[Kind]

    @property
    def is_usable(self) -> bool:
        """Whether it is better than the source as it is written."""
        return self.faults <= MINOR


def draft_of(engine: str, text: str, pair: Pair) -> Draft:
    """Return a draft: what can be mended without a doubt is."""
    text = repair.mended(pair.source, text.strip(), pair.kept, pair.ours, pair.theirs)
    return Draft(engine, text, of_sentence(text, pair))


def best_of(drafts: Iterable[Draft], pair: Pair) -> Draft | None:
    """Return the draft with the fewest faults that is usable, with all that must come back in it.

    Foreign characters that the language writes otherwise are written so.
    """
    usable = [draft for draft in (_respelt(draft, pair) for draft in drafts) if draft.is_usable]
    if not usable:
        return None
    best = min(usable, key=lambda draft: len(draft.faults))
    return Draft(best.engine, repair.restored(best.text, pair.kept, pair.theirs), best.faults)


def _respelt(draft: Draft, pair: Pair) -> Draft:
    if Kind.SCRIPT not in draft.faults:
        return draft
    spelling = {ord(c): pair.theirs.respelt.get(c, c) for c in foreign_in(draft.text, pair)}
    text = draft.text.translate(spelling)
    return Draft(draft.engine, text, of_sentence(text, pair))
