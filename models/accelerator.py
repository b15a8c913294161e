"""Which kinds of GPU this machine has, told without loading anything of theirs."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path

_DEVICES = {"cuda": ("/dev/nvidiactl", "/dev/dxg"), "rocm": ("/dev/kfd",)}


@cache
def gpus() -> frozenset[str]:
    """Return those of `cuda`, `rocm` and `metal` that are here; engines may still run on the CPU."""
    if sys.platform == "darwin":
        return frozenset({"metal"} if platform.machine() == "arm64" else ())
    return frozenset(kind for kind, files in _DEVICES.items() if any(Path(file).exists() for file in files))
