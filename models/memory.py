"""How much memory a model may take here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def available_memory_bytes() -> int:
    """Return what can be taken without swapping: Linux's MemAvailable, no more than the container's limit.

    Elsewhere all physical memory, since macOS gives back caches and compresses what others hold.
    """
    if not sys.platform.startswith("linux"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    lines = (line.split() for line in _MEMINFO.read_text(encoding="ascii").splitlines())
    available = next(int(words[1]) * 1024 for words in lines if words[0] == "MemAvailable:")
    limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip() if _CGROUP_LIMIT.is_file() else "max"
    return available if limit == "max" else min(available, int(limit))
