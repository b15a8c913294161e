"""A broken weights file is refused by name before llama.cpp sees it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from claude_narrator.models.engines.gguf import first_part, read_facts
from claude_narrator.models.errors import EngineUnavailable
from tests.models.engines.tiny_gguf import QWEN_7B, QWEN_72B, Shape, small, write_head, write_model


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
    assert (facts.precision, facts.file_bytes, facts.layers) == ("q4_k_m", path.stat().st_size, 2)
    assert facts.kv_bytes_per_token == 2 * 2 * 16 * 2 * 2
    assert facts.score_bytes == 512 * 4 * 2
    assert facts.layer_bytes == 0


@pytest.mark.parametrize(
    ("shape", "size", "layer_mb", "kv_bytes"),
    [(QWEN_7B, 4_683_074_240, 131, 57_344), (QWEN_72B, 47_415_715_488, 494, 327_680)],
)
def test_the_large_models_cost_what_their_shapes_say(
    tmp_path: Path, shape: Shape, size: int, layer_mb: int, kv_bytes: int
) -> None:
    facts = read_facts(write_head(tmp_path / "large.gguf", shape, size))
    assert (facts.file_bytes, facts.layers) == (size, shape.layers)
    assert (round(facts.layer_bytes / 1e6), facts.kv_bytes_per_token) == (layer_mb, kv_bytes)


def test_a_model_in_parts_is_read_as_one(tmp_path: Path) -> None:
    whole = read_facts(write_model(tmp_path / "whole.gguf", small(QWEN_7B)))
    first = write_model(tmp_path / "cut.gguf", small(QWEN_7B), parts=3)
    assert first.name == "cut-00001-of-00003.gguf"
    assert first_part(tmp_path) == first
    facts = read_facts(first)
    assert (facts.layers, facts.kv_bytes_per_token) == (whole.layers, whole.kv_bytes_per_token)
    assert facts.layer_bytes == pytest.approx(whole.layer_bytes, rel=0.01)
    assert facts.file_bytes == sum(path.stat().st_size for path in tmp_path.glob("cut-*.gguf"))


def test_a_part_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    first = write_model(tmp_path / "cut.gguf", small(QWEN_7B), parts=3)
    third = tmp_path / "cut-00003-of-00003.gguf"
    third.write_bytes(third.read_bytes()[:1000])
    with pytest.raises(EngineUnavailable, match=r"cut-00003-of-00003\.gguf is not a usable GGUF file"):
        read_facts(first)
    third.unlink()
    with pytest.raises(EngineUnavailable, match=r"cut-00003-of-00003\.gguf .*No such file"):
        read_facts(first)
    lying = tmp_path / "cut-00001-of-99999.gguf"
    first.rename(lying)
    with pytest.raises(EngineUnavailable, match="99999 parts"):
        read_facts(lying)


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
