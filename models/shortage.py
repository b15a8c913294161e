"""Tells whether an error means that memory ran out, whoever raised it and whatever it was wrapped in."""

from __future__ import annotations

import errno
import re

from claude_narrator.models.errors import NarratorError

_WORDS = re.compile(
    r"bad_alloc|allocate.{0,20}memory|out of memory|failed to allocate|start new thread", re.I
)
"""What C++, llama.cpp, onnxruntime, torch and CPython write when they cannot have what they ask for."""


def is_shortage(error: BaseException | None) -> bool:
    """Return whether `error`, or what it was raised from, is a lack of memory."""
    while error is not None:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        if not isinstance(error, NarratorError) and _WORDS.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False
