"""NLLB-200: 202 languages in one model, by PyTorch or CTranslate2; for non-commercial use.

`nllb_plan.py` says which backend runs where, and why. An empty text yields none, but runs the model once, so
that the sentence that follows finds its code and memory warm.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.nllb_languages import code_of, is_spaced
from claude_narrator.models.engines.nllb_plan import CTRANSLATE2, DeviceFailed, Plan, fitting, plans
from claude_narrator.models.engines.nllb_text import (
    MAX_SOURCE_TOKENS,
    NllbTokens,
    as_text,
    has_words,
    reply_limit,
    sentences,
)
from claude_narrator.models.errors import BadInput, EngineFailed, ModelMissing, UnknownLanguage
from claude_narrator.models.types import NO_HINTS, Hints, Language

ENGINE = {
    "kind": "translator",
    "summary": "NLLB-200: 202 languages, about half a second a sentence on two cores; not for commercial use",
    "licence": "CC-BY-NC-4.0 (weights), Apache-2.0 (transformers), BSD-3-Clause (PyTorch), MIT (CTranslate2)",
    "languages": [
        "en", "ja", "zh", "zh-Hant", "ko", "fr", "es", "de", "pt", "it", "ru", "nl", "pl", "ar", "hi",
        "vi", "th", "id", "tr", "uk", "ace", "ace-Arab", "acm", "acq", "aeb", "af", "ajp", "ak", "am",
        "apc", "ars", "ary", "arz", "as", "ast", "awa", "ay", "az", "azb", "ba", "ban", "be", "bem",
        "bg", "bho", "bjn", "bjn-Arab", "bm", "bn", "bo", "bs", "bug", "ca", "ceb", "cjk", "ckb", "crh",
        "cs", "cy", "da", "dik", "din", "dyu", "dz", "ee", "el", "eo", "et", "eu", "fa", "fa-AF", "ff",
        "fi", "fil", "fj", "fo", "fon", "fur", "fuv", "ga", "gd", "gl", "gn", "gu", "ha", "he", "hne",
        "hr", "ht", "hu", "hy", "ig", "ilo", "is", "jv", "ka", "kab", "kac", "kam", "kbp", "kea", "kg",
        "ki", "kk", "km", "kmb", "kmr", "kn", "kr", "kr-Arab", "ks", "ks-Deva", "ku", "ky", "lb", "lg",
        "li", "lij", "lmo", "ln", "lo", "lt", "ltg", "lua", "luo", "lus", "lv", "mag", "mai", "mg",
        "mi", "min", "mk", "ml", "mn", "mni", "mos", "mr", "ms", "mt", "my", "nb", "ne", "nn", "no",
        "nso", "nus", "ny", "oc", "om", "or", "pa", "pag", "pap", "prs", "ps", "qu", "rn", "ro", "rw",
        "sa", "sat", "sat-Olck", "sc", "scn", "sd", "sg", "shn", "si", "sk", "sl", "sm", "sn", "so",
        "sq", "sr", "ss", "st", "su", "sv", "sw", "szl", "ta", "taq", "taq-Tfng", "te", "tg", "ti",
        "tk", "tl", "tn", "tpi", "ts", "tt", "tum", "tw", "tzm", "ug", "umb", "ur", "uz", "vec", "war",
        "wo", "xh", "yi", "yo", "yue", "zh-HK", "zh-MO", "zh-TW", "zu",
    ],
    "environment": {
        "packages": [
            "torch==2.13.0",
            "transformers==5.23.0",
            "ctranslate2==4.8.5",
            "numpy==2.4.6",
        ],
    },
    "models": [["nllb-200-distilled-600m", "nllb-200-distilled-1.3b", "nllb-200-3.3b"]],
    "options": {
        "model": {
            "comment": "The id of a model that is here, or auto: the largest on a GPU, else the smallest.",
            "default": "auto",
            "choices": ["auto", "nllb-200-distilled-600m", "nllb-200-distilled-1.3b", "nllb-200-3.3b"],
        },
        "model_folder": {"comment": "A folder with an NLLB-200 model of your own.", "default": ""},
        "backend": {
            "comment": "auto, the fastest, or one of torch-int8, ctranslate2-int8, torch-bf16, -fp16, -fp32.",
            "default": "auto",
            "choices": [
                "auto",
                "torch-int8",
                "torch-bf16",
                "torch-fp16",
                "torch-fp32",
                "ctranslate2-int8",
                "ctranslate2-fp32",
            ],
        },
        "device": {
            "comment": "cpu, cuda, mps, or auto, the GPU where there is one.",
            "default": "auto",
            "choices": ["auto", "cpu", "cuda", "mps"],
        },
    },
    "quality": 45,
    "memory_mb": 500,
}  # fmt: skip
_MODELS = ("nllb-200-distilled-600m", "nllb-200-distilled-1.3b", "nllb-200-3.3b")
"""Smallest first."""


class Backend(Protocol):
    """What runs the model: `device` and `precision` are those that it really has."""

    device: str
    precision: str

    def tokens(self, source: Sequence[int], language: int, limit: int) -> Generator[int, None, None]:
        """Yield the translation's tokens, at most `limit`; closing the iterator cancels."""

    def close(self) -> None:
        """Free the weights."""


class Nllb:
    """A `Translator`."""

    def __init__(self) -> None:
        self._backend: Backend | None = None
        self._tokens: NllbTokens | None = None
        self._positions = 0

    def load(self, context: EngineContext) -> Loaded:
        """Load the best model by the best backend that fits into memory, and run it once.

        :raises ModelMissing: a file of the model is not there.
        :raises EngineUnavailable: a file is damaged, memory is short, or a package is missing.
        :raises BadInput: an option has a value that there is not.
        """
        from claude_narrator.models.engines.nllb_machine import find_machine

        self.close()
        machine = find_machine(context.memory_bytes)
        asked = context.options
        found = plans(_models(context), machine, asked.get("device", "auto"), asked.get("backend", "auto"))
        plan, self._backend, self._tokens = _open_best(fitting(found, machine.free_bytes), context.threads)
        self._positions = plan.shape.positions
        return Loaded(self._backend.device, f"{self._backend.precision} ({plan.runtime})")

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        """Yield the translation of `text` as its tokens come; see the module for the empty text.

        What holds no letter or digit comes back as it is. Empty pieces are signs of life. `hints` go unused:
        the model was trained on single sentences, and takes no instructions.

        :raises UnknownLanguage: NLLB-200 does not know one of the languages.
        :raises EngineFailed: not loaded, or the model gave nothing.
        """
        if self._backend is None or self._tokens is None:
            raise EngineFailed("nllb is not loaded")
        pair = self._tokens.language(source), self._tokens.language(target)
        if pair[0] == pair[1]:
            raise UnknownLanguage(f"{source} into {target} is no translation")
        if not text.strip():
            return self._warm(*pair)
        return self._pieces(text, pair, " " if is_spaced(code_of(target)) else "")

    def close(self) -> None:
        """Free the weights."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def _warm(self, source: int, target: int) -> Iterator[str]:
        assert self._backend is not None
        assert self._tokens is not None
        for _ in self._backend.tokens(self._tokens.encode("OK.", source), target, 1):
            yield ""

    def _pieces(self, text: str, pair: tuple[int, int], space: str) -> Iterator[str]:
        tokens, longest = self._tokens, min(MAX_SOURCE_TOKENS, self._positions - 2)
        assert tokens is not None
        before = ""
        for sentence in sentences(text, lambda part: len(tokens.encode(part, pair[0])), longest):
            for piece in self._sentence(sentence, pair) if has_words(sentence) else (sentence,):
                yield before + piece if piece else ""
                before = "" if piece else before
            before = space

    def _sentence(self, sentence: str, pair: tuple[int, int]) -> Iterator[str]:
        assert self._backend is not None
        assert self._tokens is not None
        source = self._tokens.encode(sentence, pair[0])
        limit = reply_limit(len(source), self._positions)
        some = False
        with contextlib.closing(self._backend.tokens(source, pair[1], limit)) as reply:
            for piece in as_text(reply, self._tokens.decode):
                some = some or bool(piece)
                yield piece
        if not some:
            raise EngineFailed("nllb gave no translation")


def _models(context: EngineContext) -> dict[str, Path]:
    """The models that may be used, smallest first."""
    if own := context.options.get("model_folder", ""):
        return {"the model of engines.nllb.model_folder": Path(own).expanduser()}
    asked = context.options.get("model", "auto")
    if asked not in ("auto", *_MODELS):
        raise BadInput(f"engines.nllb.model cannot be {asked[:60]!r}", f"It is auto, {', '.join(_MODELS)}.")
    here = {model: context.files[model] for model in _MODELS if model in context.files}
    chosen = {model: folder for model, folder in here.items() if asked in ("auto", model)}
    if not chosen:
        wanted = _MODELS[0] if asked == "auto" else asked
        raise ModelMissing(f"{wanted} is not on this machine", f"Run: voice models pull {wanted}")
    return chosen


def _open_best(fit: Sequence[Plan], threads: int) -> tuple[Plan, Backend, NllbTokens]:
    """Open the first of `fit` that works; only a GPU may turn out not to, and says so in the log."""
    for plan in fit[:-1]:
        if plan.device == "cpu":
            return _open(plan, threads)
        try:
            return _open(plan, threads)
        except DeviceFailed as failure:
            print(f"nllb goes on without {plan.device}: {failure}", file=sys.stderr)
    return _open(fit[-1], threads)


def _open(plan: Plan, threads: int) -> tuple[Plan, Backend, NllbTokens]:
    """Load a model and make it give one token."""
    tokens = NllbTokens(plan.folder, plan.shape.vocabulary or None)
    backend: Backend
    if plan.runtime == CTRANSLATE2:
        from claude_narrator.models.engines.nllb_ctranslate2 import CTranslate2Model

        backend = CTranslate2Model(plan, threads, tokens)
    else:
        from claude_narrator.models.engines.nllb_torch import TorchModel

        backend = TorchModel(plan, threads)
    for _ in backend.tokens([tokens.end], tokens.end, 1):
        pass
    return plan, backend, tokens
