"""Both bindings of llama.cpp answer through one interface; theirs are stood in for by small modules."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from claude_narrator.models.engines.llama_runtimes import (
    LlamaCppRuntime,
    Runtime,
    RuntimeOptions,
    XllamaRuntime,
    open_runtime,
)
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.prompts import Message

QUESTION = (Message("system", "Translate."), Message("user", "Done."))
WEIGHTS = Path("weights.gguf")
OPTIONS = RuntimeOptions(2048, 3, gpu_layers=5, prompt_cache_bytes=50 << 20)


def chunk(content: str | None) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": content}}]}


ENDLESS = 10**9
"""Pieces: more than any test waits for."""


class Script:
    """What the fake model answers, and what was seen of it."""

    def __init__(self) -> None:
        self.chunks: Iterable[dict[str, Any]] = [chunk(None), chunk("終"), chunk("わり"), {"choices": []}]
        self.refusal: Exception | None = None
        self.requests: list[dict[str, Any]] = []
        self.parameters: Any = None
        self.put_back: list[str] = []
        self.given = 0
        self.gate = threading.Event()
        self.gate.set()
        self.ended = threading.Event()


def llama_cpp_module(script: Script) -> ModuleType:
    class Llama:
        def __init__(self, model_path: str, **options: Any) -> None:
            script.parameters = {"model_path": model_path, **options}
            if script.refusal:
                raise script.refusal

        def create_chat_completion(self, **request: Any) -> Iterator[dict[str, Any]]:
            script.requests.append(request)
            try:
                for piece in script.chunks:
                    script.given += 1
                    yield piece
            finally:
                script.ended.set()

        def save_state(self) -> str:
            return f"state after {len(script.requests)}"

        def load_state(self, state: str) -> None:
            script.put_back.append(state)

        def close(self) -> None:
            script.gate.clear()

    module = ModuleType("llama_cpp")
    module.Llama = Llama  # type: ignore[attr-defined]
    return module


def xllamacpp_module(script: Script) -> ModuleType:
    class Server:
        def __init__(self, parameters: Any) -> None:
            script.parameters = parameters
            if script.refusal:
                raise script.refusal
            self.listening_address = "http://127.0.0.1:1"

        def handle_metrics(self) -> str:
            assert script.parameters.endpoint_metrics
            return "llamacpp:prompt_tokens_total 0"

        def handle_chat_completions(
            self, request: dict[str, Any], take: Callable[[dict[str, Any]], bool]
        ) -> None:
            script.requests.append(request)
            for piece in script.chunks:
                assert script.gate.wait(5)
                script.given += 1
                if take(piece):
                    break
            script.ended.set()

    def parameters() -> SimpleNamespace:
        names = ("model", "cpuparams", "cpuparams_batch")
        return SimpleNamespace(**{name: SimpleNamespace() for name in names})

    module = ModuleType("xllamacpp")
    module.Server, module.CommonParams = Server, parameters  # type: ignore[attr-defined]
    load_mode = SimpleNamespace(LLAMA_LOAD_MODE_NONE="no map")
    module.llama_load_mode = load_mode  # type: ignore[attr-defined]
    return module


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture(params=["llama_cpp", "xllamacpp"])
def runtime(request: pytest.FixtureRequest, script: Script, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    if request.param == "llama_cpp":
        monkeypatch.setitem(sys.modules, "llama_cpp", llama_cpp_module(script))
        return LlamaCppRuntime(WEIGHTS, OPTIONS)
    monkeypatch.setitem(sys.modules, "xllamacpp", xllamacpp_module(script))
    return XllamaRuntime(WEIGHTS, OPTIONS)


def test_an_answer_comes_piece_by_piece_and_empty_chunks_are_left_out(
    runtime: Runtime, script: Script
) -> None:
    assert list(filter(None, runtime.reply(QUESTION, 7))) == ["終", "わり"]
    (request,) = script.requests
    assert request["messages"] == [
        {"role": "system", "content": "Translate."},
        {"role": "user", "content": "Done."},
    ]
    assert (request["max_tokens"], request["temperature"], request["stream"]) == (7, 0.0, True)


def test_an_answer_closed_early_stops_and_the_next_one_is_whole(runtime: Runtime, script: Script) -> None:
    script.chunks = itertools.repeat(chunk("あ"), ENDLESS)
    answer = runtime.reply(QUESTION, 7)
    next(filter(None, answer))
    answer.close()  # type: ignore[attr-defined]
    script.chunks, closed = [chunk("終"), chunk("わり")], script.given
    assert "".join(runtime.reply(QUESTION, 7)) == "終わり"
    assert closed < ENDLESS
    runtime.close()
    runtime.close()


def test_an_answer_closed_early_stops_though_nothing_more_is_asked(runtime: Runtime, script: Script) -> None:
    script.chunks = itertools.repeat(chunk("あ"), ENDLESS)
    answer = runtime.reply(QUESTION, 7)
    next(filter(None, answer))
    assert not script.ended.is_set()
    answer.close()  # type: ignore[attr-defined]
    try:
        assert script.ended.wait(10)
    finally:
        runtime.close()


def test_a_refused_prompt_is_one_line(runtime: Runtime, script: Script) -> None:
    class Refusing:
        def __iter__(self) -> Iterator[dict[str, Any]]:
            raise ValueError("the prompt is too long")

    script.chunks = Refusing()  # type: ignore[assignment]
    with pytest.raises(EngineFailed, match="the prompt is too long"):
        list(runtime.reply(QUESTION, 7))


def test_signs_of_life_come_while_the_prompt_is_evaluated(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", xllamacpp_module(script))
    runtime = XllamaRuntime(WEIGHTS, OPTIONS)
    script.gate.clear()
    answer = runtime.reply(QUESTION, 7)
    assert next(answer) == ""
    answer.close()
    after = runtime.reply(QUESTION, 7)
    assert next(after) == ""
    script.gate.set()
    assert "".join(after) == "終わり"


def test_every_xllamacpp_port_has_its_own_key(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", xllamacpp_module(script))
    keys = []
    for _ in range(2):
        XllamaRuntime(WEIGHTS, OPTIONS)
        keys += script.parameters.api_keys
    assert len({*keys}) == 2
    assert min(map(len, keys)) >= 32
    assert script.parameters.cache_ram_mib == 50
    assert script.parameters.cpuparams.n_threads == script.parameters.cpuparams_batch.n_threads == 3


@pytest.mark.parametrize(("wanted", "given"), [(None, 9999), (5, 5), (0, 0)])
def test_as_many_layers_as_are_wanted_go_to_the_gpu(
    wanted: int | None, given: int, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RuntimeOptions(gpu_layers=wanted)
    monkeypatch.setitem(sys.modules, "xllamacpp", xllamacpp_module(script))
    XllamaRuntime(WEIGHTS, options)
    assert (script.parameters.n_gpu_layers, script.parameters.fit_params) == (given, False)
    monkeypatch.setitem(sys.modules, "llama_cpp", llama_cpp_module(script))
    LlamaCppRuntime(WEIGHTS, options)
    assert script.parameters["n_gpu_layers"] == (-1 if wanted is None else wanted)


@pytest.mark.parametrize(
    ("machine", "layers", "repacked", "mapped"),
    [("x86_64", 0, False, True), ("aarch64", 0, True, False), ("arm64", None, True, True)],
)
def test_weights_for_the_cpu_lie_in_memory_once(
    machine: str,
    layers: int | None,
    repacked: bool,
    mapped: bool,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setitem(sys.modules, "xllamacpp", xllamacpp_module(script))
    XllamaRuntime(WEIGHTS, RuntimeOptions(gpu_layers=layers))
    assert hasattr(script.parameters, "no_extra_bufts") is not repacked
    assert hasattr(script.parameters, "load_mode") is not mapped


def test_llama_cpp_python_puts_back_the_prompt_of_a_language_pair_when_it_returns(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", llama_cpp_module(script))
    runtime = LlamaCppRuntime(WEIGHTS, OPTIONS)
    for pair in ("en-ja", "en-ja", "en-de", "en-ja", "en-fr", "en-de"):
        list(runtime.reply((Message("system", pair), Message("user", "Done.")), 7))
    assert script.put_back == ["state after 2", "state after 3"]
    for pair in ("1", "2", "3", "4", "en-de"):
        list(runtime.reply((Message("system", pair), Message("user", "Done.")), 7))
    assert len(script.put_back) == 2


@pytest.mark.parametrize("module", [llama_cpp_module, xllamacpp_module])
def test_weights_that_the_binding_refuses_give_one_line(
    module: Callable[[Script], ModuleType], script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = module(script)
    fake.__spec__ = SimpleNamespace()  # type: ignore[assignment]
    script.refusal = RuntimeError("failed to load model\nat llama.cpp:123")
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    with pytest.raises(EngineUnavailable, match=r"cannot load weights\.gguf: failed to load model") as caught:
        open_runtime(WEIGHTS, OPTIONS)
    assert "\n" not in str(caught.value)


def test_no_binding_at_all_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'claude-narrator\[qwen\]'"):
        open_runtime(WEIGHTS, OPTIONS)
