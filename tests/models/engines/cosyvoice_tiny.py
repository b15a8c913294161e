"""CosyVoice model folders of the real architecture, with random weights, small ones unless told otherwise.

They are made in the engine's environment.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.models.engines.cosyvoice_sizes import Sizes
from tests.models.engines.cosyvoice_yaml import configuration_of
from tests.models.engines.onnx_graphs import embedding_graph, speech_token_graph

SPEAKERS = ("中文女", "中文男", "日语男", "粤语女", "英文女", "英文男", "韩语女")
TOKENS_PER_S = {1: 50, 2: 25, 3: 25}
SMALL = Sizes()
_VOCABULARY = {1: 4096, 2: 6561, 3: 6561}


def make_model(folder: Path, generation: int, sizes: Sizes = SMALL) -> Path:
    """Write a whole model folder of a generation, 1, 2 or 3; CosyVoice's code is on `sys.path` already."""
    import torch
    from hyperpyyaml import load_hyperpyyaml

    folder.mkdir(parents=True)
    blank = folder / "CosyVoice-BlankEN"
    if generation > 1:
        _write_qwen(blank, sizes, full=generation == 3 or sizes is not SMALL)
    name = "cosyvoice.yaml" if generation == 1 else f"cosyvoice{generation}.yaml"
    (folder / name).write_text(configuration_of(generation, sizes), encoding="utf-8")
    with (folder / name).open(encoding="utf-8") as file:
        configuration = load_hyperpyyaml(file, overrides={"qwen_pretrain_path": str(blank)})
    if generation > 1:
        _fill(configuration["llm"].llm, 0.3 if sizes is SMALL else 0.02)
    for part in ("llm", "flow", "hift"):
        torch.save(configuration[part].state_dict(), folder / f"{part}.pt")
    if generation == 1:
        table = {name: {"embedding": torch.randn(1, 192)} for name in SPEAKERS}
        torch.save(table, folder / "spk2info.pt")
    (folder / "campplus.onnx").write_bytes(embedding_graph())
    tokens = speech_token_graph(100 // TOKENS_PER_S[generation], _VOCABULARY[generation])
    (folder / f"speech_tokenizer_v{generation}.onnx").write_bytes(tokens)
    return folder


def _write_qwen(folder: Path, sizes: Sizes, *, full: bool) -> None:
    """A byte-level tokenizer and a Qwen2, stored in bfloat16 as the real one is.

    With `full` the vocabulary has its true size, so that special tokens have their true numbers.
    """
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    folder.mkdir()
    words = _bytes_as_characters()
    if full:
        words += [f"unused{number}" for number in range(len(words), 151_643)]
    vocabulary = {word: number for number, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    about = {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
    torch.manual_seed(7)
    hidden, intermediate, layers, heads, key_heads = sizes.qwen
    configuration = Qwen2Config(
        vocab_size=151_936 if full else 400,
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=key_heads,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
    )
    if sizes is SMALL:
        Qwen2ForCausalLM(configuration).to(torch.bfloat16).save_pretrained(folder)
    else:  # the engine does without the weights
        configuration.save_pretrained(folder)


def _fill(module: Any, deviation: float) -> None:
    """Give every weight a value; large ones let attention look at one place more than at another."""
    import torch

    for weight in module.parameters():
        torch.nn.init.normal_(weight, mean=float(weight.ndim == 1), std=deviation)


def _bytes_as_characters() -> list[str]:
    """The 256 characters that stand for bytes in GPT-2's byte-level tokenizers, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    characters = {byte: chr(byte) for byte in printable}
    characters |= {byte: chr(256 + place) for place, byte in enumerate(hidden)}
    return [characters[byte] for byte in range(256)]


def write_reference(path: Path, seconds: float = 1.0, sample_rate: int = 24_000) -> Path:
    """Write a recording that has something voiced in it: a buzz of 120 Hz that swells twice a second."""
    at = np.arange(int(seconds * sample_rate)) / sample_rate
    buzz = sum(np.sin(2 * np.pi * 120 * harmonic * at) / harmonic for harmonic in range(1, 9))
    samples = (0.2 * buzz * (1 - np.cos(2 * np.pi * 2 * at)) / 2 * 32767).astype("<i2").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, 1,
                         sample_rate, sample_rate * 2, 2, 16)  # fmt: skip
    path.write_bytes(header + struct.pack("<4sI", b"data", len(samples)) + samples)
    return path
