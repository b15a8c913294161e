"""Reads the weights of an NLLB-200 model into transformers' M2M-100 without a second copy of them in memory.

The files are mapped, so that what is converted to another precision is read once and may leave memory again.
`from_pretrained` fills in what a file lacks with random numbers; here that is an error.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import torch
from transformers import M2M100Config, M2M100ForConditionalGeneration

from claude_narrator.models.engines.nllb_plan import remedy
from claude_narrator.models.errors import EngineUnavailable, ModelMissing

_SINGLE = ("model.safetensors", "pytorch_model.bin")
_TIED = ("lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight")
_SHARED = "model.shared.weight"


def read_model(folder: Path, dtype: torch.dtype, device: str) -> Any:
    """Return the model of `folder`, ready for inference, its numbers as `dtype` on `device`.

    With fp32 on the CPU the numbers stay in the file and are read as they are needed.

    :raises ModelMissing: there are no weights.
    :raises EngineUnavailable: they are damaged, or not all there.
    """
    config = M2M100Config.from_json_file(str(folder / "config.json"))
    state = {name: tensor.to(device, dtype) for name, tensor in _read_all(folder).items()}
    with torch.device("meta"):
        model: Any = M2M100ForConditionalGeneration(config)
    try:
        missing = model.load_state_dict(state, strict=False, assign=True).missing_keys
    except RuntimeError as error:
        raise _damaged(folder, str(error).splitlines()[-1].strip()) from None
    if lacking := sorted(set(missing) - set(_TIED)):
        raise _damaged(folder, f"{len(lacking)} tensors are missing, such as {lacking[0]}")
    _tie(model)
    _place_positions(model, dtype, device)
    return model.eval().requires_grad_(False)


def _read_all(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = {}
    for file in _files(folder):
        if not file.is_file():
            raise ModelMissing(f"{file} is not here", remedy(folder))
        try:
            state.update(_read(file))
        except Exception as error:  # a damaged file breaks its reader in any way
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise _damaged(folder, f"{file.name}: {reason}") from None
    shared = [state.pop(name) for name in (_SHARED, *_TIED) if name in state]
    if not shared:
        raise _damaged(folder, f"{_SHARED} is missing")
    return {**state, _SHARED: shared[0]}


def _files(folder: Path) -> list[Path]:
    for name in _SINGLE:
        if (folder / name).is_file():
            return [folder / name]
        index = folder / f"{name}.index.json"
        if index.is_file():
            try:
                parts = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
            except (OSError, ValueError, KeyError, AttributeError) as error:
                raise _damaged(folder, f"{index.name}: {error}") from None
            return [folder / Path(part).name for part in sorted(parts)]
    raise ModelMissing(f"{folder} holds no {' or '.join(_SINGLE)}", remedy(folder))


def _read(file: Path) -> dict[str, torch.Tensor]:
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        return dict(load_file(file))
    return dict(torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file)))


def _tie(model: Any) -> None:
    model.set_input_embeddings(model.model.shared)
    model.lm_head.weight = model.model.shared.weight


def _place_positions(model: Any, dtype: torch.dtype, device: str) -> None:
    """The sinusoids are in no file: they are computed, here because the model was made without memory."""
    for side in (model.model.encoder, model.model.decoder):
        table = side.embed_positions
        rows = table.num_positions + table.offset
        table.weights = table.get_embedding(rows, table.embedding_dim, table.padding_idx).to(device, dtype)


def _damaged(folder: Path, reason: str) -> EngineUnavailable:
    first = reason.split(". ")[0].rstrip(".")[:200]
    return EngineUnavailable(f"the weights of {folder.name} are damaged: {first}", remedy(folder))
