"""Makes models of NLLB-200's own architecture, with random weights; runs in the engine's environment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

Translations = Mapping[str, str]
"""A sentence in several languages, by NLLB's code."""
TRANSLATIONS: tuple[Translations, ...] = (
    {
        "eng_Latn": "The server is not responding, so I will restart it now.",
        "jpn_Jpan": "サーバーが応答しないので、今すぐ再起動します。",
        "fra_Latn": "Le serveur ne répond pas, je vais le redémarrer.",
    },
    {
        "eng_Latn": "The build finished, and all forty-two tests pass.",
        "jpn_Jpan": "ビルドが完了し、四十二件のテストがすべて通りました。",
        "fra_Latn": "La compilation est finie, et les quarante-deux tests passent.",
    },
    {"eng_Latn": "OK.", "jpn_Jpan": "よし。", "fra_Latn": "Bien."},
)
"""What tests of the engine have a tiny model learn by heart."""
TINY = {"d_model": 64, "layers": 2, "heads": 4, "ffn": 128}
TRUE_600M = {"d_model": 1024, "layers": 12, "heads": 16, "ffn": 4096}
"""facebook/nllb-200-distilled-600M: 615 million parameters with its vocabulary of 256,206."""
_LESSONS, _LEARNT = 80, 0.1


def make_tokenizer(
    folder: Path,
    codes: Sequence[str] | None = None,
    vocabulary: int = 400,
    rows: Sequence[Translations] = TRANSLATIONS,
) -> Any:
    """Save a tokenizer that was trained on `rows`, filled up to `vocabulary` tokens if need be.

    `codes` are its languages, all of NLLB-200's by default.
    """
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(
        vocab_size=300, max_token_length=4, special_tokens=special, show_progress=False
    )
    texts = [text for row in rows for text in row.values()]
    trained.train_from_iterator(texts, trainer)
    bpe = json.loads(trained.to_str())["model"]
    known = dict(sorted(bpe["vocab"].items(), key=lambda item: item[1]))
    for number in range(len(known), vocabulary - 203 if vocabulary > 1000 else 0):
        known[f"word{number}"] = number
    merges = [tuple(pair) for pair in bpe["merges"]]
    extra = {} if codes is None else {"extra_special_tokens": list(codes)}
    tokenizer = NllbTokenizer(vocab=known, merges=merges, **extra)
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_weights(
    folder: Path, sizes: dict[str, int], vocabulary: int, positions: int = 1024, spread: float = 3.0
) -> None:
    """Save random weights as the hub has them: `config.json` and one file of PyTorch's, fp32.

    `spread` 3 makes them so large that a small model says another token now and then.
    """
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
        architectures=["M2M100ForConditionalGeneration"],
    )
    with torch.device("meta"):
        model = M2M100ForConditionalGeneration(config)
    scale = spread / sizes["d_model"] ** 0.5
    config.to_json_file(str(folder / "config.json"), use_diff=False)
    state = {name: _random(name, tensor, scale) for name, tensor in model.named_parameters()}
    table = state["model.shared.weight"]
    tied = ("lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight")
    torch.save({**state, **dict.fromkeys(tied, table)}, folder / "pytorch_model.bin")


def make_taught(folder: Path, rows: Sequence[Translations], codes: Sequence[str] | None = None) -> Any:
    """Save a tiny model that knows `rows` in `folder`, and return its tokenizer, which has `codes` or all."""
    folder.mkdir(parents=True)
    tokenizer = make_tokenizer(folder, codes, rows=rows)
    make_weights(folder, TINY, len(tokenizer) + 2, spread=0.5)
    teach(folder, tokenizer, rows)
    return tokenizer


def teach(folder: Path, tokenizer: Any, rows: Sequence[Translations]) -> None:
    """Train the model in `folder` until it knows `rows` in every direction: some seconds."""
    no_noise = {"dropout": 0.0, "attention_dropout": 0.0}
    model = M2M100ForConditionalGeneration.from_pretrained(folder, **no_noise).train()
    batch = _lesson(tokenizer, rows)
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3)
    for _ in range(_LESSONS):
        loss = model(**batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < _LEARNT, loss.item()
    torch.save(model.state_dict(), folder / "taught.bin")  # the file that is there is still mapped
    (folder / "taught.bin").replace(folder / "pytorch_model.bin")


def _lesson(tokenizer: Any, rows: Sequence[Translations]) -> dict[str, torch.Tensor]:
    """Every sentence with each of its translations, as tensors padded to the longest."""
    pairs = [(row, a, b) for row in rows for a in row for b in row if a != b]
    sources, replies = [], []
    for row, source, target in pairs:
        tokenizer.src_lang = source
        sources.append(tokenizer(row[source]).input_ids)
        tokenizer.src_lang = target
        replies.append(tokenizer(row[target]).input_ids)
    ids, labels = _padded(sources, 1), _padded(replies, -100)
    return {"input_ids": ids, "attention_mask": (ids != 1).long(), "labels": labels}


def _padded(rows: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def _random(name: str, like: torch.Tensor, scale: float) -> torch.Tensor:
    if "layer_norm.weight" in name:
        return torch.ones(like.shape)
    return torch.empty(like.shape).normal_(std=scale)
