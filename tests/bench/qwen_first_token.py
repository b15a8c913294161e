"""Times the first token of a translation by Qwen with its prompt evaluated beforehand, and without.

`python -m tests.bench.qwen_first_token [--model ID] [--rounds N] [--threads N]` prints one line of JSON. Cold
and warm take turns, so that a busy machine is busy for both; `ratio` is the median of the rounds' ratios. A
cold prompt is the same prompt behind a mark of its own, so that not one token of it is there already.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from claude_narrator.models.base import EngineContext
from claude_narrator.models.catalog import model_folder
from claude_narrator.models.engines.llama_runtimes import Runtime
from claude_narrator.models.engines.qwen import Qwen
from claude_narrator.models.memory import process_bytes
from claude_narrator.models.pool import usable_cores
from claude_narrator.models.prompts import Message, translation_prompt
from claude_narrator.models.types import Hints, Language
from tests.models_home import ensure

EN, JA = Language("en"), Language("ja")
SENTENCES = (
    "The build finished, and all forty two tests pass.",
    "The server is not responding, so I will restart it now.",
    "I renamed the function and updated the three callers.",
    "There is one warning left, which comes from the linter.",
    "The cache is stale, so the first request is slow.",
)
HINTED = "It stops the worker before that."
HINTS = Hints({"worker": "作業員"}, ("I changed the shutdown of the pool.", "The queue is emptied first."))
REPLY_TOKENS = 32


def measure(model: str, rounds: int, threads: int) -> dict[str, Any]:
    """Return the figures as the module describes them; times in milliseconds, medians over the rounds."""
    engine, began_s = Qwen(), time.perf_counter()
    loaded = engine.load(
        EngineContext(
            {model: model_folder(model, ensure(model))}, threads, {"model": model, "gpu_layers": "auto"}
        )
    )
    load_s = time.perf_counter() - began_s
    assert engine._runtime is not None
    figures = _rounds(engine._runtime, rounds)
    rss_mb = process_bytes(os.getpid()) / 1e6
    engine.close()
    return {
        "model": model,
        "device": loaded.device,
        "precision": loaded.precision,
        "threads": threads,
        "rounds": rounds,
        "load_s": round(load_s, 2),
        **figures,
        "rss_mb": round(rss_mb),
    }


def _rounds(runtime: Runtime, rounds: int) -> dict[str, float]:
    cold, warm, hinted, pace = [], [], [], []
    for number in range(rounds):
        sentence = SENTENCES[number % len(SENTENCES)]
        cold.append(_first_ms(runtime, _marked(translation_prompt(sentence, EN, JA), f"{number}. ")))
        _first_ms(runtime, translation_prompt("", EN, JA))
        warm.append(_first_ms(runtime, translation_prompt(sentence, EN, JA)))
        hinted.append(_first_ms(runtime, translation_prompt(HINTED, EN, JA, HINTS)))
        pace.append(_tokens_per_s(runtime))
    return {
        "cold_ms": _median(cold),
        "warm_ms": _median(warm),
        "warm_with_hints_ms": _median(hinted),
        "ratio": _median([slow / quick for slow, quick in zip(cold, warm, strict=True)]),
        "tokens_per_s": _median(pace),
    }


def _marked(messages: tuple[Message, ...], mark: str) -> tuple[Message, ...]:
    first, *others = messages
    return (Message(first.role, mark + first.content), *others)


def _first_ms(runtime: Runtime, messages: tuple[Message, ...]) -> float:
    """Until the first token that says something; the answer is cancelled there."""
    with closing(runtime.reply(messages, 4)) as pieces:
        return _timed(lambda: next(filter(None, pieces), "")) * 1000


def _tokens_per_s(runtime: Runtime) -> float:
    """After the first token; a piece is a token."""
    reply = runtime.reply((Message("user", "Count from one to a hundred, in words."),), REPLY_TOKENS)
    pieces = filter(None, reply)
    next(pieces)
    count = 0

    def rest() -> None:
        nonlocal count
        count = sum(1 for _ in pieces)

    seconds = _timed(rest)
    return count / seconds


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 2)


def main() -> None:
    """Print the figures of one model."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.qwen_first_token")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=max(1, usable_cores() - 1))
    given = parser.parse_args()
    print(json.dumps(measure(given.model, given.rounds, given.threads)))


if __name__ == "__main__":
    main()
