"""The fastest backend that fits is taken, and what cannot be is refused with a figure or a command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.models.engines.nllb_plan import Machine, Plan, fitting, plans, read_shape
from claude_narrator.models.errors import BadInput, EngineUnavailable, ModelMissing

GB = 1_000_000_000
SMALL, LARGE = "nllb-200-distilled-600m", "nllb-200-3.3b"
TRUE_600M = {
    "model_type": "m2m_100",
    "vocab_size": 256206,
    "d_model": 1024,
    "encoder_layers": 12,
    "decoder_layers": 12,
    "encoder_ffn_dim": 4096,
    "decoder_ffn_dim": 4096,
    "max_position_embeddings": 1024,
}
TRUE_3_3B = {**TRUE_600M, "d_model": 2048, "encoder_layers": 24, "decoder_layers": 24}
TRUE_3_3B |= {"encoder_ffn_dim": 8192, "decoder_ffn_dim": 8192}
LINUX = Machine("x86_64", {"cpu": 16 * GB}, has_fbgemm=True)
GPU = Machine("x86_64", {"cpu": 16 * GB, "cuda": 24 * GB}, has_bf16=True, has_fbgemm=True)
OLD_GPU = Machine("x86_64", {"cpu": 16 * GB, "cuda": 24 * GB}, has_fbgemm=True)
ARM = Machine("aarch64", {"cpu": 16 * GB})
MAC = Machine("arm64", {"cpu": 16 * GB, "mps": 10 * GB})


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Path]:
    """The small and the large model, as far as their configuration goes."""
    for name, config in ((SMALL, TRUE_600M), (LARGE, TRUE_3_3B)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
    return {name: tmp_path / name for name in (SMALL, LARGE)}


def _best(models: Mapping[str, Path], machine: Machine, device: str = "auto", backend: str = "auto") -> Plan:
    return fitting(plans(models, machine, device, backend), machine.free_bytes)[0]


def test_the_parameters_are_counted_as_the_papers_do(models: Mapping[str, Path]) -> None:
    assert read_shape(models[SMALL]).parameters == 615_073_792
    assert read_shape(models[LARGE]).parameters == pytest.approx(3.3e9, rel=0.02)


@pytest.mark.parametrize(
    ("machine", "backend", "device", "model"),
    [
        (LINUX, "torch-int8", "cpu", SMALL),
        (Machine("x86_64", {"cpu": 16 * GB}), "ctranslate2-int8", "cpu", SMALL),
        (ARM, "ctranslate2-int8", "cpu", SMALL),
        (MAC, "torch-fp16", "mps", LARGE),
        (GPU, "torch-bf16", "cuda", LARGE),
        (OLD_GPU, "torch-fp16", "cuda", LARGE),
    ],
)
def test_each_machine_gets_its_fastest_backend(
    models: Mapping[str, Path], machine: Machine, backend: str, device: str, model: str
) -> None:
    plan = _best(models, machine)
    assert (plan.backend, plan.device, plan.model) == (backend, device, model)


def test_a_gpu_without_room_for_the_large_model_gets_the_small_one(models: Mapping[str, Path]) -> None:
    narrow = Machine("x86_64", {"cpu": 16 * GB, "cuda": 3 * GB}, has_bf16=True, has_fbgemm=True)
    assert (_best(models, narrow).model, _best(models, narrow).device) == (SMALL, "cuda")


def test_a_gpu_without_room_at_all_leaves_it_to_the_cpu(models: Mapping[str, Path]) -> None:
    full = Machine("x86_64", {"cpu": 16 * GB, "cuda": GB}, has_bf16=True, has_fbgemm=True)
    assert (_best(models, full).backend, _best(models, full).device) == ("torch-int8", "cpu")


def test_a_leaner_backend_is_taken_before_one_is_refused(models: dict[str, Path]) -> None:
    (models[SMALL] / "ctranslate2-int8").mkdir()
    (models[SMALL] / "ctranslate2-int8" / "model.bin").touch()
    assert (
        _best(models, Machine("x86_64", {"cpu": GB * 3 // 2}, has_fbgemm=True)).backend == "ctranslate2-int8"
    )


def test_what_does_not_fit_is_refused_with_the_figures(models: Mapping[str, Path]) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        _best({LARGE: models[LARGE]}, Machine("x86_64", {"cpu": 2 * GB}, has_fbgemm=True))
    assert refused.value.problem == (
        "nllb-200-3.3b needs 5.5 GB of memory as torch-int8 on cpu and 2.0 GB are free"
    )


def test_what_is_asked_for_is_what_is_taken(models: Mapping[str, Path]) -> None:
    assert _best(models, LINUX, backend="ctranslate2-int8").backend == "ctranslate2-int8"
    assert _best(models, GPU, device="cpu").device == "cpu"
    assert _best(models, GPU, backend="torch-int8").device == "cpu"
    assert _best(models, MAC, device="mps", backend="torch-fp32").precision == "fp32"


@pytest.mark.parametrize(
    ("device", "backend", "error", "words"),
    [
        ("gpu", "auto", BadInput, "engines.nllb.device cannot be 'gpu'. It is auto, cpu, cuda or mps"),
        ("auto", "int8", BadInput, "engines.nllb.backend cannot be 'int8'. It is auto, torch-int8"),
        ("cuda", "auto", EngineUnavailable, "device is cuda, and this machine has cpu"),
        ("cpu", "torch-fp16", EngineUnavailable, "cannot be run that way on this machine"),
    ],
)
def test_what_is_asked_for_and_cannot_be_is_refused(
    models: Mapping[str, Path], device: str, backend: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        _best(models, LINUX, device, backend)


def test_a_model_that_is_ctranslate2s_already_runs_there_alone(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(bytes(1000))
    found = plans({"own": tmp_path}, GPU, "auto", "auto")
    assert [(plan.backend, plan.device) for plan in found] == [("ctranslate2-int8", "cpu")]


@pytest.mark.parametrize(
    ("config", "error", "words"),
    [
        (None, ModelMissing, "config.json is not here. Run: voice models pull nllb-200-x"),
        ("{", EngineUnavailable, "describes no NLLB-200 model"),
        ("[]", EngineUnavailable, "describes no NLLB-200 model"),
        ('{"model_type": "qwen2"}', EngineUnavailable, "its model_type is 'qwen2', not 'm2m_100'"),
        ('{"model_type": "m2m_100"}', EngineUnavailable, "describes no NLLB-200 model: 'd_model'"),
    ],
)
def test_a_configuration_that_is_not_nllbs_is_refused_in_one_line(
    tmp_path: Path, config: Any, error: type[Exception], words: str
) -> None:
    folder = tmp_path / "nllb-200-x"
    folder.mkdir()
    if config is not None:
        (folder / "config.json").write_text(config)
    with pytest.raises(error, match=words) as refused:
        read_shape(folder)
    assert "\n" not in str(refused.value)
