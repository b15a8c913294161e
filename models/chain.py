"""Who could speak a language or translate a pair, in which order, and why so. Pure.

Of what can run here, the order is: what the user named for the language, then the faster before what is too
slow without a GPU, then by quality. What is ready, or embedded and so as good as ready, stands in for what
still has to be loaded; what failed or does not fit comes last. Engines of the network are there when they are
named, and only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from claude_narrator.models.engine_state import EngineState
from claude_narrator.models.languages import match_language
from claude_narrator.models.quantities import format_span
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language


class Standing(IntEnum):
    """How soon an engine could do it, best first; `OUT` means not at all."""

    READY = 0
    COMING = 1
    FAILED = 2
    OUT = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an engine that can run here.

    `unfit` says why it does not fit into memory, `is_slow` whether it lacks a GPU that it needs.
    """

    state: EngineState
    unfit: str = ""
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine for a language; `voice` is its name in there, "" for a translator. `reason` is one line.

    `quick` is as it is declared, `is_named` says that the user set it for the language, `is_put_off` that it
    could be loaded if others left memory.
    """

    engine: str
    voice: str
    quality: int
    standing: Standing
    reason: str
    quick: bool = False
    is_named: bool = False
    is_put_off: bool = False


FactsOf = Callable[[EngineRecord], Facts]


def synthesizers(
    language: Language, records: Iterable[EngineRecord], named: Sequence[str], facts_of: FactsOf
) -> list[Candidate]:
    """Return who speaks `language`, who is preferred first; `named` are engines or `engine/voice`."""
    chosen = {name.split("/")[0]: name.partition("/")[2] for name in reversed(named)}
    found = []
    for record in records:
        declared = record.declaration.voices
        tag = match_language(language, record.voices) or match_language(language, declared)
        if record.declaration.kind == "synthesizer" and tag is not None:
            voices = declared[tag]
            wanted = chosen.get(record.name, "")
            status, reason = record.lacks(tag)
            voice = wanted if wanted in voices else voices[0]
            found.append((replace(record, status=status, reason=reason), voice))
    return _sorted(found, [name.split("/")[0] for name in named], facts_of)


def translators(
    pair: Sequence[Language], records: Iterable[EngineRecord], named: Sequence[str], facts_of: FactsOf
) -> list[Candidate]:
    """Return who translates among `pair`, who is preferred first; `named` are engines."""
    able = [
        (record, "")
        for record in records
        if record.declaration.kind == "translator"
        and all(match_language(language, record.declaration.languages) for language in pair)
    ]
    return _sorted(able, named, facts_of)


def by_standing(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return those that could do it, in the order in which they are tried now."""
    able = [candidate for candidate in candidates if candidate.standing is not Standing.OUT]
    return sorted(able, key=lambda candidate: candidate.standing)


def _sorted(
    found: Iterable[tuple[EngineRecord, str]], named: Sequence[str], facts_of: FactsOf
) -> list[Candidate]:
    keyed = []
    for record, voice in found:
        place = named.index(record.name) if record.name in named else len(named)
        candidate, is_slow = _judged(record, voice, place < len(named), facts_of)
        out = candidate.standing is Standing.OUT
        keyed.append(((out, place, is_slow, -candidate.quality), candidate))
    return [candidate for _, candidate in sorted(keyed, key=lambda pair: pair[0])]


def _judged(record: EngineRecord, voice: str, is_named: bool, facts_of: FactsOf) -> tuple[Candidate, bool]:
    quality, embedded = record.declaration.quality, record.declaration.embedded
    if record.status is not EngineStatus.READY:
        return Candidate(record.name, voice, quality, Standing.OUT, record.reason), False
    if record.declaration.network and not is_named:
        reason = "the text would leave this machine: only when you name it"
        return Candidate(record.name, voice, quality, Standing.OUT, reason), False
    facts = facts_of(record)
    standing, reason = _standing(facts, embedded)
    is_slow, quick = facts.is_slow and not is_named, record.declaration.quick
    reason += "; slow without a GPU" * facts.is_slow + "; you named it" * is_named
    reason += "; quick: a first sentence is its, unless you name others" * quick
    put_off = standing is Standing.COMING and bool(facts.state.reason)
    return Candidate(record.name, voice, quality, standing, reason, quick, is_named, put_off), is_slow


def _standing(facts: Facts, embedded: bool) -> tuple[Standing, str]:
    state = facts.state
    if facts.unfit:
        return Standing.FAILED, f"would not fit: {facts.unfit}"
    if state.retries_in_s is not None:
        ago, again = format_span(state.for_s), format_span(state.retries_in_s)
        return Standing.FAILED, f"failed {ago} ago, tried again in {again}: {state.reason}"
    if state.status == "ready":
        return Standing.READY, f"ready on {state.device} {state.precision}".rstrip()
    if embedded:
        return Standing.READY, "embedded, loaded in a moment"
    if state.status in ("loading", "failed"):
        since = format_span(state.for_s)
        what = f"loading for {since}" if state.status == "loading" else f"failed {since} ago: {state.reason}"
        return Standing.COMING, what
    return Standing.COMING, f"would not fit now: {state.reason}" if state.reason else "not loaded"
