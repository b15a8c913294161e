"""llama.cpp by whichever binding is installed: llama-cpp-python, else xllamacpp, which has ready wheels.

Both keep the KV cache of the prompt before and evaluate only what differs from it, and keep aside the prompts
of a few other language pairs: xllamacpp in its prompt cache, llama-cpp-python as states that are put back.
"""

from __future__ import annotations

import platform
import secrets
import threading
from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.extras import install_command
from claude_narrator.models.prompts import Message

_KEPT_PROMPTS = 3
_EVERY_LAYER = 9999
_X86 = ("x86_64", "amd64")
_STOP_TIMEOUT_S = 30.0
_SIGN_OF_LIFE_S = 0.25


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """How a model is loaded: `gpu_layers` None means every layer, and the output with them.

    `prompt_cache_bytes` is the room for the prompts of other language pairs.
    """

    context_tokens: int = 4096
    threads: int = 1
    gpu_layers: int | None = 0
    prompt_cache_bytes: int = 100_000_000


class Runtime(Protocol):
    """A loaded model that answers one prompt at a time."""

    def reply(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """Yield the likeliest answer token by token, whole characters only; closing the iterator cancels.

        Empty pieces may come while nothing else does, so that a caller can cancel a long evaluation.

        :raises EngineFailed: the runtime refused the prompt or broke.
        """

    def close(self) -> None:
        """Free the model. Safe to call more than once."""


def open_runtime(path: Path, options: RuntimeOptions) -> Runtime:
    """Load the GGUF file at `path`.

    :raises EngineUnavailable: no binding is installed, or it cannot load the file.
    """
    binding = XllamaRuntime if find_spec("llama_cpp") is None else LlamaCppRuntime
    try:
        return binding(path, options)
    except ImportError as error:
        raise not_usable(error) from None
    except (RuntimeError, ValueError, OSError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EngineUnavailable(
            f"llama.cpp cannot load {path.name}: {reason}", "Check it with `voice models verify`."
        ) from None


def not_usable(error: ImportError) -> EngineUnavailable:
    """Return the error for a binding that is missing or broken."""
    return EngineUnavailable(f"llama.cpp is not usable: {error}", f"Run: {install_command('qwen')}")


class LlamaCppRuntime:
    """llama-cpp-python: pulls token by token in the calling thread."""

    def __init__(self, path: Path, options: RuntimeOptions) -> None:
        import llama_cpp

        self._prefix: tuple[Message, ...] = ()
        self._states: OrderedDict[tuple[Message, ...], Any] = OrderedDict()
        self._llama: Any = llama_cpp.Llama(
            str(path),
            n_ctx=options.context_tokens,
            n_threads=options.threads,
            n_threads_batch=options.threads,
            n_gpu_layers=-1 if options.gpu_layers is None else options.gpu_layers,
            verbose=False,
        )

    def reply(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """Yield the answer; see `Runtime`."""
        request = _request(messages, max_tokens)
        try:
            self._put_back(tuple(messages[:-1]))
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
        self._states.clear()
        if llama is not None:
            llama.close()

    def _put_back(self, prefix: tuple[Message, ...]) -> None:
        """Exchange the state of one language pair for another's: cheaper than 100 tokens of a prompt.

        What goes on where the last prompt was left is none of another pair's.
        """
        if prefix[: len(self._prefix)] == self._prefix:
            self._prefix = prefix
            return
        self._states[self._prefix] = self._llama.save_state()
        while len(self._states) > _KEPT_PROMPTS:
            self._states.popitem(last=False)
        if (state := self._states.pop(prefix, None)) is not None:
            self._llama.load_state(state)
        self._prefix = prefix


class XllamaRuntime:
    """xllamacpp: llama.cpp's server in this process, called without its network.

    It opens a port on the loopback interface whether one wants it or not; a random key, which nobody is told,
    closes that door. It pushes tokens through a callback, so each answer runs in a thread of its own.
    """

    def __init__(self, path: Path, options: RuntimeOptions) -> None:
        import xllamacpp

        self._answer: _Answer | None = None
        self._server: Any = xllamacpp.Server(server_parameters(xllamacpp, path, options))
        self.address: str = self._server.listening_address
        self._server.handle_metrics()  # answered once its loop runs; closed before that it would hang

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


def server_parameters(xllamacpp: Any, path: Path, options: RuntimeOptions) -> Any:
    """Return what xllamacpp's server is started with.

    Weights for the CPU lie in memory once. On x86-64 they stay mapped from their file: the wheel's kernels
    for repacked ones are slower there (13 % with AVX2, measured). Elsewhere they are repacked while read.
    """
    parameters = xllamacpp.CommonParams()
    if platform.machine().lower() in _X86:
        parameters.no_extra_bufts = True
    elif options.gpu_layers == 0:
        parameters.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    parameters.model.path = str(path)
    parameters.api_keys = [secrets.token_urlsafe(32)]
    parameters.cache_ram_mib = -(-options.prompt_cache_bytes // (1 << 20))
    parameters.n_ctx = options.context_tokens
    parameters.n_parallel = 1
    parameters.n_gpu_layers = _EVERY_LAYER if options.gpu_layers is None else options.gpu_layers
    parameters.fit_params = False
    parameters.n_threads_http = 1
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    parameters.verbosity = -1
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.endpoint_metrics = True
    parameters.offline = True
    return parameters


def _request(messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    return {"messages": turns, "max_tokens": max_tokens, "temperature": 0.0, "stream": True}


def _content(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")
