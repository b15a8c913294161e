"""How NLLB-200 is run on a machine: which of the models that are here, by which backend, and whether it fits.

Against fp32 by transformers, for 24 tokens from 20, with the true sizes of the 600M model and random weights
(`tests/bench/nllb_true_size.py`; docs/benchmarks.md has the figures of the day):

- x86-64 with AVX-512: int8 by PyTorch (fbgemm) 5 times as fast, by CTranslate2 2.6 to 2.8 times, bf16 1.8 to
  2.2 times. PyTorch's int8 takes more memory, 1.5 GB to 1.1.
- arm64: PyTorch has no fbgemm there, so int8 is CTranslate2's. Not measured by us. On an M4, others measured
  Whisper in CTranslate2 at 1.18 times with int8 on the CPU, at 2.4 times with fp16 on Metal, of fp32 on the
  CPU (OpenNMT/CTranslate2, pull request 2077). So with Metal it is fp16 there, by PyTorch.
- CUDA: bf16 where the GPU has it, else fp16.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.errors import BadInput, EngineUnavailable, ModelMissing

TORCH, CTRANSLATE2 = "torch", "ctranslate2"
_ORDER = {
    "cuda": ("torch-bf16", "torch-fp16", "torch-fp32"),
    "mps": ("torch-fp16", "torch-fp32"),
    "x86_64": ("torch-int8", "ctranslate2-int8", "torch-bf16", "torch-fp32"),
    "arm64": ("ctranslate2-int8", "torch-bf16", "torch-fp32"),
}
"""Backends of a device, of the CPU by architecture; the fastest first."""
_BACKENDS = ("torch-int8", "torch-bf16", "torch-fp16", "torch-fp32", "ctranslate2-int8", "ctranslate2-fp32")
_BYTES = {"int8": 1, "bf16": 2, "fp16": 2, "fp32": 4}
_OVERHEAD_BYTES = 600_000_000
"""Of the process with PyTorch or CTranslate2 in it, and of one sentence's activations."""


class DeviceFailed(EngineUnavailable):
    """A GPU cannot run the model, or not any longer."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is: `arch` as `platform.machine()` says; `free_bytes` by device, `cpu` always in it.

    `has_bf16` tells of the CUDA device; `has_fbgemm` of PyTorch on this CPU.
    """

    arch: str
    free_bytes: Mapping[str, int]
    has_bf16: bool = False
    has_fbgemm: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model that matter; `parameters` is their number, all in all."""

    parameters: int
    vocabulary: int
    width: int
    positions: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to run one model: `backend` on `device`; `folder` holds the model."""

    model: str
    folder: Path
    shape: Shape
    backend: str
    device: str

    @property
    def runtime(self) -> str:
        """What runs it: torch or ctranslate2."""
        return self.backend.split("-")[0]

    @property
    def precision(self) -> str:
        """The numbers that are multiplied: int8, bf16, fp16 or fp32."""
        return self.backend.split("-")[1]

    @property
    def memory_bytes(self) -> int:
        """What it takes at most, loading included.

        int8 by PyTorch keeps the embedding in fp16, beside the int8 copy of it that makes the output and has
        to be packed. CTranslate2 is given the embedding in fp32 when it converts.
        """
        table = self.shape.vocabulary * self.shape.width
        extra = 3 * table if self.backend == "torch-int8" else 0
        if self.runtime == CTRANSLATE2 and not is_converted(self.folder, self.precision):
            extra = 4 * table
        return self.shape.parameters * _BYTES[self.precision] + extra + _OVERHEAD_BYTES


def conversion(folder: Path, precision: str) -> Path:
    """Return where, inside a model's folder, lies what CTranslate2 made of it."""
    return folder / f"{CTRANSLATE2}-{precision}"


def is_converted(folder: Path, precision: str) -> bool:
    """Return whether a folder is, or holds, a model in CTranslate2's form."""
    return any((place / "model.bin").is_file() for place in (folder, conversion(folder, precision)))


def remedy(folder: Path) -> str:
    """Return what to do when a file in a model's folder is not as it should be."""
    if folder.name.startswith("nllb-200-"):
        return f"Run: voice models pull {folder.name}"
    return "Put the files of one whole NLLB-200 model there."


def read_shape(folder: Path) -> Shape:
    """Read the sizes of the model in `folder`.

    :raises ModelMissing: there is no `config.json`.
    :raises EngineUnavailable: it is not that of a model of this kind.
    """
    path = folder / "config.json"
    if (folder / "model.bin").is_file():
        return Shape((folder / "model.bin").stat().st_size, 0, 0, 1024)
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        if config.get("model_type") != "m2m_100":
            raise ValueError(f"its model_type is {config.get('model_type')!r}, not 'm2m_100'")
        return _shape(config)
    except FileNotFoundError:
        raise ModelMissing(f"{path} is not here", remedy(folder)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineUnavailable(f"{path} describes no NLLB-200 model: {error}", remedy(folder)) from None


def devices(machine: Machine, asked: str) -> Sequence[str]:
    """Return the devices to try, in order.

    :raises BadInput: `asked` is no name of a device.
    :raises EngineUnavailable: it is one that is not here.
    """
    if asked not in ("auto", "cpu", "cuda", "mps"):
        raise BadInput(f"engines.nllb.device cannot be {asked[:40]!r}", "It is auto, cpu, cuda or mps.")
    here = [device for device in ("cuda", "mps", "cpu") if device in machine.free_bytes]
    if asked != "auto" and asked not in here:
        raise EngineUnavailable(
            f"engines.nllb.device is {asked}, and this machine has {', '.join(here)}",
            "Run: voice settings set engines.nllb.device auto",
        )
    return here if asked == "auto" else [asked]


def backends(machine: Machine, device: str, asked: str) -> Sequence[str]:
    """Return the backends to try on `device`, in order.

    :raises BadInput: `asked` is no name of a backend.
    """
    if asked not in ("auto", *_BACKENDS):
        raise BadInput(
            f"engines.nllb.backend cannot be {asked[:40]!r}", f"It is auto, {', '.join(_BACKENDS)}."
        )
    arch = "x86_64" if machine.arch in ("x86_64", "AMD64") else "arm64"
    able = {name for name in _BACKENDS if _can(machine, device, name)}
    if asked == "auto":
        return [name for name in _ORDER[arch if device == "cpu" else device] if name in able]
    return [asked] if asked in able else []


def plans(models: Mapping[str, Path], machine: Machine, device: str, backend: str) -> Iterable[Plan]:
    """Yield every way to run one of `models`, best first.

    `models` come smallest first. A GPU is given the largest that fits, a CPU the smallest: it is the fastest.

    :raises BadInput, ModelMissing, EngineUnavailable: as the functions above.
    """
    shapes = {model: read_shape(folder) for model, folder in models.items()}
    for place in devices(machine, device):
        for model in models if place == "cpu" else reversed(list(models)):
            for name in backends(machine, place, backend):
                if name.startswith(CTRANSLATE2) or not (models[model] / "model.bin").is_file():
                    yield Plan(model, models[model], shapes[model], name, place)


def fitting(found: Iterable[Plan], free_bytes: Mapping[str, int]) -> Sequence[Plan]:
    """Return those of `found` that fit into the memory that is free on their device.

    :raises EngineUnavailable: none does; the message has the figures of the smallest.
    """
    every = list(found)
    fit = [plan for plan in every if plan.memory_bytes <= free_bytes[plan.device]]
    if fit:
        return fit
    if not every:
        raise EngineUnavailable(
            "nllb cannot be run that way on this machine",
            "Run: voice settings set engines.nllb.backend auto",
        )
    least = min(every, key=lambda plan: plan.memory_bytes)
    needed, free = least.memory_bytes / 1e9, free_bytes[least.device] / 1e9
    raise EngineUnavailable(
        f"{least.model} needs {needed:.1f} GB of memory as {least.backend} on {least.device} "
        f"and {free:.1f} GB are free",
        "Close other programs.",
    )


def _can(machine: Machine, device: str, backend: str) -> bool:
    runtime, precision = backend.split("-")
    if runtime == CTRANSLATE2:
        return device == "cpu"
    if precision == "int8":
        return device == "cpu" and machine.has_fbgemm
    if precision == "bf16":
        return device == "cpu" or (device == "cuda" and machine.has_bf16)
    return precision == "fp32" or device != "cpu"


def _shape(config: Mapping[str, int]) -> Shape:
    """Weights and biases of M2M-100: attention, feed-forward and layer norms; the tables are shared."""
    width, vocabulary = config["d_model"], config["vocab_size"]
    attention = 4 * width * (width + 1)
    norm = 2 * width
    inner = {side: 2 * width * config[f"{side}_ffn_dim"] for side in ("encoder", "decoder")}
    bias = {side: width + config[f"{side}_ffn_dim"] for side in ("encoder", "decoder")}
    encoder = config["encoder_layers"] * (attention + inner["encoder"] + bias["encoder"] + 2 * norm)
    decoder = config["decoder_layers"] * (2 * attention + inner["decoder"] + bias["decoder"] + 3 * norm)
    parameters = vocabulary * width + encoder + decoder + 2 * norm
    return Shape(parameters, vocabulary, width, config["max_position_embeddings"])
