"""What a host of an engine is told, what it tells, and how a sentence can fail in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.types import Milliseconds, Seconds

Status = Literal["idle", "loading", "ready", "failed"]


class SentenceSkipped(EngineFailed):
    """The engine crashed twice on this sentence: leave it out, say so, go on with the next."""

    code = "sentence_skipped"


class EngineGaveUp(EngineFailed):
    """The engine crashes again and again: give this sentence to another engine."""

    code = "engine_gave_up"


class EngineHung(EngineFailed):
    """The engine missed its deadline and was killed: give this sentence to another engine."""

    code = "engine_hung"


class DoesNotFit(EngineUnavailable):
    """The engine needs more memory than engines may take: give the sentence to another one."""

    code = "does_not_fit"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a worker may take before it is killed, in seconds.

    `room_s` until others have made room for it, `start_s` until the process answers, `load_s` until the
    engine is ready, `chunk_s` until the next piece of a sentence, `silence_s` without a sign of life while it
    works, `cancel_s` until a cancelled sentence has ended, `close_s` to end by itself. `retry_s` is how long
    a failed engine is left alone.
    """

    room_s: float = 20.0
    start_s: float = 20.0
    load_s: float = 180.0
    chunk_s: float = 30.0
    silence_s: float = 10.0
    cancel_s: float = 3.0
    close_s: float = 1.0
    retry_s: float = 30.0


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Which engine a host runs: its name, `module:Class`, folders of its models by catalog id, threads.

    `options` are the engine's own settings; `voices` are the folders of the voices that the user stored;
    `gain_db` is by voice, and one that is not in it is heard as it comes. `environment` is the folder of its
    own environment, None for ours. `instructed` says whether it translates as a prompt tells it.
    """

    name: str
    entry_point: str
    files: Mapping[str, Path] = field(default_factory=dict)
    threads: int = 1
    options: Mapping[str, str] = field(default_factory=dict)
    gain_db: Mapping[str, float] = field(default_factory=dict)
    voices: Mapping[str, Path] = field(default_factory=dict)
    environment: Path | None = None
    instructed: bool = False


@dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine does now, and since when (`for_s`).

    `reason` says why it failed, or why it is not loaded yet; `pid` is 0 without a process. `rss_bytes` is
    what it takes. `idle_s` counts from its last use, and it leaves memory in `unloads_in_s`, None for never.
    A failed one is tried again in `retries_in_s`; it is `recovering` until it is ready.
    """

    name: str
    status: Status = "idle"
    reason: str = ""
    device: str = ""
    precision: str = ""
    pid: int = 0
    load_ms: Milliseconds | None = None
    restarts: int = 0
    rss_bytes: int = field(default=0, compare=False)
    for_s: Seconds = field(default=Seconds(0.0), compare=False)
    idle_s: Seconds | None = field(default=None, compare=False)
    unloads_in_s: Seconds | None = field(default=None, compare=False)
    retries_in_s: Seconds | None = field(default=None, compare=False)
    recovering: bool = False
