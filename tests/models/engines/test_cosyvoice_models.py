"""Which CosyVoice model is chosen, and that no folder is run that nobody vouches for."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.models.engines import cosyvoice_models
from claude_narrator.models.engines.cosyvoice_models import GENERATION, choose_model
from claude_narrator.models.errors import EngineUnavailable, ModelCorrupt, ModelMissing
from tests.models.samples import file_of, model_of

WITH_SOURCE, WITHOUT = (1, 2, 3), (1, 2)


def _folder(path: Path, generation: int) -> Path:
    """A folder with every file, which hold nothing of use."""
    blank = path / "CosyVoice-BlankEN"
    blank.mkdir(parents=True)
    yaml = "cosyvoice.yaml" if generation == 1 else f"cosyvoice{generation}.yaml"
    tokenizer = f"speech_tokenizer_v{generation}.onnx"
    for name in (yaml, "llm.pt", "flow.pt", "hift.pt", "campplus.onnx", tokenizer):
        (path / name).write_bytes(name.encode())
    for name in ("config.json", "vocab.json", "merges.txt"):
        (blank / name).write_text("{}", encoding="utf-8")
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A folder for every model; the catalog knows the YAML files that lie in them."""
    yaml = cosyvoice_models.YAML
    entries = {
        name: model_of(file_of(yaml[generation].encode(), "hub:a/b/c", name=yaml[generation]), model_id=name)
        for name, generation in GENERATION.items()
    }
    monkeypatch.setattr(cosyvoice_models, "find_model", entries.__getitem__)
    return {name: _folder(tmp_path / name, generation) for name, generation in GENERATION.items()}


def _chosen(
    files: dict[str, Path], runnable: tuple[int, ...] = WITHOUT, *, on_gpu: bool = False, **options: str
) -> str:
    return choose_model(files, options, runnable, on_gpu=on_gpu).name


def test_a_gpu_gets_the_newest_model_and_a_cpu_the_one_that_costs_less(here: dict[str, Path]) -> None:
    assert _chosen(here, WITH_SOURCE, on_gpu=True) == "fun-cosyvoice3-0.5b"
    assert _chosen(here, WITH_SOURCE) == "cosyvoice2-0.5b"
    assert _chosen(here, WITHOUT, on_gpu=True) == "cosyvoice2-0.5b"
    assert _chosen({"cosyvoice-300m-sft": here["cosyvoice-300m-sft"]}) == "cosyvoice-300m-sft"


def test_an_option_names_the_model(here: dict[str, Path]) -> None:
    assert _chosen(here, model="cosyvoice-300m-instruct") == "cosyvoice-300m-instruct"
    with pytest.raises(EngineUnavailable, match=r"engines\.cosyvoice\.model cannot be 'tiny'"):
        _chosen(here, model="tiny")
    with pytest.raises(ModelMissing, match=r"voice models pull cosyvoice2-0\.5b"):
        _chosen({}, model="cosyvoice2-0.5b")
    with pytest.raises(ModelMissing, match=r"voice models pull cosyvoice2-0\.5b"):
        _chosen({})


def test_the_third_generation_without_upstreams_code_is_refused_with_what_to_do(
    here: dict[str, Path],
) -> None:
    with pytest.raises(EngineUnavailable, match=r"engines\.cosyvoice\.source"):
        _chosen({"fun-cosyvoice3-0.5b": here["fun-cosyvoice3-0.5b"]})


def test_a_model_that_does_not_fit_into_memory_is_refused_with_the_figure(here: dict[str, Path]) -> None:
    with (here["cosyvoice2-0.5b"] / "llm.pt").open("wb") as file:
        file.truncate(1 << 42)
    assert _chosen(here) == "cosyvoice-300m-sft"
    with pytest.raises(EngineUnavailable, match=r"needs 5497\.6 GB of memory and"):
        _chosen({"cosyvoice2-0.5b": here["cosyvoice2-0.5b"]})


def test_a_yaml_file_that_is_not_the_catalogs_is_not_run(here: dict[str, Path]) -> None:
    (here["cosyvoice2-0.5b"] / "cosyvoice2.yaml").write_text("llm: !apply:os.system [id]\n", encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="is not the file that the catalog knows"):
        _chosen(here)


@pytest.mark.parametrize(
    "name", ["llm.pt", "campplus.onnx", "CosyVoice-BlankEN/vocab.json", "cosyvoice2.yaml"]
)
def test_a_missing_file_is_named(here: dict[str, Path], name: str) -> None:
    (here["cosyvoice2-0.5b"] / name).unlink()
    with pytest.raises(ModelMissing, match=f"cosyvoice2-0.5b is not whole: {name} is missing"):
        _chosen(here)


@pytest.mark.parametrize("trust", ["", "/", "yes"])
def test_a_folder_of_ones_own_is_refused_until_it_is_trusted_by_name(tmp_path: Path, trust: str) -> None:
    folder = _folder(tmp_path / "mine", 2)
    with pytest.raises(EngineUnavailable, match=f"voice settings set engines.cosyvoice.trust {folder}"):
        _chosen({}, model_folder=str(folder), trust=trust)
    chosen = choose_model({}, {"model_folder": str(folder), "trust": f"{folder}/"}, WITHOUT, on_gpu=False)
    assert (chosen.name, chosen.generation, chosen.folder) == ("mine", 2, folder)


def test_trust_in_one_folder_is_none_in_another_behind_a_link(tmp_path: Path) -> None:
    mine, other = _folder(tmp_path / "mine", 2), _folder(tmp_path / "other", 2)
    link = tmp_path / "link"
    link.symlink_to(mine)
    assert _chosen({}, model_folder=str(link), trust=str(mine)) == "link"
    link.unlink()
    link.symlink_to(other)
    with pytest.raises(EngineUnavailable, match="does not name this one"):
        _chosen({}, model_folder=str(link), trust=str(mine))


def test_a_folder_that_is_none_or_holds_no_model_is_named(tmp_path: Path) -> None:
    for wrong in ("models/mine", str(tmp_path / "gone")):
        with pytest.raises(ModelMissing, match="is no folder on this machine"):
            _chosen({}, model_folder=wrong, trust=wrong)
    with pytest.raises(ModelMissing, match="holds no CosyVoice model"):
        _chosen({}, model_folder=str(tmp_path), trust=str(tmp_path))


def test_only_models_made_for_it_follow_instructions(here: dict[str, Path]) -> None:
    def follows(name: str) -> bool:
        return choose_model(here, {"model": name}, WITH_SOURCE, on_gpu=False).follows_instructions

    assert {name for name in GENERATION if follows(name)} == {
        "cosyvoice2-0.5b",
        "fun-cosyvoice3-0.5b",
        "cosyvoice-300m-instruct",
    }
