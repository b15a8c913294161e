"""Times XTTS-v2 at its true size with random weights, through the engine: load, first sound, pace, memory.

Runs in the engine's own environment. Random weights talk as long as they may, here 30 steps of the language
model, a second and a half of sound. Prints one line of JSON, with medians.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.xtts import XTTS
from claude_narrator.models.types import Language

_FORKED = multiprocessing.get_context("fork")  # nothing heavy is imported in this process yet
_UNITS_A_GB = 1e9 if sys.platform == "darwin" else 1e6
TEXT, VOICE = "Tests pass.", "camilla_holmstrom"


def measure(folder: Path, rounds: int, threads: int) -> dict[str, Any]:
    """Return the figures; the model is made in `folder`, about 2 GB."""
    maker = _FORKED.Process(target=_make, args=(folder,))
    maker.start()
    maker.join()
    assert maker.exitcode == 0
    engine, started = XTTS(), time.perf_counter()
    engine.load(EngineContext(threads=threads, options={"model_folder": str(folder)}))
    load_s = time.perf_counter() - started
    spoken = [_spoken(engine) for _ in range(rounds + 1)][1:]
    return {
        "load_s": round(load_s, 1),
        "first_sound_s": round(statistics.median(first for first, _ in spoken), 2),
        "real_time_factor": round(statistics.median(factor for _, factor in spoken), 2),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNITS_A_GB, 2),
    }


def _make(folder: Path) -> None:
    """In a process of its own, whose memory does not count."""
    from tests.models.engines.tiny_xtts import TRUE_SIZE, make_model

    make_model(folder, TRUE_SIZE)


def _spoken(engine: XTTS) -> tuple[float, float]:
    """Seconds to the first sound, and of work for a second of sound."""
    started, first_s, sound_s = time.perf_counter(), 0.0, 0.0
    for chunk in engine.synthesize(TEXT, VOICE, Language("en"), 1.0):
        if len(chunk.samples):
            first_s = first_s or time.perf_counter() - started
            sound_s += len(chunk.samples) / chunk.sample_rate
    return first_s, (time.perf_counter() - started) / sound_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder) / "model", arguments.rounds, arguments.threads)))


if __name__ == "__main__":
    main()
