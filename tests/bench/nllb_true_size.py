"""Times NLLB-200-distilled-600M at its true size, with random weights: 20 tokens in, 24 out, greedy.

Runs in the engine's own environment. `transformers`' own `generate` in fp32 is what the backends are
measured against. Each has a process of its own, and all take turns, so that a busy machine is busy for all
of them. Prints one line of JSON: for each the median in seconds, the median of its rounds' ratios to
`generate`, the seconds it took to load and the gigabytes it holds, those of mapped files included.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

VOCABULARY = 256_206
SOURCE_TOKENS, REPLY_TOKENS = 20, 24
BASELINE = "generate-fp32"
BACKENDS = ("torch-int8", "ctranslate2-int8", "torch-bf16", "torch-fp32")
_WARM_UPS = 2
_FORKED = multiprocessing.get_context("fork")  # nothing heavy is imported in this process


def measure(folder: Path, threads: int, rounds: int, backends: Sequence[str] = BACKENDS) -> dict[str, Any]:
    """Return the figures described above; the model is made in `folder`, 2.5 GB, when it is not there."""
    if not (folder / "pytorch_model.bin").is_file():
        _run_apart(make_true_size, folder)
    runners = {name: _start(name, folder, threads) for name in (BASELINE, *backends)}
    facts = {name: _facts(name, pipe) for name, pipe in runners.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, pipe in runners.items():
            pipe.send("go")
            seconds[name].append(pipe.recv())
    for pipe in runners.values():
        pipe.send("end")
    return {
        "threads": threads,
        "rounds": rounds,
        **{name: {**facts[name], **_figures(seconds[name], seconds[BASELINE])} for name in runners},
    }


def make_true_size(folder: Path) -> None:
    """Make a tokenizer of the true vocabulary and random weights of the true sizes in `folder`."""
    from tests.models.engines.nllb_models import TRUE_600M, make_tokenizer, make_weights

    make_tokenizer(folder, vocabulary=VOCABULARY)
    make_weights(folder, TRUE_600M, VOCABULARY)


def _facts(name: str, pipe: Connection) -> dict[str, float]:
    """What a runner tells of itself once it is loaded."""
    try:
        told: dict[str, float] = pipe.recv()
    except EOFError:
        raise SystemExit(f"{name} could not be loaded: its error stands above") from None
    return told


def _figures(own: Sequence[float], baseline: Sequence[float]) -> dict[str, float]:
    ratios = [theirs / ours for ours, theirs in zip(own, baseline, strict=True)]
    return {
        "median_s": round(statistics.median(own), 3),
        "least_s": round(min(own), 3),
        "ratio": round(statistics.median(ratios), 2),
    }


def _start(name: str, folder: Path, threads: int) -> Connection:
    """Start what is measured; it tells its facts once it is loaded, and its seconds whenever it is asked."""
    ours, theirs = _FORKED.Pipe()
    _FORKED.Process(target=_serve, args=(name, folder, threads, theirs), daemon=True).start()
    return ours


def _serve(name: str, folder: Path, threads: int, pipe: Connection) -> None:
    started = time.perf_counter()
    translate = _baseline(folder, threads) if name == BASELINE else _backend(name, folder, threads)
    loaded = time.perf_counter() - started
    for _ in range(_WARM_UPS):
        assert translate() == REPLY_TOKENS
    pipe.send({"load_s": round(loaded, 1), "rss_gb": _resident_gb("VmRSS"), "peak_gb": _resident_gb("VmHWM")})
    while pipe.recv() == "go":
        started = time.perf_counter()
        translate()
        pipe.send(time.perf_counter() - started)


def _source() -> list[int]:
    return [*range(1000, 1000 + SOURCE_TOKENS - 1), 2]


def _baseline(folder: Path, threads: int) -> Callable[[], int]:
    """What a reader of the model's card would write."""
    import torch
    from transformers import M2M100ForConditionalGeneration

    torch.set_num_threads(threads)
    model = M2M100ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    source = torch.tensor([_source()])
    length = REPLY_TOKENS + 1

    def translate() -> int:
        with torch.inference_mode():
            reply = model.generate(
                input_ids=source,
                attention_mask=torch.ones_like(source),
                forced_bos_token_id=VOCABULARY - 100,
                num_beams=1,
                do_sample=False,
                min_new_tokens=length,
                max_new_tokens=length,
            )
        return int(reply.shape[1]) - 2

    return translate


def _backend(name: str, folder: Path, threads: int) -> Callable[[], int]:
    """The engine itself; random weights end no sentence before its limit."""
    from claude_narrator.models.base import EngineContext
    from claude_narrator.models.engines.nllb import Nllb

    engine = Nllb()
    engine.load(EngineContext({}, threads, {"model_folder": str(folder), "backend": name, "device": "cpu"}))
    backend = engine._backend
    assert backend is not None
    return lambda: sum(1 for _ in backend.tokens(_source(), VOCABULARY - 100, REPLY_TOKENS))


def _resident_gb(field: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return round(int(line.split()[1]) / 1e6, 2)
    return 0.0


def _run_apart(work: Callable[[Path], None], folder: Path) -> None:
    process = _FORKED.Process(target=work, args=(folder,))
    process.start()
    process.join()
    assert process.exitcode == 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the model is made and kept")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--backends", nargs="*", default=BACKENDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(measure(folder, given.threads, given.rounds, given.backends)))


if __name__ == "__main__":
    main()
