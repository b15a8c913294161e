"""Reads of a GGUF file what must be known before it is loaded: that it is whole, and what it will cost.

The format is that of ggml, version 2 and 3: a header, key-value pairs, tensor infos.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from claude_narrator.models.errors import EngineUnavailable

_SCALARS = ("<B", "<b", "<H", "<h", "<I", "<i", "<f", "<?", "", "", "<Q", "<q", "<d")
_STRING, _ARRAY = 8, 9
_PRECISIONS = {
    0: "f32",
    1: "f16",
    2: "q4_0",
    3: "q4_1",
    7: "q8_0",
    12: "q3_k_m",
    15: "q4_k_m",
    17: "q5_k_m",
    18: "q6_k",
}
"""`general.file_type`, the numbers of llama.h's llama_ftype."""
_MAX_ITEMS = 10_000_000
_MAX_STRING_BYTES = 1 << 26
_COMPUTE_BYTES = 300_000_000
"""Buffers of llama.cpp for one batch of 512 tokens of a small model, and the process itself."""


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """`kv_bytes_per_token` is the half-precision KV cache of one token; `precision` such as `q4_k_m`."""

    precision: str
    file_bytes: int
    kv_bytes_per_token: int

    def memory_bytes(self, context_tokens: int) -> int:
        """Return what a context of that many tokens needs: weights, KV cache, compute buffers."""
        return self.file_bytes + self.kv_bytes_per_token * context_tokens + _COMPUTE_BYTES


def read_facts(path: Path) -> GgufFacts:
    """Read the header of `path`.

    :raises EngineUnavailable: not a GGUF file, or one that breaks off.
    """
    try:
        with path.open("rb") as file:
            return _facts(file, os.fstat(file.fileno()).st_size)
    except (OSError, ValueError, KeyError, IndexError, ZeroDivisionError, struct.error) as error:
        raise EngineUnavailable(
            f"{path} is not a usable GGUF file: {error}", "Fetch it again with `voice models pull`."
        ) from None


def _facts(file: BinaryIO, size: int) -> GgufFacts:
    if file.read(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, tensors, pairs = struct.unpack("<IQQ", _exactly(file, 20))
    if version not in (2, 3) or tensors > _MAX_ITEMS or pairs > _MAX_ITEMS:
        raise ValueError(f"version {version} or a count in the header makes no sense")
    metadata = {_string(file): _value(file) for _ in range(pairs)}
    last = max((_tensor_offset(file) for _ in range(tensors)), default=0)
    if file.tell() + last >= size:
        raise ValueError(f"it breaks off at {size} bytes")
    precision = _PRECISIONS.get(metadata.get("general.file_type", -1), "gguf")
    return GgufFacts(precision, size, _kv_bytes_per_token(metadata))


def _kv_bytes_per_token(metadata: dict[str, Any]) -> int:
    name = _text(metadata, "general.architecture")
    layers, width = int(metadata[f"{name}.block_count"]), int(metadata[f"{name}.embedding_length"])
    heads = int(metadata[f"{name}.attention.head_count"])
    kv_heads = int(metadata.get(f"{name}.attention.head_count_kv", heads))
    return layers * 2 * (width // heads) * kv_heads * 2


def _text(metadata: dict[str, Any], key: str) -> str:
    if not isinstance(metadata.get(key), str):
        raise ValueError(f"it has no {key}")
    return str(metadata[key])


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise ValueError(f"it breaks off at {file.tell()} bytes")
    return data


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", _exactly(file, 8))
    if length > _MAX_STRING_BYTES:
        raise ValueError("a string in it has a length that makes no sense")
    return _exactly(file, length).decode("utf-8", "replace")


def _value(file: BinaryIO) -> Any:
    (kind,) = struct.unpack("<I", _exactly(file, 4))
    if kind != _ARRAY:
        return _one(file, kind)
    kind, count = struct.unpack("<IQ", _exactly(file, 12))
    if count > _MAX_ITEMS or kind == _ARRAY:
        raise ValueError("a list in it has a length or kind that makes no sense")
    for _ in range(count):
        _one(file, kind)
    return None


def _one(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    form = _SCALARS[kind]
    return struct.unpack(form, _exactly(file, struct.calcsize(form)))[0]


def _tensor_offset(file: BinaryIO) -> int:
    _string(file)
    (dimensions,) = struct.unpack("<I", _exactly(file, 4))
    if dimensions > 8:
        raise ValueError("a tensor in it has a shape that makes no sense")
    *_, offset = struct.unpack(f"<{dimensions}QIQ", _exactly(file, 8 * dimensions + 12))
    return int(offset)
