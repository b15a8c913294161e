"""What llama.cpp says of the GPUs it can use becomes one device with its free memory."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from claude_narrator.models.engines.llama_devices import Gpu, find_gpu

GPU, IGPU, CPU = (f"ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_{kind}" for kind in ("GPU", "IGPU", "CPU"))
GB = 10**9


def device(name: str, kind: str, free_gb: int) -> dict[str, Any]:
    return {"name": name, "type": kind, "memory_free": free_gb * GB}


@pytest.mark.parametrize(
    ("devices", "gpu"),
    [
        ([device("CPU", CPU, 16)], None),
        ([], None),
        ([device("CUDA0", GPU, 70), device("CPU", CPU, 16)], Gpu("cuda:0", 70 * GB, False)),
        ([device("CUDA0", GPU, 20), device("CUDA1", GPU, 22)], Gpu("cuda:0,1", 42 * GB, False)),
        ([device("MTL0", GPU, 48), device("BLAS", "ACCEL", 0)], Gpu("metal", 48 * GB, True)),
        ([device("Metal", GPU, 48)], Gpu("metal", 48 * GB, True)),
        ([device("Vulkan0", IGPU, 8), device("CPU", CPU, 16)], Gpu("vulkan:0", 8 * GB, True)),
        ([device("Vulkan0", IGPU, 8), device("Vulkan1", GPU, 12)], Gpu("vulkan:1", 12 * GB, False)),
        ([device("CUDA0", GPU, 8), device("Vulkan0", GPU, 8)], Gpu("cuda:0", 8 * GB, False)),
    ],
)
def test_xllamacpp_s_devices(
    devices: list[dict[str, Any]], gpu: Gpu | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("xllamacpp")
    module.__spec__ = SimpleNamespace()  # type: ignore[assignment]
    module.get_device_info = lambda: devices  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xllamacpp", module)
    assert find_gpu() == gpu


@pytest.mark.parametrize(
    ("offloads", "report", "name"),
    [
        (False, "CPU : AVX2 = 1 | ", None),
        (True, "CUDA : ARCHS = 900 | USE_GRAPHS = 1 | CPU : AVX2 = 1 | ", "cuda:0"),
        (True, "MTL : EMBED_LIBRARY = 1 | CPU : NEON = 1 | ", "metal"),
        (True, "Vulkan : X = 1 | CPU : AVX2 = 1 | ", "vulkan:0"),
    ],
)
def test_llama_cpp_python_s_report(
    offloads: bool, report: str, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    module = ModuleType("llama_cpp")
    module.__spec__ = SimpleNamespace()  # type: ignore[assignment]
    module.llama_supports_gpu_offload = lambda: offloads  # type: ignore[attr-defined]
    module.llama_print_system_info = report.encode  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "llama_cpp", module)
    found = find_gpu()
    assert (found.name if found else None) == name
    assert found is None or found.shares_memory == (name == "metal")


def test_the_binding_that_is_installed_here_is_asked() -> None:
    found = find_gpu()
    assert found is None or found.free_bytes != 0
