"""A broken weights file is refused by name before llama.cpp sees it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from claude_narrator.models.engines.gguf import read_facts
from claude_narrator.models.errors import EngineUnavailable


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def number(key: str, value: int) -> bytes:
    return string(key) + struct.pack("<II", 4, value)


PAIRS = [
    string("general.architecture") + struct.pack("<I", 8) + string("tiny"),
    number("general.file_type", 15),
    number("tiny.block_count", 2),
    number("tiny.embedding_length", 64),
    number("tiny.attention.head_count", 4),
    number("tiny.attention.head_count_kv", 2),
    string("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + string("a") + string("b"),
]
TENSOR = string("token_embd.weight") + struct.pack("<I2QIQ", 2, 64, 2, 0, 0)


def gguf(pairs: list[bytes] = PAIRS, weights: bytes = bytes(512), version: int = 3) -> bytes:
    header = b"GGUF" + struct.pack("<IQQ", version, 1, len(pairs))
    return header + b"".join(pairs) + TENSOR + weights


def test_the_header_tells_precision_size_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf())
    facts = read_facts(path)
    assert (facts.precision, facts.file_bytes) == ("q4_k_m", path.stat().st_size)
    assert facts.kv_bytes_per_token == 2 * 2 * 16 * 2 * 2
    assert facts.memory_bytes(1000) - facts.memory_bytes(0) == 1000 * facts.kv_bytes_per_token


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "does not begin with GGUF"),
        (b"PK\x03\x04" + bytes(100), "does not begin with GGUF"),
        (gguf(version=99), "version 99"),
        (gguf()[:60], "breaks off"),
        (gguf(weights=b""), "breaks off"),
        (gguf(PAIRS[1:]), "general.architecture"),
        (gguf(PAIRS[:2]), "tiny.block_count"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60), "makes no sense"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 2**62), "makes no sense"),
        (gguf([number("x", 1)[:9] + struct.pack("<II", 77, 1)]), "not a usable GGUF"),
    ],
)
def test_a_broken_file_gives_one_line_with_its_name(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(EngineUnavailable, match=why) as caught:
        read_facts(path)
    assert "broken.gguf" in caught.value.problem
    assert "\n" not in str(caught.value)


def test_a_file_cut_anywhere_in_its_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    whole = gguf()
    for length in range(len(whole) - 512):
        path.write_bytes(whole[:length])
        with pytest.raises(EngineUnavailable):
            read_facts(path)
