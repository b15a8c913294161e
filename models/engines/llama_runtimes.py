"""llama.cpp by whichever binding is installed: llama-cpp-python, else xllamacpp, which has ready wheels.

Both keep the KV cache of the prompt before and evaluate only what differs from it.
"""

from __future__ import annotations

import secrets
import sys
import threading
from collections.abc import Generator, Sequence
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.prompts import Message

_PROMPT_CACHE_MIB = 96
"""Room for the prefixes of a few other language pairs; the runtime's own default is 8 GiB."""
_STOP_TIMEOUT_S = 30.0
_SIGN_OF_LIFE_S = 0.25


class Runtime(Protocol):
    """A loaded model that answers one prompt at a time."""

    @property
    def device(self) -> str:
        """Where the layers are: `cpu`, `metal`, `cuda:0`."""

    def reply(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """Yield the likeliest answer token by token, whole characters only; closing the iterator cancels.

        Empty pieces may come while nothing else does, so that a caller can cancel a long evaluation.

        :raises EngineFailed: the runtime refused the prompt or broke.
        """

    def close(self) -> None:
        """Free the model. Safe to call more than once."""


def open_runtime(path: Path, context_tokens: int, threads: int) -> Runtime:
    """Load the GGUF file at `path`, on a GPU where the binding has one.

    :raises EngineUnavailable: no binding is installed, or it cannot load the file.
    """
    binding = XllamaRuntime if find_spec("llama_cpp") is None else LlamaCppRuntime
    try:
        return binding(path, context_tokens, threads)
    except ImportError as error:
        raise EngineUnavailable(
            f"llama.cpp is not usable: {error}", "Run: pip install 'claude-narrator[qwen]'"
        ) from None
    except (RuntimeError, ValueError, OSError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EngineUnavailable(
            f"llama.cpp cannot load {path.name}: {reason}", "Check it with `voice models verify`."
        ) from None


class LlamaCppRuntime:
    """llama-cpp-python: pulls token by token in the calling thread."""

    def __init__(self, path: Path, context_tokens: int, threads: int) -> None:
        import llama_cpp

        self.device = _gpu_name() if llama_cpp.llama_supports_gpu_offload() else "cpu"
        self._llama: Any = llama_cpp.Llama(
            str(path),
            n_ctx=context_tokens,
            n_threads=threads,
            n_threads_batch=threads,
            n_gpu_layers=-1,
            verbose=False,
        )

    def reply(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """Yield the answer; see `Runtime`."""
        request = _request(messages, max_tokens)
        try:
            stream = self._llama.create_chat_completion(**request)
            try:
                yield from filter(None, map(_content, stream))
            finally:
                stream.close()
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"llama.cpp could not answer: {error}") from error

    def close(self) -> None:
        """Free the model."""
        llama, self._llama = self._llama, None
        if llama is not None:
            llama.close()


class XllamaRuntime:
    """xllamacpp: llama.cpp's server in this process, called without its network.

    It opens a port on the loopback interface whether one wants it or not; a random key, which nobody is told,
    closes that door. It pushes tokens through a callback, so each answer runs in a thread of its own.
    """

    def __init__(self, path: Path, context_tokens: int, threads: int) -> None:
        import xllamacpp

        gpus = [info for info in xllamacpp.get_device_info() if "GPU" in str(info.get("type", ""))]
        self.device = _gpu_name() if gpus else "cpu"
        self._answer: _Answer | None = None
        self._server: Any = xllamacpp.Server(_parameters(xllamacpp, path, context_tokens, threads))
        self.address: str = self._server.listening_address

    def reply(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """Yield the answer; see `Runtime`."""
        while self._answer is not None and not self._answer.end(_SIGN_OF_LIFE_S):
            yield ""
        answer = self._answer = _Answer(self._server, _request(messages, max_tokens))
        try:
            yield from answer.pieces()
        finally:
            answer.cancelled.set()

    def close(self) -> None:
        """Free the model and the port.

        :raises EngineFailed: a cancelled answer did not end in time.
        """
        if self._answer is not None and not self._answer.end(_STOP_TIMEOUT_S):
            raise EngineFailed(f"llama.cpp did not stop within {_STOP_TIMEOUT_S:.0f} seconds")
        self._answer = self._server = None


class _Answer:
    """One run of the server, in a thread: it ends at the token after `cancelled`, never inside a prompt."""

    def __init__(self, server: Any, request: dict[str, Any]) -> None:
        self._items: SimpleQueue[str | Exception | None] = SimpleQueue()
        self.cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(server, request), daemon=True)
        self._thread.start()

    def pieces(self) -> Generator[str, None, None]:
        """Yield what the server says, and an empty piece whenever it has been silent for a while."""
        item: str | Exception | None = ""
        while isinstance(item, str):
            try:
                item = self._items.get(timeout=_SIGN_OF_LIFE_S)
            except Empty:
                item = ""
            if isinstance(item, str):
                yield item
        if item is not None:
            raise EngineFailed(f"llama.cpp could not answer: {item}")

    def end(self, timeout_s: float) -> bool:
        """Cancel and wait for the end; false when it did not come in time."""
        self.cancelled.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self, server: Any, request: dict[str, Any]) -> None:
        try:
            server.handle_chat_completions(request, self._take)
            self._items.put(None)
        except Exception as error:  # handed to the reader, who raises it as one line
            self._items.put(error)

    def _take(self, chunk: dict[str, Any]) -> bool:
        if "error" in chunk:
            raise RuntimeError(str(chunk["error"]))
        if content := _content(chunk):
            self._items.put(content)
        return self.cancelled.is_set()


def _parameters(xllamacpp: Any, path: Path, context_tokens: int, threads: int) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.api_keys = [secrets.token_urlsafe(32)]
    parameters.cache_ram_mib = _PROMPT_CACHE_MIB
    parameters.n_ctx = context_tokens
    parameters.n_parallel = 1
    parameters.n_gpu_layers = -1
    parameters.n_threads_http = 1
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.verbosity = -1
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.offline = True
    return parameters


def _request(messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    return {"messages": turns, "max_tokens": max_tokens, "temperature": 0.0, "stream": True}


def _content(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")


def _gpu_name() -> str:
    return "metal" if sys.platform == "darwin" else "gpu:0"
