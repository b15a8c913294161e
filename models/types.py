"""The values that cross folders: what is said, by which voice, as which samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

Language = NewType("Language", str)
"""A BCP-47 tag: `en`, `ja`, `pt-BR`."""
SampleRate = NewType("SampleRate", int)
"""Samples per second."""
Milliseconds = NewType("Milliseconds", float)
Seconds = NewType("Seconds", float)
"""A point on, or a length of, the monotonic clock."""
Samples = NDArray[np.float32]
"""Mono samples, shape (n,), in -1..1."""


class Priority(IntEnum):
    """Who is heard first; the names are speech-dispatcher's."""

    PROGRESS = 0
    NOTIFICATION = 1
    TEXT = 2
    MESSAGE = 3
    IMPORTANT = 4


class Role(Enum):
    """What a sentence is to a listener in a hurry: `OPENING` is the first of its block."""

    DETAIL = "detail"
    OPENING = "opening"
    WARNING = "warning"
    QUESTION = "question"


class Origin(Enum):
    """Who wants something said.

    The narrator of what a session writes, or for something it has to tell itself; the model by its tool, or
    the user.
    """

    NARRATION = "narration"
    NOTICE = "notice"
    TOOL = "tool"
    USER = "user"


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """Which message of a session: `turn` counts from 1 in it, `message` from 1 in the turn; 0 is none.

    A message that was sent again after a broken stream is the same one.
    """

    turn: int = 0
    message: int = 0


NO_PASSAGE = Passage()


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """How something shall sound: `language` to be heard, `voice` as `engine/name` or `auto`, `rate` 0.5-3."""

    language: Language
    voice: str = "auto"
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class Name:
    """What of a sentence, from character `start` up to `end`, is a name: no word to be translated.

    It was `written` so; `said_in` returns how it is said among words of another language.
    """

    start: int
    end: int
    written: str
    said_in: Callable[[Language], str] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Utterance:
    """Sentences of one source that are said together.

    `sentences` are speakable already: no markup, no secrets. `session` is the id of the Claude Code session,
    or the name of the other source. `arrived_s` is when the text of the first sentence reached the daemon.
    `choice` overrides what the settings say for the session. `group` names what is replayed together;
    what has none belongs to the reply of its session. `roles` has one for each sentence, or is empty where
    they are not known; `names` has those of each sentence, likewise. `passage` is the message they are from.
    With `closes` a turn has ended, whose last message these passages are; then there may be no sentence.
    """

    id: str
    session: str
    sentences: tuple[str, ...]
    language: Language
    arrived_s: Seconds
    priority: Priority = Priority.TEXT
    choice: VoiceChoice | None = None
    group: str = ""
    roles: tuple[Role, ...] = ()
    origin: Origin = Origin.NARRATION
    passage: Passage = NO_PASSAGE
    closes: tuple[Passage, ...] | None = None
    names: tuple[tuple[Name, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that an engine offers: `id` is `engine/name`."""

    id: str
    engine: str
    language: Language


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps to translate a sentence well; a translator may ignore it.

    `glossary` maps words of the source language, in whatever case, to what they shall be in the target
    language. `before` holds up to two sentences, of the source language, that came just before this one.
    `strict` asks for more care: a first translation was not good.
    """

    glossary: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    strict: bool = False


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Consecutive samples of one sentence."""

    samples: Samples
    sample_rate: SampleRate
