"""What PyTorch finds on this machine that could run NLLB-200."""

from __future__ import annotations

import platform

from claude_narrator.models.engines.nllb_plan import Machine
from claude_narrator.models.errors import EngineUnavailable
from claude_narrator.models.memory import available_memory_bytes


def find_machine(allowed_bytes: int = 0) -> Machine:
    """Return the devices with the memory that is free on each, of the machine's own no more than is allowed.

    :raises EngineUnavailable: PyTorch cannot be imported.
    """
    try:
        import torch
    except (ImportError, OSError) as error:
        raise EngineUnavailable(
            f"PyTorch cannot be loaded: {str(error)[:200]}", "Run: voice engines install nllb"
        ) from None
    free = {"cpu": available_memory_bytes(allowed_bytes)}
    has_bf16 = False
    if torch.cuda.is_available():
        free["cuda"] = torch.cuda.mem_get_info()[0]
        has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    if torch.backends.mps.is_available():
        taken = torch.mps.driver_allocated_memory()
        free["mps"] = min(free["cpu"], torch.mps.recommended_max_memory() - taken)
    has_fbgemm = "fbgemm" in torch.backends.quantized.supported_engines
    return Machine(platform.machine(), free, has_bf16, has_fbgemm)
