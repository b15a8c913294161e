"""Where CosyVoice runs. Upstream takes CUDA if there is any, else the CPU; the rest is done from outside."""

from __future__ import annotations

import os
from typing import Any

from claude_narrator.models.errors import EngineUnavailable

_DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(wanted: str, threads: int) -> Any:
    """Return the `torch.device` to run on, with PyTorch set to `threads`; before anything imports PyTorch.

    :raises EngineUnavailable: no such device here, or PyTorch is not installed.
    """
    if wanted not in _DEVICES:
        raise EngineUnavailable(
            f"engines.cosyvoice.device cannot be {wanted[:40]!r}", f"It is one of {', '.join(_DEVICES)}."
        )
    if wanted in ("cpu", "mps"):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if wanted == "mps":
        os.environ["PYTORCH_ENABLE_MPS_FALLBACK"] = "1"
    try:
        import torch
    except (ImportError, OSError) as error:
        raise EngineUnavailable(
            f"PyTorch cannot be imported: {error}", "Run: voice engines install cosyvoice"
        ) from error
    torch.set_num_threads(threads)
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise EngineUnavailable("this machine has no MPS device", "Set engines.cosyvoice.device to auto.")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise EngineUnavailable("this machine has no CUDA device", "Set engines.cosyvoice.device to auto.")
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device("cuda:0" if wanted == "cuda" else wanted)


def move(model: Any, device: Any) -> None:
    """Move a loaded CosyVoice to a `device` that upstream does not know, which is MPS.

    The vocoder stays on the CPU: it is a small part of the work, and asks for float64 and for convolutions
    that MPS lacks.
    """
    if device.type in ("cpu", "cuda"):
        return
    inner = model.model
    inner.llm.to(device)
    inner.flow.to(device)
    inner.device = model.frontend.device = device
    keep_on_cpu(inner.hift)


def keep_on_cpu(vocoder: Any) -> None:
    """Have a vocoder bring the mel spectrogram that it is given to the CPU, where it is."""
    infer = vocoder.inference

    def inference(speech_feat: Any, **options: Any) -> Any:
        return infer(speech_feat=speech_feat.cpu(), **options)

    vocoder.inference = inference
