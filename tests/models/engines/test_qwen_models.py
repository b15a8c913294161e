"""Qwen's engine over real files for llama.cpp, small ones of the same architecture as the large models."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import qwen as module
from claude_narrator.models.engines.llama_runtimes import XllamaRuntime
from claude_narrator.models.engines.qwen import Qwen
from claude_narrator.models.errors import BadInput, EngineUnavailable, ModelMissing
from claude_narrator.models.host import EngineHost, EngineSpec
from claude_narrator.models.prompts import Message, translation_prompt
from claude_narrator.models.types import Hints, Language
from tests.models.engines.tiny_gguf import QWEN_7B, QWEN_72B, small, write_head, write_model

EN, IT = map(Language, ("en", "it"))
RU, KO = map(Language, ("ru", "ko"))
"""Without examples: the tiny models have a token a letter, and room for prompts by the word."""
LARGE, MIDDLE, LESSER, SMALL = "qwen2.5-72b-q4", "qwen2.5-7b-q4", "qwen2.5-7b-q3", "qwen2.5-coder-1.5b"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of each kind that says a letter of its own; the largest comes in parts."""
    folder = tmp_path_factory.mktemp("models")
    folders = {model: folder / model for model in (LARGE, MIDDLE, SMALL)}
    for each in folders.values():
        each.mkdir()
    write_model(folders[LARGE] / "large.gguf", small(QWEN_72B), says="l", parts=3)
    write_model(folders[MIDDLE] / "middle.gguf", small(QWEN_7B), says="m")
    write_model(folders[SMALL] / "small.gguf", small(QWEN_7B), says="s")
    return folders


@pytest.fixture
def qwen() -> Iterator[Qwen]:
    engine = Qwen()
    yield engine
    engine.close()


def said(engine: Qwen, text: str = "Done.") -> str:
    with closing(engine.translate(text, EN, IT)) as pieces:  # type: ignore[type-var]
        return "".join(itertools.islice(filter(None, pieces), 5))


@pytest.mark.parametrize(("model", "letter"), [("auto", "l"), (LARGE, "l"), (MIDDLE, "m"), (SMALL, "s")])
def test_the_model_that_is_named_runs_and_auto_means_the_best_that_is_here(
    qwen: Qwen, files: dict[str, Path], model: str, letter: str
) -> None:
    loaded = qwen.load(EngineContext(files, options={"model": model, "gpu_layers": "0"}))
    named = LARGE if model == "auto" else model
    assert (loaded.device, loaded.precision) == ("cpu", f"f32 ({named})")
    assert said(qwen) == 5 * letter


def test_auto_takes_a_smaller_one_where_memory_is_short(qwen: Qwen, files: dict[str, Path]) -> None:
    context = EngineContext(files, options={"gpu_layers": "0"})
    with pytest.raises(EngineUnavailable, match=rf"{SMALL} needs 0\.1 GB of memory and 0\.0 GB are free"):
        qwen.load(EngineContext(files, options={"gpu_layers": "0"}, memory_bytes=1000))
    needs = {model: module._candidates((model,), context)[0].facts for model in files}
    limit = module.CONTEXT_TOKENS * (needs[LARGE].kv_bytes_per_token + needs[MIDDLE].kv_bytes_per_token)
    allowed = limit // 2 + 75_000_000
    loaded = qwen.load(EngineContext(files, options={"gpu_layers": "0"}, memory_bytes=allowed))
    assert loaded.precision == f"f32 ({MIDDLE})"


def test_true_sizes_are_refused_with_the_figure_and_the_next_smaller_model(
    qwen: Qwen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "available_memory_bytes", lambda allowed_bytes: 3 * 10**9)
    monkeypatch.setattr(module, "find_gpu", lambda: None)
    write_head(tmp_path / "head.gguf", QWEN_7B, 4_683_074_240)
    with pytest.raises(EngineUnavailable) as caught:
        qwen.load(EngineContext({MIDDLE: tmp_path}))
    assert str(caught.value) == (
        "qwen2.5-7b-q4 needs 5.3 GB of memory and 3.0 GB are free. "
        "Take a smaller one: voice models pull qwen2.5-7b-q3"
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "qwen3"}, r"engines\.qwen\.model is 'qwen3'\. Write auto, or one of qwen2\.5-72b-q4, "),
        ({"gpu_layers": "many"}, r"engines\.qwen\.gpu_layers is 'many'\. Write auto, or a number"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line(
    qwen: Qwen, files: dict[str, Path], options: dict[str, str], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        qwen.load(EngineContext(files, options=options))


def test_a_model_that_is_named_and_not_here_is_not_replaced_by_another(
    qwen: Qwen, files: dict[str, Path]
) -> None:
    with pytest.raises(ModelMissing, match=f"voice models pull {LESSER}"):
        qwen.load(EngineContext(files, options={"model": LESSER}))


def test_a_missing_part_is_named_before_llama_cpp_sees_the_file(qwen: Qwen, tmp_path: Path) -> None:
    write_model(tmp_path / "large.gguf", small(QWEN_72B), parts=2)
    (tmp_path / "large-00002-of-00002.gguf").unlink()
    with pytest.raises(EngineUnavailable, match=r"large-00002-of-00002\.gguf"):
        qwen.load(EngineContext({LARGE: tmp_path}))


def test_the_prefix_of_every_pair_stays_evaluated_whatever_is_told_of_a_sentence(
    qwen: Qwen, files: dict[str, Path]
) -> None:
    qwen.load(EngineContext({MIDDLE: files[MIDDLE]}, options={"gpu_layers": "0"}))
    runtime = qwen._runtime
    assert isinstance(runtime, XllamaRuntime)
    for target in (RU, KO):
        list(qwen.translate("", EN, target))
    hints = Hints({"worker": "x"}, ("The worker died.", "It left a lock."))
    for target in (RU, KO, RU, KO):
        messages = translation_prompt("It is a worker.", EN, target, hints)
        evaluated, kept = prompt_tokens(runtime, messages)
        assert kept >= sum(len(message.content) for message in messages[:-1])
        assert evaluated <= len(messages[-1].content) + 20


def prompt_tokens(runtime: XllamaRuntime, messages: tuple[Message, ...]) -> tuple[int, int]:
    """How many tokens of a prompt had to be evaluated, and how many were there still."""
    chunks: list[dict[str, Any]] = []

    def take(chunk: dict[str, Any]) -> bool:
        chunks.append(chunk)
        return False

    turns = [{"role": message.role, "content": message.content} for message in messages]
    runtime._server.handle_chat_completions({"messages": turns, "max_tokens": 1, "stream": True}, take)
    timings = next(chunk["timings"] for chunk in reversed(chunks) if "timings" in chunk)
    return timings["prompt_n"], timings["cache_n"]


def test_a_model_that_was_never_asked_is_freed_at_once(files: dict[str, Path]) -> None:
    """In a process of its own, which would be stuck whole."""
    open_and_close = (
        "import sys; from pathlib import Path\n"
        "from claude_narrator.models.engines.llama_runtimes import RuntimeOptions, XllamaRuntime\n"
        "for _ in range(5): XllamaRuntime(Path(sys.argv[1]), RuntimeOptions()).close()\n"
    )
    path = files[MIDDLE] / "middle.gguf"
    done = subprocess.run([sys.executable, "-c", open_and_close, path], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_cancelled_answer_ends_and_the_next_is_whole(qwen: Qwen, files: dict[str, Path]) -> None:
    qwen.load(EngineContext({MIDDLE: files[MIDDLE]}, options={"gpu_layers": "0"}))
    with closing(qwen.translate("word " * 250, EN, IT)) as pieces:  # type: ignore[type-var]
        next(filter(None, pieces))
    assert said(qwen) == "mmmmm"


@pytest.mark.anyio
async def test_an_option_that_makes_no_sense_is_told_by_the_worker_as_it_is() -> None:
    spec = EngineSpec("qwen", "claude_narrator.models.engines.qwen:Qwen", options={"gpu_layers": "all"})
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            host = EngineHost(spec, tasks)
            with pytest.raises(BadInput, match=r"engines\.qwen\.gpu_layers is 'all'"):
                await host.load()
            await host.close()
