"""Writes GGUF files of Qwen2's architecture: small ones that run, and true sizes with nothing but a head."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ALIGNMENT = 32
_U16, _U32, _I32, _F32, _STRING, _ARRAY = 2, 4, 5, 6, 8, 9
_FORMS = {_U16: "<H", _U32: "<I", _I32: "<i", _F32: "<f"}
_F32_TENSOR, _Q4_K_TENSOR = 0, 12
_Q4_K_BLOCK, _Q4_K_BYTES = 256, 144
_CHAT = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers in which the sizes of Qwen2.5 differ."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int = 0


QWEN_7B = Shape(28, 3584, 28, 4, 18944, 152064)
QWEN_72B = Shape(80, 8192, 64, 8, 29568, 152064)


def small(of: Shape) -> Shape:
    """Return a shape with as many layers and as many heads a KV head, and next to no width."""
    return Shape(of.layers, 64, 8, 8 * of.kv_heads // of.heads or 1, 32)


def write_model(path: Path, shape: Shape, *, says: str = "a", parts: int = 1) -> Path:
    """Write a model that runs and answers with `says`, one letter, for ever; return the file to load.

    Every token has the same large first component, which the small random layers cannot outweigh, and which
    the output takes for `says`.
    """
    tokens = _tokens()
    pairs = _pairs(shape, tokens, file_type=0)
    weights = dict(_weights(shape, tokens, says))
    if parts == 1:
        _write(path, pairs, weights)
        return path
    names = list(weights)
    files = [path.with_name(f"{path.stem}-{n:05}-of-{parts:05}.gguf") for n in range(1, parts + 1)]
    for number, file in enumerate(files):
        split = [
            ("split.no", _U16, number),
            ("split.count", _U16, parts),
            ("split.tensors.count", _I32, len(names)),
        ]
        share = names[number * len(names) // parts : (number + 1) * len(names) // parts]
        _write(file, [*(pairs if number == 0 else []), *split], {name: weights[name] for name in share})
    return files[0]


def write_head(path: Path, shape: Shape, size: int, file_type: int = 15) -> Path:
    """Write the head of a model of true size, in a file that says it has `size` bytes and takes none."""
    pairs = _pairs(shape, [f"t{number}" for number in range(shape.vocabulary)], file_type)
    infos, offset = [], 0
    for name, dimensions in _shapes(shape, shape.vocabulary).items():
        infos.append((name, dimensions, _Q4_K_TENSOR, offset))
        offset += int(np.prod(dimensions)) // _Q4_K_BLOCK * _Q4_K_BYTES
    with path.open("wb") as file:
        file.write(_head(pairs, infos))
        file.truncate(size)
    return path


def _shapes(shape: Shape, vocabulary: int) -> dict[str, tuple[int, ...]]:
    """Dimensions of every tensor, the first one contiguous, as ggml has it."""
    width, kv_width = shape.width, shape.width // shape.heads * shape.kv_heads
    tensors: dict[str, tuple[int, ...]] = {"token_embd.weight": (width, vocabulary)}
    for layer in range(shape.layers):
        block = {
            "attn_norm.weight": (width,),
            "attn_q.weight": (width, width),
            "attn_q.bias": (width,),
            "attn_k.weight": (width, kv_width),
            "attn_k.bias": (kv_width,),
            "attn_v.weight": (width, kv_width),
            "attn_v.bias": (kv_width,),
            "attn_output.weight": (width, width),
            "ffn_norm.weight": (width,),
            "ffn_gate.weight": (width, shape.feed_forward),
            "ffn_up.weight": (width, shape.feed_forward),
            "ffn_down.weight": (shape.feed_forward, width),
        }
        tensors |= {f"blk.{layer}.{name}": dimensions for name, dimensions in block.items()}
    return {**tensors, "output_norm.weight": (width,), "output.weight": (width, vocabulary)}


def _weights(shape: Shape, tokens: list[str], says: str) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)
    weights = {}
    for name, dimensions in _shapes(shape, len(tokens)).items():
        values = random.normal(0, 0.01, dimensions[::-1]).astype(np.float32)
        weights[name] = np.ones_like(values) if name.endswith("norm.weight") else values
    weights["token_embd.weight"][:, 0] = 1
    weights["output.weight"][tokens.index(says), 0] = 5
    return weights


def _tokens() -> list[str]:
    """GPT-2's letters for the 256 bytes, one pair of them, and the marks of a chat."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {byte: chr(byte) for byte in plain} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    return [*(letters[byte] for byte in range(256)), "Ġt", "<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def _pairs(shape: Shape, tokens: list[str], file_type: int) -> list[tuple[str, int, Any]]:
    marks = sum(token.startswith("<|") for token in tokens)
    return [
        ("general.architecture", _STRING, "qwen2"),
        ("general.file_type", _U32, file_type),
        ("qwen2.block_count", _U32, shape.layers),
        ("qwen2.context_length", _U32, 32768),
        ("qwen2.embedding_length", _U32, shape.width),
        ("qwen2.feed_forward_length", _U32, shape.feed_forward),
        ("qwen2.attention.head_count", _U32, shape.heads),
        ("qwen2.attention.head_count_kv", _U32, shape.kv_heads),
        ("qwen2.attention.layer_norm_rms_epsilon", _F32, 1e-6),
        ("qwen2.rope.freq_base", _F32, 1e6),
        ("tokenizer.ggml.model", _STRING, "gpt2"),
        ("tokenizer.ggml.pre", _STRING, "qwen2"),
        ("tokenizer.ggml.tokens", _STRING, tokens),
        ("tokenizer.ggml.token_type", _I32, [1] * (len(tokens) - marks) + [3] * marks),
        ("tokenizer.ggml.merges", _STRING, ["Ġ t"]),
        ("tokenizer.ggml.eos_token_id", _U32, len(tokens) - 1),
        ("tokenizer.chat_template", _STRING, _CHAT),
    ]


def _write(path: Path, pairs: list[tuple[str, int, Any]], weights: dict[str, NDArray[np.float32]]) -> None:
    infos, data = [], b""
    for name, values in weights.items():
        infos.append((name, values.shape[::-1], _F32_TENSOR, len(data)))
        raw = values.tobytes()
        data += raw + bytes(-len(raw) % _ALIGNMENT)
    path.write_bytes(_head(pairs, infos) + data)


def _head(pairs: list[tuple[str, int, Any]], infos: list[tuple[str, tuple[int, ...], int, int]]) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(pairs))
    head += b"".join(_text(key) + _typed(kind, value) for key, kind, value in pairs)
    for name, dimensions, kind, offset in infos:
        sizes = struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        head += _text(name) + sizes + struct.pack("<IQ", kind, offset)
    return head + bytes(-len(head) % _ALIGNMENT)


def _typed(kind: int, value: Any) -> bytes:
    if not isinstance(value, list):
        return struct.pack("<I", kind) + _one(kind, value)
    items = b"".join(_one(kind, item) for item in value)
    return struct.pack("<IIQ", _ARRAY, kind, len(value)) + items


def _one(kind: int, value: Any) -> bytes:
    return _text(value) if kind == _STRING else struct.pack(_FORMS[kind], value)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw
