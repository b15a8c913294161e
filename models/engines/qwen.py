"""Qwen2.5-Coder as translator: a GGUF file through llama.cpp, among thirteen languages.

`translate("", source, target)` yields no text but evaluates the prompt that stands before every sentence of
the pair; the sentence that follows starts about ten times sooner. xllamacpp keeps the prompts of some pairs,
llama-cpp-python that of the last one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.gguf import GgufFacts, read_facts
from claude_narrator.models.engines.llama_runtimes import Runtime, open_runtime
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, ModelMissing, UnknownLanguage
from claude_narrator.models.memory import available_memory_bytes
from claude_narrator.models.prompts import (
    Message,
    language_name,
    max_reply_weight,
    one_line,
    primary,
    translation_of,
    translation_prompt,
)
from claude_narrator.models.types import NO_HINTS, Hints, Language

ENGINE = {
    "kind": "translator",
    "summary": "Qwen2.5-Coder 1.5B: knows programmers' words; about a second a sentence on one core",
    "licence": "Apache-2.0 (weights), MIT (llama.cpp and its bindings)",
    "languages": ["en", "ja", "zh", "fr", "es", "pt", "de", "it", "ru", "ko", "vi", "th", "ar"],
    "modules": [["llama_cpp", "xllamacpp"]],
    "extra": "qwen",
    "models": ["qwen2.5-coder-1.5b"],
    "embedded": False,
    "quality": 40,
}
_LANGUAGES = frozenset(map(str, ENGINE["languages"]))  # type: ignore[call-overload]
_CONTEXT_TOKENS = 4096
_MAX_REPLY_TOKENS = 1500
"""With the prompt and the longest text that `one_line` lets through, less than the context."""


class Qwen:
    """A `Translator`."""

    def __init__(self) -> None:
        self._runtime: Runtime | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Load the weights, after a look at the file and at the memory they will need.

        :raises ModelMissing: there is no GGUF file.
        :raises EngineUnavailable: the file is broken, memory is short, or llama.cpp is not installed.
        """
        path = _weights(context)
        facts = read_facts(path)
        _check_memory(facts, available_memory_bytes(context.memory_bytes))
        self.close()
        self._runtime = open_runtime(path, _CONTEXT_TOKENS, context.threads)
        return Loaded(self._runtime.device, facts.precision)

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
        for _ in runtime.reply(messages, max_tokens=1):
            yield ""


def _weights(context: EngineContext) -> Path:
    folder = context.files.get("qwen2.5-coder-1.5b")
    found = sorted(folder.glob("*.gguf")) if folder is not None else []
    if not found:
        raise ModelMissing(
            "the weights of qwen2.5-coder-1.5b are not here", "Run: voice models pull qwen2.5-coder-1.5b"
        )
    return found[0]


def _check_memory(facts: GgufFacts, available_bytes: int) -> None:
    needed = facts.memory_bytes(_CONTEXT_TOKENS)
    if needed > available_bytes:
        raise EngineUnavailable(
            f"qwen needs {needed / 1e9:.1f} GB of memory and {available_bytes / 1e9:.1f} GB are free",
            "Close other programs.",
        )
