"""Amounts of memory and spans of time as people write them: `8 GB`, `512MiB`, `10m`, `1h30m`, `forever`."""

from __future__ import annotations

import math
import re

from claude_narrator.models.errors import BadInput

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_UNITS |= {letter: _UNITS[letter + "B"] for letter in "KMGT"}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]{0,3})\Z")
_SECONDS_OF = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)")
_FOREVER = ("forever", "-1")


def parse_bytes(text: str) -> int:
    """Return how many bytes `text` names; GB is 10^9 and GiB 2^30.

    :raises BadInput: no such amount.
    """
    found = _SIZE.match(text.strip())
    if found is None or found[2].upper() not in _UNITS:
        raise BadInput(f"{text[:40]!r} is no amount of memory", "Write one such as 8 GB or 512 MB.")
    return round(float(found[1]) * _UNITS[found[2].upper()])


def parse_span_s(text: str) -> float:
    """Return how many seconds `text` names: parts such as `1h30m`, or a bare number of seconds.

    `forever` and `-1` are infinite, as in Ollama's keep_alive.

    :raises BadInput: no such span.
    """
    wanted = text.strip().lower()
    if wanted in _FOREVER:
        return math.inf
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        return float(wanted)
    parts = _PART.findall(wanted)
    if not parts or "".join(map("".join, parts)) != wanted:
        raise BadInput(f"{text[:40]!r} is no span of time", "Write one such as 90s, 10m, 1h30m or forever.")
    return sum(float(count) * _SECONDS_OF[unit] for count, unit in parts)


def format_bytes(count: int) -> str:
    """Return a number of bytes in MB, from 1 GB on in GB, both decimal."""
    return f"{count / 1e9:.1f} GB" if count >= 10**9 else f"{count / 1e6:.0f} MB"


def format_span(seconds: float) -> str:
    """Return a span of time with its one or two largest units; `forever` when it is infinite."""
    if math.isinf(seconds):
        return "forever"
    whole = round(seconds)
    for unit, size, smaller, small in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size}{unit}" + (f"{rest}{smaller}" if rest else "")
    return f"{whole}s"
