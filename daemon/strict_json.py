"""JSON from a stranger: what two parsers may read in two ways is refused; standard library only."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def load_object(body: bytes) -> dict[str, Any]:
    r"""Return the JSON object in `body`; a half of a surrogate pair, such as `\ud800`, becomes U+FFFD.

    A byte order mark in front is ignored (RFC 8259, 8.1, allows that).

    :raises ValueError: not UTF-8, not JSON, not an object, nested too deep, a key given twice, or a number
    that is not finite.
    """
    try:
        parsed = json.loads(
            body.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_without_twins,
        )
        if _HALF_PAIR.search(body):
            parsed = _mend(parsed)
    except RecursionError:
        raise ValueError("not valid JSON: nested too deep") from None
    except ValueError as error:
        raise ValueError(f"not valid JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise ValueError("not a JSON object")
    return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key is given twice")
    return unique


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_mend(key): _mend(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_mend(entry) for entry in value]
    return value
