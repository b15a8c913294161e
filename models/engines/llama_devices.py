"""The GPUs that llama.cpp can use here, by its own report."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from claude_narrator.models.memory import available_memory_bytes

_KINDS = {"mtl": "metal", "metal": "metal"}
_NUMBERED = re.compile(r"([A-Za-z]+)(\d*)")
_BACKEND = re.compile(r"(?:^|\| )(\w+) : ")
_METAL_SHARE = 0.75
"""Of all memory, what macOS lets a GPU hold by default on a machine of 64 GB; less memory, smaller share."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """What of a model may lie on GPUs.

    `name` such as `metal`, `cuda:0`, `cuda:0,1`. `free_bytes` are those of all of them, None where it cannot
    be known. With `shares_memory` they are the machine's own.
    """

    name: str
    free_bytes: int | None
    shares_memory: bool


def find_gpu() -> Gpu | None:
    """Return what the installed binding of llama.cpp, built as it is, can use; None without a GPU.

    :raises ImportError, OSError: the binding is broken.
    """
    if find_spec("llama_cpp") is not None:
        return _of_llama_cpp()
    return _of_xllamacpp() if find_spec("xllamacpp") is not None else None


def _of_xllamacpp() -> Gpu | None:
    import xllamacpp

    every = [info for info in xllamacpp.get_device_info() if "GPU" in str(info.get("type", ""))]
    own = [info for info in every if "IGPU" not in str(info["type"])]
    first_kind = _kind_of(str((own or every)[0]["name"])) if every else ""
    used = [info for info in own or every if _kind_of(str(info["name"])) == first_kind]
    if not used:
        return None
    free_bytes = sum(int(info.get("memory_free", 0)) for info in used)
    return Gpu(_name(first_kind, used), free_bytes, first_kind == "metal" or not own)


def _of_llama_cpp() -> Gpu | None:
    import llama_cpp

    if not llama_cpp.llama_supports_gpu_offload():
        return None
    report = llama_cpp.llama_print_system_info().decode("utf-8", "replace")
    kinds = [_kind_of(name) for name in _BACKEND.findall(report) if name not in ("CPU", "BLAS", "RPC")]
    kind = kinds[0] if kinds else "gpu"
    if kind == "metal" or sys.platform == "darwin":
        return Gpu("metal", int(available_memory_bytes() * _METAL_SHARE), shares_memory=True)
    return Gpu(f"{kind}:0", None, shares_memory=False)


def _kind_of(name: str) -> str:
    numbered = _NUMBERED.match(name)
    kind = numbered[1].lower() if numbered else "gpu"
    return _KINDS.get(kind, kind)


def _name(kind: str, used: list[dict[str, Any]]) -> str:
    if kind == "metal":
        return kind
    numbers = [numbered[2] or "0" for info in used if (numbered := _NUMBERED.match(str(info["name"])))]
    return f"{kind}:{','.join(numbers) or '0'}"
