"""Qwen2.5 as translator: GGUF files through llama.cpp, among thirteen languages, on a CPU or a GPU.

`translate("", source, target)` yields no text but evaluates the prompt that stands before every sentence of
the pair, step by step, so that a cancel is heeded within a second; the sentence that follows starts about ten
times sooner. The prompts of some pairs are kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.gguf import first_part, read_facts
from claude_narrator.models.engines.llama_devices import find_gpu
from claude_narrator.models.engines.llama_runtimes import Runtime, RuntimeOptions, not_usable, open_runtime
from claude_narrator.models.engines.qwen_plan import (
    CONTEXT_TOKENS,
    Candidate,
    Machine,
    Plan,
    choose,
    read_gpu_layers,
)
from claude_narrator.models.errors import BadInput, EngineFailed, ModelMissing, UnknownLanguage
from claude_narrator.models.memory import available_memory_bytes
from claude_narrator.models.prompts import (
    Message,
    beginnings,
    language_name,
    max_reply_weight,
    one_line,
    primary,
    translation_of,
    translation_prompt,
)
from claude_narrator.models.types import NO_HINTS, Hints, Language

ENGINE: dict[str, Any] = {
    "kind": "translator",
    "summary": "Qwen2.5 in five sizes: knows programmers' words; 1.5B takes a second a sentence on one core",
    "licence": "Apache-2.0 (weights; Qwen's own for 72B), MIT (llama.cpp and its bindings)",
    "languages": ["en", "ja", "zh", "fr", "es", "pt", "de", "it", "ru", "ko", "vi", "th", "ar"],
    "modules": [["llama_cpp", "xllamacpp"]],
    "extra": "qwen",
    "models": [
        ["qwen2.5-72b-q4", "qwen2.5-7b-q4", "qwen2.5-7b-q3", "qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b"]
    ],
    "suggested": "qwen2.5-coder-1.5b",
    "memory_mb": 400,
    "options": {
        "model": {
            "comment": "Which of the models that are here: its id, or auto, the best that fits into memory.",
            "default": "auto",
            "example": "qwen2.5-7b-q4",
            "choices": [
                "auto",
                "qwen2.5-72b-q4",
                "qwen2.5-7b-q4",
                "qwen2.5-7b-q3",
                "qwen2.5-coder-1.5b",
                "qwen2.5-coder-0.5b",
            ],
        },
        "gpu_layers": {
            "comment": "How many of its layers lie on the GPU; auto: all, or as many as there is room for.",
            "default": "auto",
            "example": "20",
            "choices": ["auto"],
            "numbers": [0, 99999],
        },
    },
    "embedded": False,
    "instructed": True,
    "quality": 40,
    "by_model": {
        "qwen2.5-72b-q4": {"quality": 75, "gpus": ["cuda", "metal", "rocm"]},
        "qwen2.5-7b-q4": {"quality": 60, "gpus": ["cuda", "metal", "rocm"]},
        "qwen2.5-7b-q3": {"quality": 58, "gpus": ["cuda", "metal", "rocm"]},
        "qwen2.5-coder-0.5b": {"quality": 20},
    },
}
_LANGUAGES = frozenset(map(str, ENGINE["languages"]))
_MODELS: tuple[str, ...] = tuple(ENGINE["models"][0])
"""Best first."""
_MAX_REPLY_TOKENS = 1500
"""With the prompt and the longest text that `one_line` lets through, less than the context."""


class Qwen:
    """A `Translator`."""

    def __init__(self) -> None:
        self._runtime: Runtime | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Load the weights, after a look at the files and at the memory they will need.

        :raises ModelMissing: there is no GGUF file.
        :raises EngineUnavailable: a file is broken, memory is short, or llama.cpp is not installed.
        :raises BadInput: an option has a value that there is not.
        """
        plan = _plan(context)
        self.close()
        every = plan.gpu_layers == plan.layers
        options = RuntimeOptions(
            CONTEXT_TOKENS, context.threads, None if every else plan.gpu_layers, plan.prompt_cache_bytes
        )
        self._runtime = open_runtime(plan.path, options)
        return Loaded(plan.device, f"{plan.precision} ({plan.model})")

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        """Yield the translation of a sentence as its tokens come; see the module for the empty text.

        Empty pieces are signs of life while the prompt is evaluated.

        :raises UnknownLanguage: the pair is not one of the engine's.
        :raises BadInput: the text is longer than `MAX_TEXT_WEIGHT`.
        :raises EngineFailed: not loaded, or llama.cpp broke.
        """
        for language in (source, target):
            if primary(language) not in _LANGUAGES:
                raise UnknownLanguage(
                    f"qwen does not translate {language!r}", f"It knows {', '.join(sorted(_LANGUAGES))}."
                )
        if language_name(source) == language_name(target):
            raise UnknownLanguage(f"{source} into {target} is no translation")
        if self._runtime is None:
            raise EngineFailed("qwen is not loaded")
        line = one_line(text)
        if not line:
            return self._warm(self._runtime, translation_prompt("", source, target))
        return self._pieces(self._runtime, line, translation_prompt(line, source, target, hints))

    def close(self) -> None:
        """Free the weights."""
        runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()

    def _pieces(self, runtime: Runtime, line: str, messages: Sequence[Message]) -> Iterator[str]:
        limit = min(max_reply_weight(line), _MAX_REPLY_TOKENS)
        some = False
        with contextlib.closing(runtime.reply(messages, limit)) as reply:
            for piece in translation_of(reply, line):
                some = some or bool(piece)
                yield piece
        if not some:
            raise EngineFailed("qwen gave no translation")

    def _warm(self, runtime: Runtime, messages: Sequence[Message]) -> Iterator[str]:
        for beginning in beginnings(messages):
            for _ in runtime.reply(beginning, max_tokens=1):
                yield ""


def _plan(context: EngineContext) -> Plan:
    """What to load of what is here: the model that is named, or the best that fits."""
    named = context.options.get("model") or "auto"
    gpu_layers = read_gpu_layers(context.options.get("gpu_layers", ""))
    candidates = _candidates(_MODELS if named == "auto" else _known(named), context)
    try:
        gpu = find_gpu()
    except ImportError as error:
        raise not_usable(error) from None
    free_bytes = available_memory_bytes(context.memory_bytes)
    return choose(candidates, Machine(free_bytes, gpu), gpu_layers, _smaller_than(candidates[-1].model))


def _known(model: str) -> tuple[str, ...]:
    if model not in _MODELS:
        known = ", ".join(_MODELS)
        raise BadInput(f"engines.qwen.model is {model[:60]!r}", f"Write auto, or one of {known}.")
    return (model,)


def _candidates(models: Sequence[str], context: EngineContext) -> list[Candidate]:
    found = [(model, first_part(context.files[model])) for model in models if model in context.files]
    here = [(model, path) for model, path in found if path is not None]
    if not here:
        wanted = models[0] if len(models) == 1 else str(ENGINE["suggested"])
        raise ModelMissing(f"the weights of {wanted} are not here", f"Run: voice models pull {wanted}")
    return [Candidate(model, path, read_facts(path)) for model, path in here]


def _smaller_than(model: str) -> str:
    smaller = _MODELS[_MODELS.index(model) + 1 :]
    return f"Take a smaller one: voice models pull {smaller[0]}" if smaller else "Close other programs."
