"""llama_server against the real HTTP server of llama.cpp, with real weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.llama_runtimes import RuntimeOptions, server_parameters
from claude_narrator.models.engines.llama_server import LlamaServer
from claude_narrator.models.errors import EngineUnavailable
from claude_narrator.models.types import Language
from tests.models_home import ensure

pytestmark = pytest.mark.models
EN, JA = Language("en"), Language("ja")
MODEL = "qwen2.5-coder-1.5b"
KEY = "only-for-this-test"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    import xllamacpp

    (weights,) = (ensure(MODEL) / MODEL).glob("*.gguf")
    parameters = server_parameters(xllamacpp, weights, RuntimeOptions())
    parameters.api_keys = [KEY]
    parameters.n_threads_http = 2
    return xllamacpp.Server(parameters)


def test_llama_cpps_own_server_translates_and_stops_when_it_is_hung_up_on(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_KEY", KEY)
    engine = LlamaServer()
    engine.load(EngineContext(options={"url": server.listening_address, "key_variable": "LLAMA_KEY"}))
    assert "".join(engine.translate("", EN, JA)) == ""
    with closing(engine.translate("I pushed the fix, and then I went on. " * 3, EN, JA)) as pieces:  # type: ignore[type-var]
        next(filter(None, pieces))
    pieces_of = [piece for piece in engine.translate("The build finished.", EN, JA) if piece]
    assert len(pieces_of) > 1
    assert "ビルド" in "".join(pieces_of)


def test_llama_cpps_own_server_refuses_who_has_no_key(server: Any) -> None:
    with pytest.raises(EngineUnavailable, match=r"wants another key \(status 401\)"):
        LlamaServer().load(EngineContext(options={"url": server.listening_address}))
