"""What warm prefixes, clauses, small weights and worker processes are worth, each against its absence."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio

from claude_narrator.models.base import EngineContext
from tests.bench.engine_figures import nllb_backends
from tests.bench.measure import Row
from tests.bench.nllb_true_size import BASELINE
from tests.models.engines.scripted import Scripted
from tests.models.worker_bench import EN, ROOT, hosted, importable_in_workers
from tests.runnable_engines import RECORDS, first_voice, loaded
from tests.sentences import sentences_of

CHUNKS = 1000


def worker(runs: int) -> list[Row]:
    """A chunk through the worker's pipe, against the same engine called in this process."""
    ours, baseline = anyio.run(_chunk_ms, runs)
    return [Row("a chunk of sound through a worker", ours, baseline, "ms", "the engine in this process")]


def clauses(runs: int) -> list[Row]:
    """Kokoro's first sound when it comes clause by clause, against the whole of the same sentence."""
    first, whole = anyio.run(_first_and_whole_ms, "kokoro", runs)
    return [Row("kokoro, first sound by clause", first, whole, "ms", "when the whole sentence is made")]


def prefix(runs: int) -> list[Row]:
    """Qwen's first token when the prompt before the sentence has been evaluated, against when it has not."""
    command = [sys.executable, "-m", "tests.bench.qwen_first_token", "--rounds", str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [Row("qwen, first token, warm prefix", found["warm_ms"], found["cold_ms"], "ms", "a cold prompt")]


def nllb(runs: int) -> list[Row]:
    """NLLB at the true 600M size with random weights, by the engine, against transformers in fp32."""
    backends = dict(nllb_backends(runs))
    baseline = backends.pop(BASELINE)["median_s"] * 1000
    return [
        Row(f"nllb 600M, {name}", entry["median_s"] * 1000, baseline, "ms", "transformers' generate, fp32")
        for name, entry in backends.items()
    ]


async def _chunk_ms(runs: int) -> tuple[float, float]:
    """Medians; one chunk is 1000 samples, and a listener waits for none."""
    engine, text = Scripted(), "say " * CHUNKS
    engine.load(EngineContext())
    through, direct = [], []
    with importable_in_workers(ROOT):
        async with hosted() as host:
            for _ in range(runs + 1):
                through.append(await _seconds(host.synthesize(text, "plain", EN)))
                began = time.perf_counter()
                assert sum(1 for _ in engine.synthesize(text, "plain", EN, 1.0)) == CHUNKS
                direct.append(time.perf_counter() - began)
    return _median_ms(through) / CHUNKS, _median_ms(direct) / CHUNKS


async def _first_and_whole_ms(engine: str, runs: int) -> tuple[float, float]:
    record = next(record for record in RECORDS if record.name == engine)
    language, voice = first_voice(record)
    first, whole = [], []
    async with loaded(record) as host:
        for number in range(runs + 1):
            sentence = sentences_of(language)[number % len(sentences_of(language))]
            began = time.perf_counter()
            async with aclosing(host.synthesize(sentence, voice, language)) as chunks:
                await anext(chunks)
                first.append(time.perf_counter() - began)
                await _seconds(chunks)
            whole.append(time.perf_counter() - began)
    return _median_ms(first), _median_ms(whole)


async def _seconds(pieces: AsyncGenerator[Any, None] | AsyncIterator[Any]) -> float:
    began = time.perf_counter()
    async for _ in pieces:
        pass
    return time.perf_counter() - began


def _median_ms(seconds: list[float]) -> float:
    """Of all but the first, which warms up."""
    return statistics.median(seconds[1:]) * 1000
