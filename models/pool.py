"""Owns the running engines and says which one speaks or translates what."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio

from claude_narrator.models.accelerator import gpus
from claude_narrator.models.chain import Candidate, Facts, Standing
from claude_narrator.models.choice import explain_no_engine
from claude_narrator.models.claims import Claims
from claude_narrator.models.engine_state import Deadlines, EngineSpec, EngineState
from claude_narrator.models.errors import EngineUnavailable, NarratorError
from claude_narrator.models.estimate import needs_of, with_model
from claude_narrator.models.host import EngineHost
from claude_narrator.models.policy import Policy
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.residency import Residency
from claude_narrator.models.selection import Selection
from claude_narrator.models.types import Language, Seconds, Voice, VoiceChoice
from claude_narrator.models.warmth import Direction, Warmth


class EnginePool:
    """The engines of one daemon; an async context manager, at whose end every worker has ended.

    `folder_of` maps a catalog id to the folder with that model's files; `threads` 0 means one less than there
    are cores, at least 1. A host exists from the first use of its engine on, one for all who use it.
    """

    def __init__(
        self,
        records: Iterable[EngineRecord],
        folder_of: Callable[[str], Path],
        threads: int = 0,
        deadlines: Deadlines | None = None,
        policy: Policy | None = None,
    ) -> None:
        self._records = {record.name: record for record in records}
        self._folder_of = folder_of
        self._threads = threads or max(1, usable_cores() - 1)
        self._tasks = anyio.create_task_group()
        self._deadlines = deadlines or Deadlines()
        self._hosts: dict[str, EngineHost] = {}
        self._needs: dict[str, tuple[int, ...]] = {}
        self._claims = Claims()
        known = self._hosts, self._is_embedded, self._needs_of
        self.residency = Residency(*known, policy or Policy(), self._deadlines, self._claims.outweighs)
        self.selection = Selection(self._as_loaded, lambda: self.residency.policy, self._facts)
        self._warmth = Warmth(self._in_memory)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.start_soon(self.residency.run)
        self._tasks.start_soon(self._warmth.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        with anyio.CancelScope(shield=True):
            await self._close()
        self._tasks.cancel_scope.cancel()
        if isinstance(error, Exception):  # handed to the group, it would come back inside an exception group
            await self._tasks.__aexit__(None, None, None)
            return None
        return await self._tasks.__aexit__(kind, error, trace)

    @property
    def records(self) -> tuple[EngineRecord, ...]:
        """Every engine there is, by name."""
        return tuple(self._records.values())

    def refresh(self, records: Iterable[EngineRecord], policy: Policy | None = None) -> None:
        """Take `records` for the old ones, after a model came or went or the settings changed.

        What runs goes on running, but for an engine whose options, models or stored voices are others now: it
        ends, and starts anew in the background if it was in memory. A `policy` given holds from now on.
        """
        before, self._records = self._records, {record.name: record for record in records}
        self._needs.clear()
        for name in before.keys() & self._records.keys() & self._hosts.keys():
            if _needs_anew(before[name], self._records[name]):
                self._tasks.start_soon(self._start_anew, self._hosts.pop(name))
        self.residency.policy = policy or self.residency.policy
        self.residency.changed()

    async def load(self, name: str) -> EngineState:
        """Return the state of the engine `name` once it is ready.

        :raises EngineUnavailable: no such engine, or it cannot be loaded.
        """
        host = self._host(name)
        await host.load()
        return host.state

    def preload(self, names: Iterable[str]) -> None:
        """Load engines in the background; one that cannot be is `failed` in `states`."""
        for name in names:
            if (record := self._records.get(name)) and record.status is EngineStatus.READY:
                self._host(name).begin_loading()

    def states(self) -> list[EngineState]:
        """What every engine that could run here does now, by name."""
        return [self._state(record.name) for record in self.records if record.status is EngineStatus.READY]

    def voices(self) -> list[Voice]:
        """The voices that `auto` could choose here, best engine first."""
        return [
            Voice(f"{record.name}/{name}", record.name, language)
            for record in self._usable("synthesizer")
            for language, names in record.voices.items()
            for name in names
        ]

    def synthesizer_for(self, choice: VoiceChoice) -> tuple[EngineHost, str]:
        """Return who speaks `choice` now, and the voice's name in that engine.

        For `auto` that is the best engine which is ready. While none is, an embedded one; the best is loaded
        behind it and speaks once it is ready.

        :raises UnknownVoice: no such voice, or it does not speak the language.
        :raises UnknownLanguage: no tag, or a language that no engine here speaks.
        :raises EngineUnavailable, ModelMissing: what speaks it is not installed; the hint says how to.
        """
        return self.synthesizers_for(choice)[0]

    def synthesizers_for(self, choice: VoiceChoice) -> list[tuple[EngineHost, str]]:
        """Return `synthesizer_for` and behind it, in order, who else speaks the language, for when it fails.

        :raises BadInput, EngineUnavailable: as `synthesizer_for`.
        """
        order = self.selection.speaking_order(choice)
        able = self.selection.speakers(choice.language)
        self._claims.note(able, self.selection.named_engine(choice), translates=False)
        if choice.voice == "auto":
            self._load_better_behind(able)
        else:
            self._try_failed_again(name for name, _ in order)
        return [(self._host(name), voice) for name, voice in order]

    def translator_for(self, source: Language, target: Language, name: str = "auto") -> EngineHost:
        """Return who translates `source` into `target`: `name`, or the best that is ready or could be.

        One that stands in for a better one that had failed does so until the better one is ready again.

        :raises UnknownLanguage: no tag, or a pair that no engine here translates.
        :raises EngineUnavailable, ModelMissing: what translates it is not installed.
        """
        return self.translators_for(source, target, name)[0]

    def translators_for(
        self, source: Language, target: Language, name: str = "auto", at_once: bool = False
    ) -> list[EngineHost]:
        """Return `translator_for` and behind it, in order, who else translates the pair, for when it fails.

        For `auto` the best one that has not failed is loaded behind a lesser one that is ready, and one that
        is quick comes first when somebody waits for the translation `at_once`.

        :raises BadInput, EngineUnavailable: as `translator_for`.
        """
        order = self.selection.translating_order(source, target, name, at_once)
        able = self.selection.interpreters(source, target)
        self._claims.note(able, (name,), translates=True)
        self._warmth.note(Direction(source, target, name))
        self._try_failed_again(order)
        if name == "auto":
            self._load_better_behind(able)
        return [self._host(engine) for engine in order]

    def expect(self, source: Language, target: Language, name: str = "auto") -> None:
        """Get ready for sentences of a pair, in the background: load who translates them, and have it warm.

        Nothing happens where nobody can.
        """
        with suppress(NarratorError):
            self.translator_for(source, target, name).begin_loading()
            self._warmth.changed()

    def _in_memory(self, direction: Direction) -> EngineHost | None:
        """Who would translate a direction now, if that one is in memory."""
        with suppress(NarratorError):
            pair = direction.source, direction.target
            first = self._host(self.selection.translating_order(*pair, direction.translator)[0])
            return first if first.life.is_ready else None
        return None

    async def _start_anew(self, old: EngineHost) -> None:
        was_there = old.life.is_ready or old.life.is_loading
        await old.close()
        if was_there:
            self.preload([old.name])

    async def _close(self) -> None:
        async with anyio.create_task_group() as tasks:
            for host in self._hosts.values():
                tasks.start_soon(host.close)

    def _usable(self, kind: str) -> list[EngineRecord]:
        usable = [
            record
            for record in self.records
            if record.status is EngineStatus.READY and record.declaration.kind == kind
            if not record.declaration.network
        ]
        return sorted(usable, key=lambda record: -record.declaration.quality)

    def _load_better_behind(self, able: Iterable[Candidate]) -> None:
        """`able` come best first: load the best that has not failed and fits."""
        for candidate in able:
            if candidate.standing < Standing.FAILED:
                self._host(candidate.engine).begin_loading()
                return

    def _try_failed_again(self, names: Iterable[str]) -> None:
        for name in names:
            if self._host(name).life.status == "failed" and not self.residency.unfit(name):
                self._host(name).begin_loading()

    def _host(self, name: str) -> EngineHost:
        record = self._records.get(name)
        if record is None:
            raise EngineUnavailable(f"there is no engine {name[:40]!r}", "See: voice engines")
        if name not in self._hosts:
            if record.status is not EngineStatus.READY:
                raise explain_no_engine([record], record.declaration.kind, name=name)
            admit = partial(self.residency.admit, name)
            self._hosts[name] = EngineHost(
                self._spec(record), self._tasks, self._deadlines, admit, self._changed
            )
        return self._hosts[name]

    def _changed(self) -> None:
        self.residency.changed()
        self._warmth.changed()

    def _as_loaded(self) -> list[EngineRecord]:
        """The records, each with what it declares for the model that it would load within the limit."""
        limit_bytes = self.residency.policy.limit_bytes
        return [
            with_model(each, self._needs_of(each.name), limit_bytes) if each.declaration.by_model else each
            for each in self.records
        ]

    def _facts(self, record: EngineRecord) -> Facts:
        """What is known of an engine whose status is READY; a GPU counts as found once it has been used."""
        name, wanted = record.name, record.declaration.gpus
        host = self._host(name)
        state = host.state
        has_gpu = not state.device.startswith("cpu") if state.device else bool(gpus() & set(wanted))
        return Facts(state, self.residency.unfit(name), is_slow=bool(wanted) and not has_gpu)

    def _state(self, name: str) -> EngineState:
        if name not in self._hosts:
            return EngineState(name)
        left_s = self.residency.unloads_in_s(name)
        return replace(self._hosts[name].state, unloads_in_s=None if left_s is None else Seconds(left_s))

    def _is_embedded(self, name: str) -> bool:
        return name in self._records and self._records[name].declaration.embedded

    def _needs_of(self, name: str) -> tuple[int, ...]:
        if name not in self._needs:
            self._needs[name] = needs_of(self._records[name], self._folder_of)
        return self._needs[name]

    def _spec(self, record: EngineRecord) -> EngineSpec:
        return EngineSpec(
            record.name,
            record.entry_point,
            files={model: self._folder_of(model) for model in record.models},
            threads=self._threads,
            options=record.options,
            gain_db=record.declaration.gain_db,
            voices=record.stored,
            environment=record.environment,
            instructed=record.declaration.instructed,
        )


def _needs_anew(before: EngineRecord, now: EngineRecord) -> bool:
    return (before.options, before.models, before.stored) != (now.options, now.models, now.stored)


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
