"""What the process of one engine takes in memory: now, and as far as it is known for the next time."""

from __future__ import annotations

import time

from claude_narrator.models.memory import process_bytes

_FRESH_S = 0.5
"""How long a measured size is good for: the order of engines is asked for with every clause."""


class Footprint:
    """Measures the process of an engine, which may be another one each time.

    `settled_bytes` is what it took once loaded, or after its first work if that was more: some take what they
    need only then. What it may grow to later does not count. 0 while nothing is known.
    """

    def __init__(self) -> None:
        self.settled_bytes = 0
        self._pid = self._bytes = 0
        self._at_s = 0.0
        self._has_worked = False

    def of(self, pid: int) -> int:
        """Return what the process takes in bytes, measured within the last half second."""
        if pid == self._pid and time.monotonic() - self._at_s < _FRESH_S:
            return self._bytes
        return self._measure(pid)

    def note_loaded(self, pid: int) -> None:
        """Take the size of an engine that has just been loaded."""
        self.settled_bytes, self._has_worked = self._measure(pid), False

    def note_worked(self, pid: int) -> None:
        """Take the size of an engine that has just worked; only the first time counts."""
        if not self._has_worked:
            self._has_worked = True
            self.settled_bytes = max(self.settled_bytes, self._measure(pid))

    def _measure(self, pid: int) -> int:
        self._pid, self._at_s = pid, time.monotonic()
        self._bytes = process_bytes(pid) if pid else 0
        return self._bytes
