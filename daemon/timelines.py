"""When each sentence passed each stage: what `voice status` and the benchmarks show."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

REMEMBERED = 50


class Stage(StrEnum):
    """The stages in the order in which a sentence passes them."""

    ARRIVED = "arrived"
    TAKEN = "taken"
    TRANSLATED = "translated"
    SYNTHESIZED = "synthesized"
    AUDIBLE = "audible"
    FINISHED = "finished"


@dataclass(slots=True)
class Timeline:
    """One sentence.

    `stamps` are seconds on the monotonic clock, each the first time a stage had something.
    """

    sentence_id: str
    session: str
    text: str
    stamps: dict[Stage, float] = field(default_factory=dict)
    spoken: str = ""
    outcome: str = ""

    def to_json(self, with_text: bool) -> dict[str, Any]:
        """Return the stamps and, in milliseconds after the arrival, the stages.

        The text only when asked for.
        """
        arrived = self.stamps.get(Stage.ARRIVED, 0.0)
        shown: dict[str, Any] = {
            "id": self.sentence_id,
            "session": self.session,
            "outcome": self.outcome,
            "at_s": {str(stage): at for stage, at in self.stamps.items()},
            "after_ms": {str(s): round((at - arrived) * 1000, 1) for s, at in self.stamps.items()},
        }
        return {**shown, "text": self.text, "spoken": self.spoken} if with_text else shown


class Timelines:
    """The last sentences, oldest first."""

    def __init__(self) -> None:
        self._recent: deque[Timeline] = deque(maxlen=REMEMBERED)

    def begin(self, sentence_id: str, session: str, text: str, arrived_s: float, now_s: float) -> None:
        """Remember a sentence that has just been taken from the queue."""
        stamps = {Stage.ARRIVED: arrived_s, Stage.TAKEN: now_s}
        self._recent.append(Timeline(sentence_id, session, text, stamps))

    def mark(self, sentence_id: str, stage: Stage, at_s: float) -> None:
        """Note that a sentence has reached `stage`; only the first time counts."""
        if (timeline := self._find(sentence_id)) is not None:
            timeline.stamps.setdefault(stage, at_s)

    def add_spoken(self, sentence_id: str, text: str) -> None:
        """Note what is said of a sentence, in the language that is heard."""
        if (timeline := self._find(sentence_id)) is not None:
            timeline.spoken += text

    def end(self, sentence_id: str, outcome: str) -> None:
        """Note how a sentence ended: `spoken`, `cut`, or `failed: REASON`. The first outcome stays."""
        if (timeline := self._find(sentence_id)) is not None and not timeline.outcome:
            timeline.outcome = outcome

    def to_json(self, with_text: bool) -> list[dict[str, Any]]:
        """Return the remembered sentences, oldest first."""
        return [timeline.to_json(with_text) for timeline in self._recent]

    def _find(self, sentence_id: str) -> Timeline | None:
        return next((t for t in reversed(self._recent) if t.sentence_id == sentence_id), None)
