"""Reads of a GGUF file what must be known before it is loaded: that it is whole, and what it will cost.

The format is that of ggml, version 2 and 3: a header, key-value pairs, tensor infos. A model may lie in
several files, `NAME-00001-of-00012.gguf` and so on, of which the first is loaded (llama.cpp's gguf-split).
"""

from __future__ import annotations

import os
import re
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
    10: "q2_k",
    11: "q3_k_s",
    12: "q3_k_m",
    13: "q3_k_l",
    14: "q4_k_s",
    15: "q4_k_m",
    16: "q5_k_s",
    17: "q5_k_m",
    18: "q6_k",
}
"""`general.file_type`, the numbers of llama.h's llama_ftype."""
_MAX_ITEMS = 10_000_000
_MAX_STRING_BYTES = 1 << 26
_MAX_PARTS = 999
_BATCH_TOKENS = 512
"""What llama.cpp evaluates at a time of a prompt (`n_ubatch`)."""
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf\Z")


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What a model will cost, in bytes.

    `precision` is the file's, such as `q4_k_m`. `layer_bytes` are the weights of a layer, on average;
    `kv_bytes_per_token` the half-precision KV cache of one token in all layers. For one batch there are
    `activation_bytes`, and `score_bytes` over the vocabulary, which a CPU touches for the last token alone.
    """

    precision: str
    file_bytes: int
    layers: int
    layer_bytes: int
    kv_bytes_per_token: int
    activation_bytes: int
    score_bytes: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One file: its key-value pairs, and the size of each tensor by name."""

    pairs: dict[str, Any]
    tensors: dict[str, int]
    size: int


def first_part(folder: Path) -> Path | None:
    """Return the GGUF file in `folder` that is to be loaded: the only one, or the first part."""
    found = sorted(folder.glob("*.gguf"))
    return found[0] if found else None


def read_facts(path: Path) -> GgufFacts:
    """Read the header of `path`, and of its further parts when it has any.

    :raises EngineUnavailable: not a GGUF file, one that breaks off, or a part is missing.
    """
    part = path
    try:
        parts = []
        for part in _parts_of(path):
            with part.open("rb") as file:
                parts.append(_read(file, os.fstat(file.fileno()).st_size))
        return _facts(parts)
    except (OSError, ValueError, KeyError, IndexError, TypeError, ZeroDivisionError, struct.error) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise EngineUnavailable(
            f"{part} is not a usable GGUF file: {what}", "Fetch it again with `voice models pull`."
        ) from None


def _parts_of(path: Path) -> list[Path]:
    numbered = _PART.search(path.name)
    if numbered is None:
        return [path]
    count = int(numbered[2])
    if not 1 <= count <= _MAX_PARTS:
        raise ValueError(f"it says that it has {count} parts")
    stem = path.name[: numbered.start()]
    return [path.with_name(f"{stem}-{number:05}-of-{count:05}.gguf") for number in range(1, count + 1)]


def _facts(parts: list[_Part]) -> GgufFacts:
    pairs = parts[0].pairs
    kind = _text(pairs, "general.architecture")
    layers, width = int(pairs[f"{kind}.block_count"]), int(pairs[f"{kind}.embedding_length"])
    heads = int(pairs[f"{kind}.attention.head_count"])
    kv_heads = int(pairs.get(f"{kind}.attention.head_count_kv", heads))
    vocabulary = len(pairs["tokenizer.ggml.tokens"])
    tensors = (item for part in parts for item in part.tensors.items())
    block_bytes = sum(size for name, size in tensors if name.startswith("blk."))
    return GgufFacts(
        precision=_PRECISIONS.get(pairs.get("general.file_type", -1), "gguf"),
        file_bytes=sum(part.size for part in parts),
        layers=layers,
        layer_bytes=block_bytes // layers,
        kv_bytes_per_token=layers * 2 * (width // heads) * kv_heads * 2,
        activation_bytes=_BATCH_TOKENS * 4 * 16 * width,
        score_bytes=_BATCH_TOKENS * 4 * vocabulary,
    )


def _read(file: BinaryIO, size: int) -> _Part:
    if file.read(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, tensors, pairs = struct.unpack("<IQQ", _exactly(file, 20))
    if version not in (2, 3) or tensors > _MAX_ITEMS or pairs > _MAX_ITEMS:
        raise ValueError(f"version {version} or a count in the header makes no sense")
    metadata = {_string(file): _value(file) for _ in range(pairs)}
    infos = sorted((_tensor_info(file) for _ in range(tensors)), key=lambda info: info[1])
    room = size - file.tell()
    if infos and infos[-1][1] >= room:
        raise ValueError(f"it breaks off at {size} bytes")
    ends = [offset for _, offset in infos[1:]] + [room]
    sizes = {name: end - offset for (name, offset), end in zip(infos, ends, strict=True)} if infos else {}
    return _Part(metadata, sizes, size)


def _text(pairs: dict[str, Any], key: str) -> str:
    if not isinstance(pairs.get(key), str):
        raise ValueError(f"it has no {key}")
    return str(pairs[key])


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
    """A scalar or a text; of a list no more than its length, as a range."""
    (kind,) = struct.unpack("<I", _exactly(file, 4))
    if kind != _ARRAY:
        return _one(file, kind)
    kind, count = struct.unpack("<IQ", _exactly(file, 12))
    if count > _MAX_ITEMS or kind == _ARRAY:
        raise ValueError("a list in it has a length or kind that makes no sense")
    for _ in range(count):
        _one(file, kind)
    return range(count)


def _one(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    form = _SCALARS[kind]
    return struct.unpack(form, _exactly(file, struct.calcsize(form)))[0]


def _tensor_info(file: BinaryIO) -> tuple[str, int]:
    name = _string(file)
    (dimensions,) = struct.unpack("<I", _exactly(file, 4))
    if dimensions > 8:
        raise ValueError("a tensor in it has a shape that makes no sense")
    *_, offset = struct.unpack(f"<{dimensions}QIQ", _exactly(file, 8 * dimensions + 12))
    return name, int(offset)
