"""What holds of a loaded CosyVoice with its guards; runs inside its environment, on small models."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch

from claude_narrator.models.engines.cosyvoice import CosyVoice
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.types import Language

SENTENCE = "of"
ENGLISH = Language("en")
_SESSIONS = (
    "tts_speech_token_dict",
    "llm_end_dict",
    "mel_overlap_dict",
    "flow_cache_dict",
    "hift_cache_dict",
)


class ProbeFailed(Exception):
    """Raised in the language model on purpose."""


def lengths(engine: CosyVoice, text: str = SENTENCE, voice: str = "me", rate: float = 1.0) -> list[int]:
    """Return how many samples each chunk has that is no sign of life."""
    torch.manual_seed(5)
    chunks = engine.synthesize(text, voice, ENGLISH, rate)
    return [len(chunk.samples) for chunk in chunks if len(chunk.samples)]


def precision_facts(engine: CosyVoice, folder: Any) -> dict[str, Any]:
    """Whether the language model runs in float32 on exactly the weights of `llm.pt`."""
    kept = torch.load(folder / "llm.pt", weights_only=True)
    running = engine._model.model.llm.state_dict()
    return {
        "dtypes": sorted({str(weight.dtype) for weight in running.values()}),
        "weights_off_by": max(float((running[name] - kept[name]).abs().max()) for name in kept),
    }


def cache_facts(engine: CosyVoice, original_step: Callable[..., Any]) -> dict[str, float]:
    """How far step by step decoding is from one pass over everything, with our step and with the original."""
    encoder = engine._model.model.llm.llm
    torch.manual_seed(3)
    whole = torch.randn(1, 24, encoder.model.config.hidden_size)
    with torch.inference_mode():
        at_once, _ = encoder(whole, torch.tensor([24]))
        ours = _stepwise(encoder.forward_one_step, whole)
        theirs = _stepwise(lambda *given: original_step(encoder, *given), whole)
    return {"ours": float((ours - at_once).abs().max()), "theirs": float((theirs - at_once).abs().max())}


def _stepwise(step: Callable[..., Any], whole: Any) -> Any:
    """Decode as CosyVoice does: the first ten positions together, the others one by one."""
    out, cache = [], None
    for begin, end in [(0, 10), *((at, at + 1) for at in range(10, whole.shape[1]))]:
        size = end - begin
        masks = torch.tril(torch.ones((1, size, size))).to(torch.bool)
        made, cache = step(whole[:, begin:end], masks, cache)
        out.append(made)
    return torch.cat(out, dim=1)


def hop_facts(engine: CosyVoice) -> dict[str, list[int]]:
    """First chunks of sentences that follow each other; each leaves the hop as long as upstream does."""
    first, model = [], engine._model.model
    for _ in range(3):
        first.append(lengths(engine, "off")[0])
        model.token_hop_len = 100
    return {"first_chunks": first}


def failure_facts(engine: CosyVoice) -> dict[str, Any]:
    """What comes of a language model that fails in the middle of a sentence, and of the sentence after."""
    with _replaced_sampling(engine, _failing_after(5)):
        streamed = _outcome(engine)
        engine._options = {**engine._options, "stream": "no"}
        whole = _outcome(engine)
        engine._options = {**engine._options, "stream": "yes"}
    return {"streamed": streamed, "whole": whole, "after": len(lengths(engine)), **left_over(engine)}


def _outcome(engine: CosyVoice) -> str:
    """What a sentence ended with, or "still running" after ten seconds."""
    said: list[str] = []

    def speak() -> None:
        try:
            lengths(engine)
            said.append("done")
        except EngineFailed as error:
            said.append(error.problem)

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    thread.join(10)
    return said[0] if said else "still running"


def cancel_facts(engine: CosyVoice) -> dict[str, Any]:
    """What is left of sentences that are closed after their first chunk, and before it."""
    before = threading.active_count()
    counted = _Counted()
    with _replaced_sampling(engine, counted):
        for wanted in (1, 0):
            _leave_after(engine, wanted)
        at_close = counted.calls
        threading.Event().wait(0.3)
    return {
        "threads": threading.active_count() - before,
        "tokens_after_close": counted.calls - at_close,
        "tokens_before_close": at_close,
        "after": len(lengths(engine)),
        **left_over(engine),
    }


def _leave_after(engine: CosyVoice, chunks: int) -> None:
    with contextlib.closing(engine.synthesize("a longer one", "me", ENGLISH, 1.0)) as pieces:  # type: ignore[type-var]
        heard = 0
        for piece in pieces:
            heard += bool(len(piece.samples))
            if heard >= chunks:
                return


def left_over(engine: CosyVoice) -> dict[str, int]:
    """How much state of past sentences the model still holds."""
    model = engine._model.model
    return {"sessions": sum(len(getattr(model, name, {})) for name in _SESSIONS)}


class _Counted:
    """Samples as before, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, sampling: Callable[..., Any]) -> Callable[..., Any]:
        def sample(*arguments: Any) -> Any:
            self.calls += 1
            return sampling(*arguments)

        return sample


def _failing_after(tokens: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(sampling: Callable[..., Any]) -> Callable[..., Any]:
        def sample(scores: Any, decoded: list[Any], *rest: Any) -> Any:
            if len(decoded) >= tokens:
                raise ProbeFailed("of purpose")
            return sampling(scores, decoded, *rest)

        return sample

    return wrap


@contextlib.contextmanager
def _replaced_sampling(
    engine: CosyVoice, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Iterator[None]:
    language_model = engine._model.model.llm
    before = language_model.sampling
    language_model.sampling = wrap(before)
    try:
        yield
    finally:
        language_model.sampling = before


class Listener(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def logger_state() -> list[Any]:
    """Return what an import may have changed of the root logger."""
    root = logging.getLogger()
    return [root.level, len(root.handlers)]
