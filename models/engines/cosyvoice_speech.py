"""Runs one sentence through a loaded CosyVoice, in threads that end when nobody wants it any more."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.engines.cosyvoice_guards import Cancelled, Reins
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.types import Samples

_SIGN_OF_LIFE_S = 0.05
_NOTHING: Samples = np.zeros(0, np.float32)


class Speech:
    """One model, which says one thing at a time."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._reins = Reins(model)

    def say(
        self, prompts: Mapping[str, Any], *, stream: bool, speed: float = 1.0
    ) -> Generator[Samples, None, None]:
        """Yield the samples as they are made, empty arrays meanwhile; `speed` only when not streamed.

        Closing the iterator ends the sentence within a step of the network.

        :raises EngineFailed: a part of the model failed.
        """
        made: queue.SimpleQueue[Samples | None] = queue.SimpleQueue()
        self._reins.begin()
        thread = threading.Thread(target=self._make, args=(prompts, stream, speed, made), daemon=True)
        thread.start()
        try:
            yield from _received(made)
        finally:
            self._reins.cancel()
            thread.join()
            failure = self._reins.failure
            self._reins.end()
        if failure is not None:
            raise EngineFailed(f"CosyVoice failed: {_where(failure)}") from failure

    def _make(
        self, prompts: Mapping[str, Any], stream: bool, speed: float, made: queue.SimpleQueue[Samples | None]
    ) -> None:
        try:
            for chunk in self._model.tts(**prompts, stream=stream, speed=speed):
                self._reins.check()
                made.put(np.ascontiguousarray(chunk["tts_speech"].float().numpy().ravel(), np.float32))
        except Cancelled:
            pass
        except Exception as error:  # what follows from the language model's failure does not explain it
            self._reins.failure = self._reins.failure or error
        finally:
            made.put(None)


def _received(made: queue.SimpleQueue[Samples | None]) -> Iterator[Samples]:
    while True:
        try:
            samples = made.get(timeout=_SIGN_OF_LIFE_S)
        except queue.Empty:
            yield _NOTHING
            continue
        if samples is None:
            return
        yield samples


def _where(error: Exception) -> str:
    """The kind and the place, not the message: that one may quote what was to be said."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    kind = type(error).__name__
    if trace is None:
        return kind
    return f"{kind} at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
