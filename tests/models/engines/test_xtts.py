"""XTTS with a tiny model of the real architecture, in an environment of its own and in its worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest

from claude_narrator.models.catalog import find_model
from claude_narrator.models.declaration import read_declaration
from claude_narrator.models.engines.xtts import ENGINE
from claude_narrator.models.errors import UnknownVoice
from claude_narrator.models.host import EngineHost, EngineSpec
from claude_narrator.models.loudness import TARGET_LUFS
from claude_narrator.models.types import AudioChunk, Language
from tests.engine_environments import ensure, probe

ENTRY_POINT = "claude_narrator.models.engines.xtts:XTTS"
CHECKS = Path(__file__).with_name("xtts_checks.py")
VOICE, TEXT, EN = "camilla_holmstrom", "Tests pass.", Language("en")
FILES = ("config.json", "model.pth", "vocab.json", "speakers_xtts.pth")
heavy = pytest.mark.models


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("xtts")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """What the checks found out; the tiny model is in `folder` / model afterwards."""
    checked: dict[str, Any] = probe("xtts", CHECKS, str(folder))
    return checked


def test_all_58_speakers_speak_all_17_languages() -> None:
    declared = read_declaration(ENTRY_POINT)
    assert len(declared.languages) == 17
    assert {len(set(names)) for names in declared.voices.values()} == {58}
    assert set(declared.voices) == set(declared.languages)


def test_its_licence_must_be_accepted_and_every_file_has_a_hash() -> None:
    model = find_model("xtts-v2")
    assert model.confirm
    assert not model.unverified
    assert {file.name for file in model.files} == set(FILES)


@heavy
def test_it_says_what_it_runs_on(found: dict[str, Any]) -> None:
    assert found["engine"]["loaded"] == ["cpu", "fp32"]
    assert found["engine"]["not_loaded"] == "engine_failed: xtts is not loaded"


@heavy
def test_loading_leaves_the_published_form_of_the_weights_as_it_is(found: dict[str, Any]) -> None:
    assert found["untouched"]


@heavy
def test_it_asks_nobody_and_agrees_to_nothing(found: dict[str, Any]) -> None:
    assert found["addresses"] == []
    assert found["agreed"] is None


@heavy
def test_sound_comes_while_the_sentence_is_made_and_each_step_can_be_the_last(found: dict[str, Any]) -> None:
    chunks = found["engine"]["chunks"]
    sound = [length for length in chunks if length]
    assert len(sound) >= 2
    assert chunks.index(sound[0]) <= 20
    assert chunks.count(0) >= 25
    assert found["engine"]["left_after"] == [0, 0, 0]
    assert found["engine"]["same_again"]
    assert found["engine"]["rates"] == [24_000]
    assert found["engine"]["dtype"] == "float32"
    assert 0.01 < found["engine"]["loudest"] <= 1.0


@heavy
def test_a_voice_is_as_loud_as_every_engines(found: dict[str, Any]) -> None:
    assert found["engine"]["lufs"] == pytest.approx(TARGET_LUFS, abs=2)


@heavy
def test_what_is_streamed_is_what_upstream_makes_of_it_in_one_go(found: dict[str, Any]) -> None:
    sound = found["sound"]
    assert sound["loudest"] > 0.01
    assert set(sound["differences"]) == {"1.0", "0.8"}
    assert max(sound["differences"].values()) < 5e-6


@heavy
def test_a_model_that_babbles_is_cut_short_by_the_length_of_the_text(found: dict[str, Any]) -> None:
    assert found["sound"]["steps_for_one_token"] == 5 + 8


@heavy
@pytest.mark.parametrize("rate", [0.5, 3.0])
def test_the_rate_is_kept(found: dict[str, Any], rate: float) -> None:
    lengths = found["engine"]["lengths"]
    assert lengths[str(rate)] == pytest.approx(lengths["1.0"] / rate, rel=0.15)


@heavy
def test_a_stored_voice_is_made_once_and_anew_when_its_recording_or_the_model_is_another(
    found: dict[str, Any],
) -> None:
    clone = found["clone"]
    assert clone["made"] == {
        "first": 1,
        "kept": 1,
        "another_recording": 2,
        "torn_cache": 3,
        "other_weights": 4,
    }
    assert clone["kept_is_the_same"]
    assert clone["another_differs"] > 1e-3
    assert found["engine"]["cloned"] > 20_000


@heavy
@pytest.mark.parametrize(
    ("voice", "reason"), [("short", "too short"), ("torn", "is no WAV file"), ("empty", "No such file")]
)
def test_a_recording_that_cannot_be_used_is_named(found: dict[str, Any], voice: str, reason: str) -> None:
    line = found["clone"]["lines"][voice]
    assert line.startswith(f"engine_failed: the recording of the voice '{voice}' cannot be used: ")
    assert reason in line
    assert line.endswith("Clone the voice anew.")


@heavy
def test_an_unknown_voice_or_language_is_told_with_what_there_is(found: dict[str, Any]) -> None:
    assert "'nobody'. It has claribel_dervla, camilla_holmstrom" in found["engine"]["no_voice"]
    assert "eugenio_mataraci" in found["engine"]["no_voice"]
    assert found["engine"]["no_language"].startswith("unknown_language: xtts does not speak 'sw'")


@heavy
def test_numbers_are_written_out_in_every_language(found: dict[str, Any]) -> None:
    said = found["text"]["languages"]
    assert set(said) == set(ENGINE["languages"])  # type: ignore[call-overload]
    for language, (piece,) in said.items():
        assert not any(sign.isdigit() for sign in piece) or language == "zh", piece
    assert said["de"] == ["zweiundvierzig ."]
    assert said["cs"] == ["čtyřicet dva ."]
    assert said["zh"] == ["si4shi2er4 ,"]
    assert found["text"]["ja"] == ["sen nihyaku gojuu kenchuu yonjuu ni ten go percent no python"]
    assert found["text"]["hi"] == ["एक हज़ार दो सौ पचास में बयालिस दशमलव पाँच"]
    assert found["text"]["ordinal"] == ["jedna test"]
    assert min(found["text"]["huge"].values()) >= 1


@heavy
def test_long_text_keeps_the_limits_of_the_model(found: dict[str, Any]) -> None:
    text = found["text"]
    assert len(text["long"]["en"]) == 4
    assert max(text["long"]["en"]) <= text["limits"]["en"]
    assert len(text["long"]["ja"]) == 6
    assert len(text["crowded"]) > 2
    assert max(text["crowded"]) < 40
    assert sum(text["crowded"]) >= 75


@heavy
def test_marks_of_the_tokenizer_are_words_and_signs_are_silent(found: dict[str, Any]) -> None:
    assert found["text"]["marks"] == ["say stop or ja now"]
    assert found["text"]["nothing"] == []
    assert found["engine"]["silent"] == 0


@heavy
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_or_cut_off_is_told_with_what_mends_it(
    found: dict[str, Any], name: str
) -> None:
    lines = found["broken"]["lines"]
    missing = f"model_missing: XTTS is not whole: {name} is missing. Run: voice models pull xtts-v2"
    assert lines[f"without {name}"] == missing
    assert lines[f"half {name}"].startswith("engine_unavailable: XTTS could not be loaded: ")
    assert lines[f"half {name}"].endswith("Run: voice models verify xtts-v2")
    if name != "vocab.json":
        assert name in lines[f"half {name}"]


@heavy
def test_no_model_and_no_such_device_are_told(found: dict[str, Any]) -> None:
    lines = found["broken"]["lines"]
    assert lines["no_model"].endswith("Run: voice models pull xtts-v2")
    assert "no device 'abacus' here. Run: voice settings set" in lines["no_device"]


@heavy
def test_code_among_the_weights_is_refused_and_not_run(found: dict[str, Any]) -> None:
    line = "XTTS could not be loaded: speakers_xtts.pth holds something else than weights"
    assert line in found["broken"]["lines"]["code"]
    assert not found["broken"]["trapped"]


@pytest.fixture
async def host(found: dict[str, Any], folder: Path) -> AsyncIterator[EngineHost]:
    """The engine in a worker process that runs in its environment."""
    options = {"device": "cpu", "model_folder": str(folder / "model")}
    voices = {"me": folder / "voices" / "me"}
    spec = EngineSpec("xtts", ENTRY_POINT, options=options, voices=voices, environment=ensure("xtts"))
    async with anyio.create_task_group() as tasks:
        host = EngineHost(spec, tasks)
        await host.load()
        yield host
        await host.close()


@heavy
@pytest.mark.anyio
async def test_in_its_worker_it_speaks_is_cut_off_and_speaks_again(host: EngineHost) -> None:
    assert (host.state.device, host.state.precision) == ("cpu", "fp32")
    async with aclosing(host.synthesize(TEXT * 40, VOICE, EN)) as chunks:
        first = await anext(chunks)
    assert 0 < len(first.samples) < 24_000
    with anyio.fail_after(60):
        again = await _spoken(host, "me")
    assert again.samples.std() > 0.001
    with pytest.raises(UnknownVoice, match="nobody"):
        await _spoken(host, "nobody")
    assert host.state.restarts == 0


async def _spoken(host: EngineHost, voice: str) -> AudioChunk:
    chunks = [chunk async for chunk in host.synthesize(TEXT, voice, EN)]
    return AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)
