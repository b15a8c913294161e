"""What the nllb engine does with tiny models of NLLB-200's architecture, as facts for tests to judge.

Runs in the engine's own environment: `nllb_probe.py FOLDER` makes the models there and prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from transformers import M2M100ForConditionalGeneration

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.nllb import Nllb, _open_best
from claude_narrator.models.engines.nllb_plan import Plan, read_shape
from claude_narrator.models.engines.nllb_torch import HalfEmbedding, Int8Linear, TorchModel
from claude_narrator.models.engines.nllb_weights import read_model
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.types import Language
from tests.models.engines.nllb_damage import conversion, damaged, no_numbers, other_forms
from tests.models.engines.nllb_models import TINY, TRANSLATIONS, make_taught, make_tokenizer, make_weights
from tests.models.engines.nllb_opened import opened, refusal, said

FP32 = ("torch-fp32", "ctranslate2-fp32")
BACKENDS = (*FP32, "torch-bf16", "torch-int8", "ctranslate2-int8")
CODES = {"eng_Latn": "en", "jpn_Jpan": "ja", "fra_Latn": "fr"}
EN, JA = Language("en"), Language("ja")
_REFUSED = (("en", "tlh"), ("xx", "ja"), ("en", "de"), ("en", "en-GB"), ("sr-Latn", "ja"))
PAIRS = [(row, a, b) for row in TRANSLATIONS for a in row for b in row if a != b]


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
    """Of a translation that is closed after a token: tokens given, threads left, steps of the decoder."""
    before = threading.active_count()
    steps = steps_of(engine)
    pieces: Any = engine.translate("OK " * 9, EN, JA)
    with counted(engine) as made, closing(pieces):
        next(pieces)
    return [len(made), threading.active_count() - before, len(steps)]


def steps_of(engine: Nllb) -> list[object]:
    """A list that grows with every step of PyTorch's decoder; it stays empty with CTranslate2."""
    steps: list[object] = []
    if isinstance(engine._backend, TorchModel):
        engine._backend._model.model.decoder.register_forward_hook(lambda *_: steps.append(None))
    return steps


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


def failing_device(taught: Path) -> dict[str, Any]:
    """What becomes of a device that takes tensors and computes nothing: PyTorch's `meta` is one."""
    sizes = read_shape(taught)
    broken, able = (Plan("", taught, sizes, f"torch-{p}", d) for p, d in (("fp16", "meta"), ("int8", "cpu")))
    engine = Nllb()
    plan, engine._backend, engine._tokens = _open_best([broken, able], 1)
    engine._positions = plan.shape.positions
    loaded = [engine._backend.device, engine._backend.precision]
    return {
        "with another": [*loaded, said(engine, TRANSLATIONS[0]["eng_Latn"])],
        "alone": refusal(lambda: _open_best([broken], 1)),
    }


def no_memory(taught: Path) -> list[str]:
    """What is said when the engine is allowed ten megabytes."""
    context = EngineContext({}, 1, {"model_folder": str(taught), "device": "cpu"}, memory_bytes=10_000_000)
    return refusal(lambda: Nllb().load(context))


def main(folder: Path) -> None:
    """Make the models in `folder` and print the facts."""
    torch.set_num_threads(1)
    taught, endless = folder / "taught", folder / "endless"
    tokenizer = make_taught(taught, TRANSLATIONS, list(TRANSLATIONS[0]))
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
        "no numbers": no_numbers(taught),
        "no memory": no_memory(taught),
        "failing device": failing_device(taught),
        "other forms": other_forms(taught),
        "conversion": conversion(taught),
        "asked for a model": refusal(lambda: Nllb().load(EngineContext({}, 1, {"model": "nllb-200-3.3b"}))),
        "asked for nonsense": refusal(lambda: Nllb().load(EngineContext({}, 1, {"model": "nllb"}))),
        "not loaded": refusal(lambda: Nllb().translate("OK.", EN, JA)),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
