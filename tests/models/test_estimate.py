"""What an engine will take is known from its files before it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.models.declaration import ByModel, Declaration
from claude_narrator.models.estimate import needs_of, with_model
from claude_narrator.models.registry import EngineRecord, EngineStatus

MB = 10**6
SIZES = {"big": 3000, "small": 1000, "shared": 200}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name, size in SIZES.items():
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "config.json").write_bytes(b"x" * 10)
        (tmp_path / name / "deep" / "weights").write_bytes(b"x" * (size - 10))
    return tmp_path


def _needs(
    models: Path, *groups: tuple[str, ...], here: tuple[str, ...] = tuple(SIZES), **options: str
) -> tuple[int, ...]:
    declaration = Declaration("translator", models=groups, memory_mb=7)
    record = EngineRecord("x", "", declaration, EngineStatus.READY, options=options, models=here)
    return needs_of(record, lambda model: models / model)


def test_an_engine_takes_its_files_and_what_it_declares_beside_them(models: Path) -> None:
    assert _needs(models) == (7 * MB,)
    assert _needs(models, ("big",), ("shared",)) == (7 * MB + 3200,)


def test_of_several_models_any_one_will_do_in_the_engines_order(models: Path) -> None:
    assert _needs(models, ("big", "small"), ("shared",)) == (7 * MB + 3200, 7 * MB + 1200)
    assert _needs(models, ("big", "small"), here=("small",)) == (7 * MB + 1000,)


def test_the_model_that_the_user_named_is_the_one(models: Path) -> None:
    assert _needs(models, ("big", "small"), model="small") == (7 * MB + 1000,)
    assert _needs(models, ("big", "small"), model="auto") == (7 * MB + 3000, 7 * MB + 1000)


def test_a_folder_of_the_users_own_takes_their_place(models: Path) -> None:
    assert _needs(models, ("big",), model_folder=str(models / "shared")) == (7 * MB + 200,)
    assert _needs(models, ("big",), model_folder="/nonexistent") == (7 * MB,)


@pytest.mark.parametrize(
    ("limit", "options", "here", "quality", "gpus"),
    [
        (9000, {}, ("big", "small"), 60, ("cuda",)),
        (2000, {}, ("big", "small"), 5, ()),
        (100, {}, ("big", "small"), 5, ()),
        (9000, {"model": "small"}, ("big", "small"), 5, ()),
        (9000, {}, ("small",), 5, ()),
        (9000, {"model_folder": "/x"}, ("big", "small"), 7, ()),
    ],
)
def test_what_is_declared_for_the_model_that_will_be_loaded_holds(
    models: Path,
    limit: int,
    options: dict[str, str],
    here: tuple[str, ...],
    quality: int,
    gpus: tuple[str, ...],
) -> None:
    by_model = {"big": ByModel(60, ("cuda",)), "small": ByModel(quality=5)}
    declaration = Declaration(
        "translator", models=(("big", "small"),), memory_mb=0, quality=7, by_model=by_model
    )
    record = EngineRecord("x", "", declaration, EngineStatus.READY, options=options, models=here)
    now = with_model(record, needs_of(record, lambda model: models / model), limit).declaration
    assert (now.quality, now.gpus) == (quality, gpus)
