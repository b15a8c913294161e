"""What each engine that runs here costs: load, memory, the first sound or clause, and its pace."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import anyio

from claude_narrator.daemon.text.sentences import ClauseSplitter
from claude_narrator.models.host import EngineHost
from claude_narrator.models.registry import EngineRecord
from claude_narrator.models.types import AudioChunk
from tests.bench.nllb_true_size import REPLY_TOKENS
from tests.engine_environments import probe
from tests.runnable_engines import first_voice, loaded, pair_of
from tests.sentences import sentences_of

LOADS = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians. `pace` is processing time over the length of the sound, or characters a second."""

    engine: str
    load_ms: float
    rss_mb: float
    first_ms: float
    pace: float
    pace_unit: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    first_s: float
    whole_s: float
    size: float
    """Seconds of sound, or characters."""


def figures(record: EngineRecord, runs: int) -> Figures:
    """Load the engine three times and have it work on `runs` sentences, after one that is not counted."""
    return anyio.run(_figures, record, runs)


def true_size(engine: str, runs: int) -> Figures:
    """An engine whose weights cannot be had, at its true size with random ones, on this machine's device."""
    if engine == "nllb":
        return _nllb_true_size(runs)
    script = Path(__file__).with_name(f"{engine}_true_size.py")
    found: dict[str, Any] = probe(engine, script, "--rounds", str(runs))
    timed = found["load_s"] * 1000, found["peak_gb"] * 1000, found["first_sound_s"] * 1000
    return Figures(f"{engine}, random weights", *timed, found["real_time_factor"], "RTF")


def _nllb_true_size(runs: int) -> Figures:
    """By the fastest of its backends; nothing comes before the end of a sentence, here of 24 tokens."""
    backends = nllb_backends(runs)
    name, found = min(backends.items(), key=lambda each: each[1]["median_s"])
    timed = found["load_s"] * 1000, found["peak_gb"] * 1000, found["median_s"] * 1000
    return Figures(f"nllb 600M, random weights, {name}", *timed, REPLY_TOKENS / found["median_s"], "tokens/s")


@cache
def nllb_backends(runs: int) -> dict[str, dict[str, float]]:
    """The figures of each backend, and of the baseline, at the true 600M size; measured once."""
    script = Path(__file__).with_name("nllb_true_size.py")
    found: dict[str, Any] = probe("nllb", script, "--rounds", str(runs), "--threads", "2")
    return {name: entry for name, entry in found.items() if isinstance(entry, dict)}


async def _figures(record: EngineRecord, runs: int) -> Figures:
    load_ms, done = [], []
    for last in (False,) * (LOADS - 1) + (True,):
        async with loaded(record) as host:
            load_ms.append(float(host.state.load_ms or 0))
            if last:
                done = [await _work(host, record, number) for number in range(runs + 1)][1:]
                rss_mb = host.state.rss_bytes / 1e6
    first_ms = statistics.median(each.first_s for each in done) * 1000
    if record.declaration.kind == "synthesizer":
        pace, unit = statistics.median(each.whole_s / each.size for each in done), "RTF"
    else:
        pace, unit = statistics.median(each.size / each.whole_s for each in done), "characters/s"
    return Figures(record.name, statistics.median(load_ms), rss_mb, first_ms, pace, unit)


async def _work(host: EngineHost, record: EngineRecord, number: int) -> _Sentence:
    pieces = _speak(host, record, number) if record.declaration.voices else _translate(host, record, number)
    began, first_s, size = time.perf_counter(), 0.0, 0.0
    async with aclosing(pieces) as sizes:
        async for piece in sizes:
            first_s = first_s or time.perf_counter() - began
            size += piece
    return _Sentence(first_s, time.perf_counter() - began, size)


async def _speak(host: EngineHost, record: EngineRecord, number: int) -> AsyncGenerator[float, None]:
    language, voice = first_voice(record)
    sentences = sentences_of(language)
    async with aclosing(host.synthesize(sentences[number % len(sentences)], voice, language)) as chunks:
        async for chunk in chunks:
            yield _length_s(chunk)


async def _translate(host: EngineHost, record: EngineRecord, number: int) -> AsyncGenerator[float, None]:
    """Give the sizes of the clauses, as the pipeline would hand them on."""
    source, target = pair_of(record)
    sentences, splitter = sentences_of(source), ClauseSplitter(target)
    async with aclosing(host.translate(sentences[number % len(sentences)], source, target)) as pieces:
        async for piece in pieces:
            for clause in splitter.feed(piece):
                yield len(clause)
    for clause in splitter.finish():
        yield len(clause)


def _length_s(chunk: AudioChunk) -> float:
    return len(chunk.samples) / chunk.sample_rate
