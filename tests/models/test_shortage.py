"""A lack of memory is known for what it is, whoever tells of it."""

from __future__ import annotations

import errno

import pytest

from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.shortage import is_shortage


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("std::bad_alloc"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory: you tried"
        ),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("can't start new thread"),
        ValueError("llama_context: failed to allocate buffer for kv cache"),
    ],
)
def test_a_lack_of_memory_is_known_bare_and_wrapped(error: Exception) -> None:
    assert is_shortage(error)
    wrapped = EngineFailed("it could not")
    wrapped.__cause__ = error
    assert is_shortage(wrapped)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("memory"),
        RuntimeError("the model has no memory of it"),
        OSError(errno.ENOENT, "No such file or directory"),
        EngineUnavailable("qwen needs 1.8 GB of memory and 1.0 GB are free, out of memory"),
    ],
)
def test_other_errors_are_no_lack_of_memory(error: Exception) -> None:
    assert not is_shortage(error)
