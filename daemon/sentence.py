"""A sentence on its way through the pipeline, and who is told how it and the engines fare."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from claude_narrator.daemon.pronunciation import AS_WRITTEN, Pronunciation
from claude_narrator.daemon.setting_values import MAX_RATE
from claude_narrator.daemon.timelines import Stage
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.types import NO_HINTS, Hints, Language, Name, Priority, VoiceChoice

VOICE = "voice"
"""What a voice that is named, and is not there, is reported as in place of an engine: `voice piper/joe`."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Cast:
    """The engines that work on an utterance: who has begun goes on, so that the voice does not change in it.

    `speakers` are by the language that is spoken.
    """

    translator: str = ""
    speakers: dict[Language, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence on its way: `language` is that of `text`, `choice` how it shall be heard.

    `hints` and `names` are for its translation, `pronunciation` for its voice. `cast` is shared by the
    sentences of its utterance, whose id is `utterance`, `group` by those that are replayed together. One that
    `introduces` says who speaks. One that `may_hurry` is said at `pace` times the rate of its choice when
    much waits.
    """

    id: str
    session: str
    text: str
    language: Language
    choice: VoiceChoice
    translator: str
    arrived_s: float
    generation: int = 0
    hints: Hints = NO_HINTS
    pronunciation: Pronunciation = field(default=AS_WRITTEN, compare=False)
    cast: Cast = field(default_factory=Cast, compare=False)
    utterance: str = ""
    priority: Priority = Priority.TEXT
    group: str = ""
    introduces: bool = False
    may_hurry: bool = False
    pace: float = 1.0
    names: tuple[Name, ...] = ()

    @property
    def rate(self) -> float:
        """How fast it is said."""
        return min(MAX_RATE, self.choice.rate * self.pace)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence in the language that is heard; `last` closes the sentence."""

    sentence: Sentence
    text: str
    language: Language
    last: bool = False


class Reports(Protocol):
    """Who is told how sentences and engines fare; `stage` is the one that was to be reached."""

    def failed(self, sentence: Sentence, error: NarratorError, stage: Stage) -> None:
        """No engine brought `sentence` to `stage`."""

    def broke_off(self, sentence: Sentence, engine: str, error: NarratorError) -> None:
        """`engine` failed in the middle of `sentence` and nobody could go on: a part of it is not heard."""

    def replaced(self, sentence: Sentence, engine: str, error: NarratorError, by: str, stage: Stage) -> None:
        """`engine` failed on `sentence`, and `by` did its work."""

    def unable(self, engine: str, error: NarratorError) -> None:
        """`engine` failed, and nobody did its work."""

    def answered(self, engine: str) -> None:
        """`engine` did its work, but nothing of it is heard."""

    def worked(self, sentence: Sentence, engine: str, stage: Stage) -> None:
        """`engine` brought a part of `sentence` to `stage`."""


class Attempts:
    """The engines that were asked to bring one sentence to one stage, and what came of it."""

    def __init__(self, reports: Reports, sentence: Sentence, stage: Stage) -> None:
        self._reports, self._sentence, self._stage = reports, sentence, stage
        self._failures: list[tuple[str, NarratorError]] = []
        self.at_work = ""

    def failed(self, engine: str, error: NarratorError) -> None:
        """Remember that `engine` could not, until it is known who could."""
        _log.warning("%s failed: %s", engine, error.problem)
        self._failures.append((engine, error))

    def rejected(self, engine: str, faults: Collection[str]) -> None:
        """Say in the log what is wrong with the translation of `engine`, which has worked none the less."""
        self._reports.answered(engine)
        _log.info("%s by %s did not pass: %s", self._sentence.id, engine, ", ".join(sorted(faults)))

    def worked(self, engine: str) -> None:
        """Report that `engine` did it, in place of those that failed; it is `at_work` from now on."""
        if self.at_work == engine:
            return
        self.at_work = engine
        self._reports.worked(self._sentence, engine, self._stage)
        for failed, error in self._failures:
            self._reports.replaced(self._sentence, failed, error, engine, self._stage)

    def nobody_did(self, error: NarratorError) -> None:
        """Report that no engine did it, of which `error` is told: why each of the others could not."""
        for failed, reason in self._failures:
            if reason is not error:
                self._reports.unable(failed, reason)

    @property
    def last(self) -> tuple[str, NarratorError] | None:
        """The last engine that could not, and why; None when none was asked."""
        return self._failures[-1] if self._failures else None
