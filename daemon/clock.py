"""The clock of what a listener counts in minutes of the day: it goes on while the machine sleeps.

`time.monotonic()` stands still then, so that half an hour of silence would last over a night with the lid
shut; the time of day can be set. What is measured here is neither: CLOCK_BOOTTIME of Linux,
CLOCK_MONOTONIC_RAW of macOS (clock_gettime(2), clock_gettime(3)).
"""

from __future__ import annotations

import sys
import time

from claude_narrator.models.types import Seconds

if sys.platform == "darwin":
    CLOCK = time.CLOCK_MONOTONIC_RAW
else:
    CLOCK = time.CLOCK_BOOTTIME


def elapsed_s() -> Seconds:
    """Return the seconds since some moment at or after the start of the machine, its sleep included."""
    return Seconds(time.clock_gettime(CLOCK))
