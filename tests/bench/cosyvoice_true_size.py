"""Times a CosyVoice of its true size, with random weights: first sound, pace and memory, through the engine.

Runs in the engine's own environment. A stored voice with three seconds of recording speaks two characters,
which random weights draw out to some forty tokens of speech. Prints one line of JSON: the seconds that
loading took, the median seconds to the first sound, the median seconds of work for a second of sound, and the
most gigabytes that were held.
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
from claude_narrator.models.engines.cosyvoice import CosyVoice
from claude_narrator.models.engines.cosyvoice_source import import_code
from claude_narrator.models.types import Language
from tests.models.engines.cosyvoice_sizes import TRUE_SIZES
from tests.models.engines.cosyvoice_tiny import make_model, write_reference

_FORKED = multiprocessing.get_context("fork")  # nothing heavy is imported in this process yet
_UNITS_A_GB = 1e9 if sys.platform == "darwin" else 1e6
ENGLISH = Language("en")
TEXT = "ok"


def measure(
    folder: Path, generation: int, rounds: int, threads: int, options: dict[str, str]
) -> dict[str, Any]:
    """Return the figures; the model is made in `folder`, 1.5 to 3.5 GB, when it is not there."""
    model, voice = folder / f"true-{generation}", folder / "voice"
    if not model.is_dir():
        maker = _FORKED.Process(target=_make, args=(model, generation, options.get("source", "")))
        maker.start()
        maker.join()
        assert maker.exitcode == 0
    voice.mkdir(exist_ok=True)
    write_reference(voice / "reference.wav", 3.0)
    (voice / "voice.json").write_text('{"languages": ["*"], "text": ""}', encoding="utf-8")
    engine, started = CosyVoice(), time.perf_counter()
    own = {"model_folder": str(model), "trust": str(model), **options}
    loaded = engine.load(EngineContext(threads=threads, options=own, voices={"me": voice}))
    load_s = time.perf_counter() - started
    spoken = [_spoken(engine) for _ in range(rounds + 1)][1:]
    return {
        "generation": generation,
        "device": loaded.device,
        "precision": loaded.precision,
        "threads": threads,
        "load_s": round(load_s, 1),
        "first_sound_s": round(statistics.median(first for first, _ in spoken), 2),
        "real_time_factor": round(statistics.median(factor for _, factor in spoken), 2),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNITS_A_GB, 2),
    }


def _make(folder: Path, generation: int, source: str) -> None:
    """In a process of its own, whose memory does not count."""
    import_code(source)
    make_model(folder, generation, TRUE_SIZES[generation])


def _spoken(engine: CosyVoice) -> tuple[float, float]:
    """Seconds to the first sound, and of work for a second of sound."""
    started, first_s, sound_s = time.perf_counter(), 0.0, 0.0
    for chunk in engine.synthesize(TEXT, "me", ENGLISH, 1.0):
        if len(chunk.samples):
            first_s = first_s or time.perf_counter() - started
            sound_s += len(chunk.samples) / chunk.sample_rate
    return first_s, (time.perf_counter() - started) / sound_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folder", type=Path, help="where models are made, and kept; else in a temporary place"
    )
    parser.add_argument("--generation", type=int, default=2, choices=(1, 2, 3))
    parser.add_argument("--source", default="", help="a checkout of CosyVoice, for the third generation")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    options = {"source": given.source, "device": given.device}
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(measure(folder, given.generation, given.rounds, given.threads, options)))


if __name__ == "__main__":
    main()
