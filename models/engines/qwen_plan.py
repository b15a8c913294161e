"""Which of several models is loaded, and how many of its layers lie on a GPU, decided by what is free.

What a model takes: its weights; the KV cache of the context; buffers for one batch of a prompt; the prompts
of a few language pairs that are kept; the process itself. `gguf.py` reads the figures from the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.engines.gguf import GgufFacts
from claude_narrator.models.engines.llama_devices import Gpu
from claude_narrator.models.errors import BadInput, EngineUnavailable

CONTEXT_TOKENS = 4096
_KEPT_PROMPTS, _PROMPT_TOKENS = 3, 1024
_PROCESS_BYTES = 60_000_000
_GPU_MARGIN_BYTES = 512_000_000
"""Left to the display and to llama.cpp's own pools."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that is here: its catalog id, its first file, its figures."""

    model: str
    path: Path
    facts: GgufFacts


@dataclass(frozen=True, slots=True)
class Machine:
    """What may be taken: `free_bytes` of memory, and what there is of GPUs."""

    free_bytes: int
    gpu: Gpu | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is loaded and where; `device` as `Loaded` has it. All layers on a GPU take the output along."""

    model: str
    path: Path
    precision: str
    layers: int
    gpu_layers: int
    device: str
    prompt_cache_bytes: int


def read_gpu_layers(text: str) -> int | None:
    """Return the option `gpu_layers` as a number; None for auto.

    :raises BadInput: it is neither.
    """
    if text in ("", "auto"):
        return None
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    raise BadInput(
        f"engines.qwen.gpu_layers is {text[:40]!r}", "Write auto, or a number; 0 for the CPU alone."
    )


def choose(candidates: Sequence[Candidate], machine: Machine, wanted_layers: int | None, hint: str) -> Plan:
    """Return the first of `candidates`, best first, that fits.

    :raises EngineUnavailable: not even the last one does; the figures are its. `hint` says what to do.
        Or layers are wanted on a GPU that is not there.
    """
    if wanted_layers and machine.gpu is None:
        raise EngineUnavailable(
            f"engines.qwen.gpu_layers is {wanted_layers}, and llama.cpp has no GPU here",
            "Run: voice settings set engines.qwen.gpu_layers auto",
        )
    problem = "there is no model"
    for candidate in candidates:
        layers = _gpu_layers(candidate.facts, machine.gpu, wanted_layers)
        problem = _why_not(candidate, layers, machine)
        if not problem:
            return _plan(candidate, layers, machine.gpu)
    raise EngineUnavailable(problem, hint)


def memory_bytes(facts: GgufFacts, gpu_layers: int, gpu: Gpu | None) -> int:
    """Return what `facts` cost in the machine's memory with so many layers on `gpu`.

    Where a GPU's own memory cannot be known, that is the measure of what it may hold too.
    """
    kv_bytes = facts.kv_bytes_per_token * CONTEXT_TOKENS
    whole = facts.file_bytes + kv_bytes + facts.activation_bytes + _prompt_cache_bytes(facts) + _PROCESS_BYTES
    if gpu is None or gpu.shares_memory or gpu.free_bytes is None:
        return whole + (facts.score_bytes if gpu_layers else 0)
    return max(_PROCESS_BYTES, whole - gpu_layers * (facts.layer_bytes + kv_bytes // facts.layers))


def gpu_bytes(facts: GgufFacts, gpu_layers: int) -> int:
    """Return what `facts` cost on a GPU that holds so many layers, all of them with the output."""
    if not gpu_layers:
        return 0
    kv_bytes = facts.kv_bytes_per_token * CONTEXT_TOKENS
    layers = gpu_layers * (facts.layer_bytes + kv_bytes // facts.layers)
    rest = facts.file_bytes - facts.layers * facts.layer_bytes if gpu_layers == facts.layers else 0
    return layers + rest + facts.activation_bytes + facts.score_bytes + _GPU_MARGIN_BYTES


def _gpu_layers(facts: GgufFacts, gpu: Gpu | None, wanted: int | None) -> int:
    """As many as are wanted; with auto, as many as there is room for."""
    if wanted is not None:
        return min(wanted, facts.layers)
    if gpu is None or gpu.free_bytes is None:
        return facts.layers if gpu else 0
    every = range(facts.layers, 0, -1)
    return next((number for number in every if gpu_bytes(facts, number) <= gpu.free_bytes), 0)


def _why_not(candidate: Candidate, layers: int, machine: Machine) -> str:
    """What stands against so many layers on the GPU and the others beside it; "" when they fit."""
    facts, gpu = candidate.facts, machine.gpu
    where = f" with {layers} of {facts.layers} layers on a GPU" if layers else ""
    needed = gpu_bytes(facts, layers)
    if gpu is not None and gpu.free_bytes is not None and needed > gpu.free_bytes:
        return (
            f"{candidate.model} needs {_gb(needed)} of {gpu.name}{where} and {_gb(gpu.free_bytes)} are free"
        )
    needed = memory_bytes(facts, layers, gpu)
    if needed > machine.free_bytes:
        return (
            f"{candidate.model} needs {_gb(needed)} of memory{where} and {_gb(machine.free_bytes)} are free"
        )
    return ""


def _gb(count: int) -> str:
    return f"{count / 1e9:.1f} GB"


def _plan(candidate: Candidate, gpu_layers: int, gpu: Gpu | None) -> Plan:
    facts = candidate.facts
    device = gpu.name if gpu is not None and gpu_layers else "cpu"
    if 0 < gpu_layers < facts.layers:
        device += f" ({gpu_layers} of {facts.layers} layers), cpu"
    cache_bytes = _prompt_cache_bytes(facts)
    where = candidate.model, candidate.path
    return Plan(*where, facts.precision, facts.layers, gpu_layers, device, cache_bytes)


def _prompt_cache_bytes(facts: GgufFacts) -> int:
    return _KEPT_PROMPTS * _PROMPT_TOKENS * facts.kv_bytes_per_token
