"""The best model that fits is loaded, on the GPU as far as it has room; what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.models.engines.gguf import read_facts
from claude_narrator.models.engines.llama_devices import Gpu
from claude_narrator.models.engines.qwen_plan import (
    Candidate,
    Machine,
    choose,
    gpu_bytes,
    memory_bytes,
    read_gpu_layers,
)
from claude_narrator.models.errors import BadInput, EngineUnavailable
from tests.models.engines.tiny_gguf import QWEN_7B, QWEN_72B, Shape, write_head

GB = 10**9
CODER = Shape(28, 1536, 12, 2, 8960, 151936)
LARGE, MIDDLE, SMALL = "qwen2.5-72b-q4", "qwen2.5-7b-q4", "qwen2.5-coder-1.5b"
SIZES = {LARGE: (QWEN_72B, 47_415_715_488), MIDDLE: (QWEN_7B, 4_683_074_240), SMALL: (CODER, 1_117_320_768)}


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[Candidate]:
    """The models at their true sizes, best first; the files take no room."""
    folder = tmp_path_factory.mktemp("heads")
    paths = {model: write_head(folder / f"{model}.gguf", *size) for model, size in SIZES.items()}
    return [Candidate(model, path, read_facts(path)) for model, path in paths.items()]


def cuda(free_gb: float | None) -> Gpu:
    return Gpu("cuda:0", None if free_gb is None else int(free_gb * GB), shares_memory=False)


@pytest.mark.parametrize(
    ("free_gb", "gpu", "model", "device"),
    [
        (100, None, LARGE, "cpu"),
        (32, None, MIDDLE, "cpu"),
        (4, None, SMALL, "cpu"),
        (64, cuda(80), LARGE, "cuda:0"),
        (64, cuda(24), LARGE, "cuda:0 (44 of 80 layers), cpu"),
        (16, cuda(24), MIDDLE, "cuda:0"),
        (16, cuda(4), MIDDLE, "cuda:0 (21 of 28 layers), cpu"),
        (16, cuda(0.5), MIDDLE, "cpu"),
        (3, cuda(24), MIDDLE, "cuda:0"),
        (16, cuda(None), MIDDLE, "cuda:0"),
        (40, Gpu("metal", 30 * GB, shares_memory=True), MIDDLE, "metal"),
        (64, Gpu("metal", 40 * GB, shares_memory=True), LARGE, "metal (76 of 80 layers), cpu"),
        (64, Gpu("metal", 56 * GB, shares_memory=True), LARGE, "metal"),
        (6, Gpu("metal", 4 * GB, shares_memory=True), MIDDLE, "metal (21 of 28 layers), cpu"),
    ],
)
def test_the_best_model_that_fits_is_loaded_on_the_gpu_as_far_as_there_is_room(
    every: list[Candidate], free_gb: int, gpu: Gpu | None, model: str, device: str
) -> None:
    plan = choose(every, Machine(free_gb * GB, gpu), None, "hint")
    assert (plan.model, plan.device, plan.precision) == (model, device, "q4_k_m")
    facts = next(each.facts for each in every if each.model == model)
    assert memory_bytes(facts, plan.gpu_layers, gpu) <= free_gb * GB
    if gpu is not None and gpu.free_bytes is not None:
        assert gpu_bytes(facts, plan.gpu_layers) <= gpu.free_bytes


def test_what_does_not_fit_is_refused_with_the_figures_and_what_to_do(every: list[Candidate]) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        choose(every[:1], Machine(32 * GB), None, "Take a smaller one.")
    assert str(caught.value) == (
        "qwen2.5-72b-q4 needs 50.1 GB of memory and 32.0 GB are free. Take a smaller one."
    )
    with pytest.raises(
        EngineUnavailable, match=r"qwen2\.5-coder-1\.5b needs 1\.\d GB .* and 1\.0 GB are free"
    ):
        choose(every, Machine(GB), None, "")


def test_so_many_layers_as_are_asked_for_go_to_the_gpu_or_it_is_refused(every: list[Candidate]) -> None:
    middle = every[1:2]
    assert choose(middle, Machine(16 * GB, cuda(24)), 10, "").gpu_layers == 10
    assert choose(middle, Machine(16 * GB, cuda(24)), 99, "").gpu_layers == 28
    assert choose(middle, Machine(16 * GB, cuda(24)), 0, "").device == "cpu"
    with pytest.raises(
        EngineUnavailable, match=r"needs 5\.9 GB of cuda:0 with 28 of 28 layers on a GPU and 4\.0"
    ):
        choose(middle, Machine(16 * GB, cuda(4)), 28, "")
    with pytest.raises(EngineUnavailable) as caught:
        choose(every, Machine(16 * GB), 5, "Close other programs.")
    assert str(caught.value) == (
        "engines.qwen.gpu_layers is 5, and llama.cpp has no GPU here. "
        "Run: voice settings set engines.qwen.gpu_layers auto"
    )


def test_layers_on_a_gpu_of_its_own_are_taken_off_the_machine_s_memory(every: list[Candidate]) -> None:
    facts = every[0].facts
    assert memory_bytes(facts, 0, cuda(24)) - memory_bytes(facts, 40, cuda(24)) > 20 * GB
    assert memory_bytes(facts, 40, Gpu("metal", 0, shares_memory=True)) >= memory_bytes(facts, 0, None)


@pytest.mark.parametrize(("text", "layers"), [("auto", None), ("", None), ("0", 0), ("20", 20)])
def test_gpu_layers_are_a_number_or_auto(text: str, layers: int | None) -> None:
    assert read_gpu_layers(text) == layers


@pytest.mark.parametrize("text", ["-1", "all", "1.5", "9" * 9, "١"])
def test_other_gpu_layers_are_refused_in_a_line(text: str) -> None:
    with pytest.raises(BadInput, match=r"engines\.qwen\.gpu_layers is .*Write auto, or a number"):
        read_gpu_layers(text)


def test_a_true_sized_head_takes_no_room_on_the_disk(tmp_path: Path) -> None:
    path = write_head(tmp_path / "head.gguf", *SIZES[LARGE])
    assert path.stat().st_blocks * 512 < 10_000_000
