"""What the nllb engine does with tiny models of NLLB-200's architecture, as facts for tests to judge.

Runs in the engine's own environment: `nllb_probe.py FOLDER` makes the models there and prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import M2M100ForConditionalGeneration

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.nllb import Nllb
from claude_narrator.models.engines.nllb_torch import HalfEmbedding, Int8Linear
from claude_narrator.models.engines.nllb_weights import read_model
from claude_narrator.models.errors import EngineFailed, NarratorError
from claude_narrator.models.types import Language
from tests.models.engines.nllb_models import TINY, TRANSLATIONS, make_taught, make_tokenizer, make_weights

FP32 = ("torch-fp32", "ctranslate2-fp32")
BACKENDS = (*FP32, "torch-bf16", "torch-int8", "ctranslate2-int8")
CODES = {"eng_Latn": "en", "jpn_Jpan": "ja", "fra_Latn": "fr"}
EN, JA = Language("en"), Language("ja")
_REFUSED = (("en", "tlh"), ("xx", "ja"), ("en", "de"), ("en", "en-GB"), ("sr-Latn", "ja"))
PAIRS = [(row, a, b) for row in TRANSLATIONS for a in row for b in row if a != b]


@contextmanager
def opened(folder: Path, backend: str = "auto", **options: str) -> Iterator[tuple[Nllb, Any]]:
    """A loaded engine and what `load` said."""
    engine = Nllb()
    given = {"model_folder": str(folder), "backend": backend, "device": "cpu", **options}
    try:
        yield engine, engine.load(EngineContext({}, 1, given))
    finally:
        engine.close()


def said(engine: Nllb, text: str, source: str = "en", target: str = "ja") -> str:
    return "".join(engine.translate(text, Language(source), Language(target)))


def refusal(act: Callable[[], object]) -> list[str]:
    """The code and the text of the error that `act` raises."""
    try:
        act()
    except NarratorError as error:
        return [error.code, str(error)]
    return ["none", ""]


def load_refusal(folder: Path, backend: str = "torch-fp32") -> list[str]:
    def load() -> None:
        with opened(folder, backend):
            pass

    return refusal(load)


def generated(folder: Path, tokenizer: Any) -> list[list[int]]:
    """The tokens that transformers' own `generate` gives for every pair, greedily."""
    model = M2M100ForConditionalGeneration.from_pretrained(folder)
    replies = []
    for row, source, target in PAIRS:
        tokenizer.src_lang = source
        reply = model.generate(
            **tokenizer(row[source], return_tensors="pt"),
            forced_bos_token_id=tokenizer.convert_tokens_to_ids(target),
            num_beams=1,
            do_sample=False,
            max_new_tokens=60,
        )
        replies.append([token for token in reply[0].tolist()[2:] if token != 2])
    return replies


def tokens_of(engine: Nllb) -> list[list[int]]:
    tokens, backend = engine._tokens, engine._backend
    assert tokens is not None
    assert backend is not None
    replies = []
    for row, source, target in PAIRS:
        ids = tokens.encode(row[source], tokens.language(Language(CODES[source])))
        replies.append(list(backend.tokens(ids, tokens.language(Language(CODES[target])), 60)))
    return replies


def with_backend(name: str, taught: Path, endless: Path) -> dict[str, Any]:
    """What a backend gives for what the model has learnt, and how it is stopped."""
    first = TRANSLATIONS[0]
    with opened(taught, name) as (engine, loaded):
        pieces = list(engine.translate(first["eng_Latn"], EN, JA))
        facts = {
            "loaded": [loaded.device, loaded.precision],
            "tokens": tokens_of(engine),
            "said": [said(engine, row[a], CODES[a], CODES[b]) for row, a, b in PAIRS],
            "pieces": pieces,
            "warmed": list(engine.translate("", EN, JA)),
            "two sentences": said(engine, f"OK. {first['eng_Latn']}"),
            "two in French": said(engine, f"よし。{first['jpn_Jpan']}", "ja", "fr"),
        }
    with opened(endless, name) as (engine, _):
        facts["endless"] = tokens_without_end(engine)
        facts["cancelled"] = cancelled(engine)
    return facts


def tokens_without_end(engine: Nllb) -> list[list[int]]:
    """Of a model that never ends: how many tokens a text has, and how many are made of it."""
    assert engine._tokens is not None
    english = engine._tokens.language(EN)
    facts = []
    for text in ("OK.", "OK " * 12):
        with counted(engine) as made, suppress(EngineFailed):  # what it says need not have letters
            said(engine, text)
        facts.append([len(engine._tokens.encode(text.strip(), english)), len(made)])
    return facts


def cancelled(engine: Nllb) -> list[int]:
    """How many tokens were made when one was asked for, and how many threads are left of it."""
    before = threading.active_count()
    with counted(engine) as made, closing(engine.translate("OK " * 9, EN, JA)) as pieces:  # type: ignore[type-var]
        next(pieces)
    return [len(made), threading.active_count() - before]


@contextmanager
def counted(engine: Nllb) -> Iterator[list[int]]:
    """The tokens that the backend gives meanwhile."""
    backend = engine._backend
    assert backend is not None
    made: list[int] = []
    inner = backend.tokens

    def tokens(source: Sequence[int], language: int, limit: int) -> Iterator[int]:
        with closing(inner(source, language, limit)) as stream:  # type: ignore[type-var]
            for token in stream:
                made.append(token)
                yield token

    backend.tokens = tokens  # type: ignore[method-assign]
    yield made
    backend.tokens = inner  # type: ignore[method-assign]


def int8_error(taught: Path) -> dict[str, float]:
    """How far int8 is from fp32, relative to the largest number: of a layer, of the table, of the encoder."""
    torch.manual_seed(1)
    rows = torch.randn(5, 512)
    linear = torch.nn.Linear(512, 300).requires_grad_(False)
    linear.weight[7] *= 50  # a row of another size must not coarsen the others
    exact, found = linear(rows), Int8Linear(linear)(rows)
    small = [row for row in range(300) if row != 7]
    table = read_model(taught, torch.float32, "cpu").model.shared
    ids = torch.arange(50)
    return {
        "layer": _relative(exact[:, small], found[:, small]),
        "table": _relative(table(ids), HalfEmbedding(table)(ids)),
    }


def _relative(exact: torch.Tensor, found: torch.Tensor) -> float:
    return float((exact - found).abs().max() / exact.abs().max())


def languages(taught: Path) -> dict[str, list[str]]:
    """What is said to languages that the engine, or this tokenizer, does not know."""
    with opened(taught) as (engine, _):
        return {
            f"{source} {target}": refusal(lambda: said(engine, "OK.", source, target))  # noqa: B023
            for source, target in (
                ("en", "tlh"),
                ("xx", "ja"),
                ("en", "de"),
                ("en", "en-GB"),
                ("sr-Latn", "ja"),
            )
        }


def texts(taught: Path, tokenizer: Any) -> dict[str, Any]:
    """What becomes of texts that are no sentence, or more than one can hold."""
    sentence = TRANSLATIONS[0]["eng_Latn"]
    tokenizer.src_lang = "eng_Latn"
    with opened(taught) as (engine, _):
        assert engine._tokens is not None
        english = engine._tokens.language(EN)
        return {
            "same tokens": engine._tokens.encode(sentence, english) == tokenizer(sentence).input_ids,
            "special": 2 in engine._tokens.encode("OK </s> jpn_Jpan OK", english)[1:-1],
            "no words": [said(engine, text) for text in ("🎉 …", " \n", "。、！")],
            "long": said(engine, f"{sentence} " * 60),
            "one long sentence": bool(said(engine, "so I will restart it now, " * 400)),
            "hostile": [isinstance(said(engine, text), str) for text in ("x\ud800y OK", "z" + "\u0301" * 50)],
        }


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


def main(folder: Path) -> None:
    """Make the models in `folder` and print the facts."""
    torch.set_num_threads(1)
    taught, endless = folder / "taught", folder / "endless"
    tokenizer = make_taught(taught)
    endless.mkdir()
    make_weights(endless, TINY, len(make_tokenizer(endless)) + 2, positions=40)
    facts = {
        "generated": generated(taught, tokenizer),
        "expected": [row[target] for row, _, target in PAIRS],
        "backends": {name: with_backend(name, taught, endless) for name in BACKENDS},
        "int8 error": int8_error(taught),
        "languages": languages(taught),
        "texts": texts(taught, tokenizer),
        "damaged": damaged(taught),
        "other forms": other_forms(taught),
        "conversion": conversion(taught),
        "asked for a model": refusal(lambda: Nllb().load(EngineContext({}, 1, {"model": "nllb-200-3.3b"}))),
        "asked for nonsense": refusal(lambda: Nllb().load(EngineContext({}, 1, {"model": "nllb"}))),
        "not loaded": refusal(lambda: Nllb().translate("OK.", EN, JA)),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
