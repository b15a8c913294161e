"""What each engine that runs here costs: load, memory, the first sound or clause, and its pace."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from claude_narrator.daemon.text.sentences import ClauseSplitter
from claude_narrator.models.host import EngineHost
from claude_narrator.models.registry import EngineRecord
from claude_narrator.models.types import AudioChunk
from tests.engine_environments import probe
from tests.runnable_engines import first_voice, loaded, pair_of, sentences_of

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


def cosyvoice_true_size(runs: int) -> Figures:
    """CosyVoice 2 at its true size with random weights, on this machine's device."""
    script = Path(__file__).with_name("cosyvoice_true_size.py")
    found: dict[str, Any] = probe("cosyvoice", script, "--rounds", str(runs))
    timed = found["load_s"] * 1000, found["peak_gb"] * 1000, found["first_sound_s"] * 1000
    return Figures("cosyvoice 2, random weights", *timed, found["real_time_factor"], "RTF")


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
