"""Makes models of NLLB-200's own architecture, with random weights; runs in the engine's environment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

SENTENCES = (
    "The server is not responding, so I will restart it now.",
    "The build finished, and all forty-two tests pass.",
    "サーバーが応答しないので、今すぐ再起動します。",
    "ビルドが完了し、テストがすべて通りました。",
    "Le serveur ne répond pas, je vais le redémarrer.",
    "O servidor não está respondendo.",
)
TINY = {"d_model": 64, "layers": 2, "heads": 4, "ffn": 128}
TRUE_600M = {"d_model": 1024, "layers": 12, "heads": 16, "ffn": 4096}
"""facebook/nllb-200-distilled-600M: 615 million parameters with its vocabulary of 256,206."""


def make_tokenizer(folder: Path, codes: Sequence[str] | None = None, vocabulary: int = 400) -> Any:
    """Save a tokenizer that was trained on a few sentences, filled up to `vocabulary` tokens if need be.

    `codes` are its languages, all of NLLB-200's by default.
    """
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    trained.train_from_iterator(SENTENCES, trainer)
    bpe = json.loads(trained.to_str())["model"]
    known = dict(sorted(bpe["vocab"].items(), key=lambda item: item[1]))
    for number in range(len(known), vocabulary - 203 if vocabulary > 1000 else 0):
        known[f"word{number}"] = number
    merges = [tuple(pair) for pair in bpe["merges"]]
    extra = {} if codes is None else {"extra_special_tokens": list(codes)}
    tokenizer = NllbTokenizer(vocab=known, merges=merges, **extra)
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_model(folder: Path, sizes: dict[str, int], vocabulary: int, positions: int = 1024) -> Any:
    """Save random weights, as one file of PyTorch's, as the hub has them."""
    torch.manual_seed(7)
    config = M2M100Config(
        vocab_size=vocabulary,
        d_model=sizes["d_model"],
        encoder_layers=sizes["layers"],
        decoder_layers=sizes["layers"],
        encoder_attention_heads=sizes["heads"],
        decoder_attention_heads=sizes["heads"],
        encoder_ffn_dim=sizes["ffn"],
        decoder_ffn_dim=sizes["ffn"],
        max_position_embeddings=positions,
        scale_embedding=True,
        activation_function="relu",
        decoder_start_token_id=2,
    )
    model = M2M100ForConditionalGeneration(config).eval()
    return model


def save_as_published(model: Any, folder: Path) -> None:
    """Write `config.json` and `pytorch_model.bin`."""
    model.config.architectures = ["M2M100ForConditionalGeneration"]
    model.config.to_json_file(folder / "config.json", use_diff=False)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
