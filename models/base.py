"""The two protocols behind which everything that touches weights runs, and how an engine declares itself.

An engine is one file with two things in it: a module-level literal `ENGINE` (read from the source text, so
that listing engines imports none of them; `registry.py` documents the keys) and a class of one of these
protocols, named by an entry point in the group `claude_narrator.engines`. The class is built and called in
its worker process only, in one thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from claude_narrator.models.types import NO_HINTS, AudioChunk, Hints, Language


@dataclass(frozen=True, slots=True)
class EngineContext:
    """What an engine may use.

    `files` maps catalog ids to the folder with that model's files; `threads` >= 1. `options` has a value for
    each of `ENGINE["options"]`, the user's or the default. `voices` maps the names of voices that the user
    stored to their folders, for an engine that declares `stores_voices`. `memory_bytes` is what it may take
    in memory, 0 for as much as there is: by that it chooses among its models, or refuses.
    """

    files: dict[str, Path] = field(default_factory=dict)
    threads: int = 1
    options: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[str, Path] = field(default_factory=dict)
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What really runs, not what was asked for.

    `device` such as `cpu`, `cuda:0`, `metal`; `precision` such as `int8`.
    """

    device: str
    precision: str


class Translator(Protocol):
    """Turns a sentence of one language into another, piece by piece."""

    def load(self, context: EngineContext) -> Loaded:
        """Make ready to translate at full speed.

        :raises EngineUnavailable: a package or a file is missing or broken.
        """

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        """Yield the translation in pieces whose concatenation is the whole; closing the iterator cancels.

        Of `hints` an engine uses what it can.

        :raises UnknownLanguage: the pair is not one of the engine's.
        :raises EngineUnavailable: it can work no more; it is left alone for a while, then loaded anew.
        """

    def close(self) -> None:
        """Free everything. Safe to call more than once."""


class Synthesizer(Protocol):
    """Turns a sentence into samples, chunk by chunk."""

    def load(self, context: EngineContext) -> Loaded:
        """Make ready to speak at full speed.

        :raises EngineUnavailable: a package or a file is missing or broken.
        """

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield the samples of `text`; `voice` is a name from the declaration, without the engine's name.

        `rate` 1.0 is the voice's own pace, 2.0 twice as fast. Closing the iterator cancels.

        :raises EngineUnavailable: as `translate`.
        """

    def close(self) -> None:
        """Free everything. Safe to call more than once."""
