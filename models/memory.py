"""How much memory there is, how much of it is free, and how much a process takes."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_PROC = Path("/proc")


def available_memory_bytes(allowed_bytes: int = 0) -> int:
    """Return what can be taken without swapping, no more than `allowed_bytes`, of which 0 allows all.

    That is Linux's MemAvailable and no more than the container's limit; elsewhere all physical memory, since
    macOS gives back caches and compresses what others hold.
    """
    free = _free_bytes()
    return min(free, allowed_bytes) if allowed_bytes else free


def _free_bytes() -> int:
    if not sys.platform.startswith("linux"):
        return physical_memory_bytes()
    lines = (line.split() for line in _MEMINFO.read_text(encoding="ascii").splitlines())
    available = next(int(words[1]) * 1024 for words in lines if words[0] == "MemAvailable:")
    return min(available, _container_bytes())


def physical_memory_bytes() -> int:
    """Return all memory, on Apple silicon that of the GPU too; no more than the container's limit."""
    return int(min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), _container_bytes()))


def process_bytes(pid: int) -> int:
    """Return what a process takes now; 0 when that cannot be known.

    Linux: the resident set of it and of its children. macOS: the "memory" of Activity Monitor, which counts
    what the GPU holds for it.
    """
    if sys.platform == "darwin":
        return _footprint_bytes(pid)
    return sum(map(_resident_bytes, (pid, *_descendants(pid))))


def _container_bytes() -> int:
    limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip() if _CGROUP_LIMIT.is_file() else "max"
    return sys.maxsize if limit == "max" else int(limit)


def _resident_bytes(pid: int) -> int:
    try:
        pages = int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):  # it has ended, or is just ending
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _descendants(pid: int) -> Iterator[int]:
    for task in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


class _RusageInfo(ctypes.Structure):
    """`struct rusage_info_v0` of macOS's <sys/resource.h>."""

    _fields_ = (
        ("uuid", ctypes.c_uint8 * 16),
        *((name, ctypes.c_uint64) for name in ("user_time", "system_time", "pkg_idle_wkups")),
        *((name, ctypes.c_uint64) for name in ("interrupt_wkups", "pageins", "wired_size", "resident_size")),
        *((name, ctypes.c_uint64) for name in ("phys_footprint", "proc_start_abstime", "proc_exit_abstime")),
    )


def _footprint_bytes(pid: int) -> int:
    usage = _RusageInfo()
    if ctypes.CDLL(None).proc_pid_rusage(pid, 0, ctypes.byref(usage)) != 0:
        return 0
    return int(usage.phys_footprint)
