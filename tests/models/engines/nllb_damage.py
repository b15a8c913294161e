"""Models whose files are damaged, or in another form, and what the nllb engine makes of them.

Runs in the engine's environment.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from tests.models.engines.nllb_models import TRANSLATIONS, make_tokenizer
from tests.models.engines.nllb_opened import load_refusal, opened, said


def no_numbers(taught: Path) -> list[str]:
    """What is said of a model whose numbers are none."""
    folder = copied(taught, "no-numbers")
    state = torch.load(folder / "pytorch_model.bin")
    state["model.decoder.layer_norm.weight"].fill_(float("nan"))
    torch.save(state, folder / "pytorch_model.bin")
    return load_refusal(folder)


def copied(folder: Path, name: str) -> Path:
    target = folder.with_name(name)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("ctranslate2-*", ".ctranslate2-*"))
    return target


def damaged(taught: Path) -> dict[str, list[str]]:
    """What is said of a model some of whose files are not what they should be."""
    facts: dict[str, list[str]] = {}

    def with_damage(what: str, damage: Callable[[Path], object], backend: str = "torch-fp32") -> None:
        folder = copied(taught, f"damaged-{len(facts)}")
        damage(folder)
        facts[what] = load_refusal(folder, backend)
        shutil.rmtree(folder)

    def cut(name: str) -> Callable[[Path], object]:
        return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size * 2 // 3)

    def without_a_tensor(folder: Path) -> None:
        state = torch.load(folder / "pytorch_model.bin")
        del state["model.decoder.layers.1.fc2.weight"]
        torch.save(state, folder / "pytorch_model.bin")

    def of_another_size(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "decoder_ffn_dim": 96}))

    with_damage("no weights", lambda folder: (folder / "pytorch_model.bin").unlink())
    with_damage("cut weights", cut("pytorch_model.bin"))
    with_damage("cut weights, ctranslate2", cut("pytorch_model.bin"), "ctranslate2-int8")
    with_damage("empty weights", lambda folder: (folder / "pytorch_model.bin").write_bytes(b""))
    with_damage("a tensor missing", without_a_tensor)
    with_damage("a tensor missing, ctranslate2", without_a_tensor, "ctranslate2-int8")
    with_damage("other sizes", of_another_size)
    with_damage("no tokenizer", lambda folder: (folder / "tokenizer.json").unlink())
    with_damage("cut tokenizer", cut("tokenizer.json"))
    with_damage("larger tokenizer", lambda folder: make_tokenizer(folder))
    with_damage("no configuration", lambda folder: (folder / "config.json").unlink())
    with_damage("a part missing", lambda folder: in_parts(folder)[1].unlink())
    with_damage("cut safetensors", lambda folder: (as_safetensors(folder), cut("model.safetensors")(folder)))
    return facts


def in_parts(folder: Path) -> list[Path]:
    """Write the weights as large models come: several files and an index."""
    state = torch.load(folder / "pytorch_model.bin")
    names = sorted(state)
    halves = {"part-1.bin": names[: len(names) // 2], "part-2.bin": names[len(names) // 2 :]}
    for file, half in halves.items():
        torch.save({name: state[name].clone() for name in half}, folder / file)
    index = {name: file for file, half in halves.items() for name in half}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": index}))
    (folder / "pytorch_model.bin").unlink()
    return [folder / file for file in halves]


def as_safetensors(folder: Path) -> None:
    """Write the weights as fp16 safetensors, the table once."""
    state = torch.load(folder / "pytorch_model.bin")
    tied = ("lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight")
    save_file(
        {name: tensor.half() for name, tensor in state.items() if name not in tied},
        folder / "model.safetensors",
    )
    (folder / "pytorch_model.bin").unlink()


def legacy(folder: Path) -> None:
    """Write the weights as PyTorch did before 1.6, which cannot be mapped."""
    state = torch.load(folder / "pytorch_model.bin")
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)


def other_forms(taught: Path) -> dict[str, str]:
    """What is said of a sentence when the weights are written in another form."""
    spoken = {}
    for name, write in (("parts", in_parts), ("safetensors", as_safetensors), ("legacy", legacy)):
        folder = copied(taught, name)
        write(folder)
        with opened(folder, "torch-fp32") as (engine, _):
            spoken[name] = said(engine, TRANSLATIONS[0]["eng_Latn"])
    return spoken


def conversion(taught: Path) -> dict[str, Any]:
    """When CTranslate2's form is made, and what is left of one that was not finished."""
    folder = copied(taught, "conversion")
    model = folder / "ctranslate2-int8" / "model.bin"

    def load() -> int:
        with opened(folder, "ctranslate2-int8") as (engine, _):
            assert said(engine, TRANSLATIONS[0]["eng_Latn"])
        return model.stat().st_mtime_ns

    interrupted = folder / ".ctranslate2-int8.xyz.part"
    interrupted.mkdir()
    made = load()
    facts: dict[str, Any] = {"leftover": interrupted.exists(), "made once": load() == made}
    os.truncate(model, 1000)
    facts["a damaged one is made anew"] = load() != made
    made = load()
    os.utime(folder / "pytorch_model.bin")
    facts["one of other weights is made anew"] = load() != made
    alone = folder.with_name("made-elsewhere")
    alone.mkdir()
    for file in (*model.parent.iterdir(), folder / "tokenizer.json"):
        shutil.copy(file, alone)
    (alone / "made_of.json").unlink()
    with opened(alone) as (engine, loaded):
        facts["by itself"] = [loaded.precision, said(engine, TRANSLATIONS[0]["eng_Latn"])]
    facts["read-only"] = read_only(taught)
    return facts


def read_only(taught: Path) -> list[str]:
    """What is said when the model's folder takes no file; root, who may write anywhere, is nobody then."""
    folder = copied(taught, "read-only")
    parents = [parent for parent in folder.parents if parent != parent.parent]
    modes = {parent: parent.stat().st_mode for parent in parents} if os.geteuid() == 0 else {}
    for parent, mode in modes.items():
        parent.chmod(mode | 0o055)
    folder.chmod(0o555)
    try:
        if os.geteuid() == 0:
            os.seteuid(65534)
        return load_refusal(folder, "ctranslate2-int8")
    finally:
        os.seteuid(os.getuid())
        folder.chmod(0o755)
        for parent, mode in modes.items():
            parent.chmod(mode)
