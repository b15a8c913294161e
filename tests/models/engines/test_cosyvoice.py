"""CosyVoice's own code, in its own environment, on small models of the real architecture with random weights.

Most of it is measured by one probe a generation, which prints facts; a few tests go through a real worker.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest

from claude_narrator.models.environments import FOLDER
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import find_engines
from claude_narrator.models.types import AudioChunk, Language, VoiceChoice
from tests.engine_environments import ensure, probe

pytestmark = [pytest.mark.models, pytest.mark.anyio]
PROBE = Path(__file__).with_name("cosyvoice_probe.py")
READING = Path(__file__).with_name("cosyvoice_reading_probe.py")
ENGLISH = Language("en")
Facts = dict[str, Any]
AS_UPSTREAM = '''

class CosyVoiceFrontEnd(CosyVoiceFrontEnd):
    """Takes the path of a recording, as upstream's newest code does."""

    def frontend_zero_shot(self, tts_text, prompt_text, prompt_wav, resample_rate, zero_shot_spk_id):
        speech = load_wav(prompt_wav, 16000)
        return super().frontend_zero_shot(tts_text, prompt_text, speech, resample_rate, zero_shot_spk_id)
'''


def _checkout(root: Path) -> Path:
    """Lay the code that xinference carries out as upstream's repository is, its front end as upstream's."""
    (vendored,) = ensure("cosyvoice").glob("lib/python*/site-packages/xinference/thirdparty")
    shutil.copytree(vendored / "cosyvoice", root / "cosyvoice")
    shutil.copytree(vendored / "matcha", root / "third_party" / "Matcha-TTS" / "matcha")
    front_end = root / "cosyvoice" / "cli" / "frontend.py"
    text = front_end.read_text(encoding="utf-8")
    imported = "from cosyvoice.utils.file_utils import logging"
    assert imported in text
    front_end.write_text(text.replace(imported, f"{imported}, load_wav") + AS_UPSTREAM, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cosyvoice")


@pytest.fixture(scope="module")
def first(scratch: Path) -> Facts:
    """What was found with the first generation, on a checkout."""
    found: Facts = probe("cosyvoice", PROBE, str(scratch / "1"), "1", str(_checkout(scratch / "checkout")))
    return found


@pytest.fixture(scope="module")
def second(scratch: Path) -> Facts:
    """What was found with the second generation, on the code that xinference carries."""
    found: Facts = probe("cosyvoice", PROBE, str(scratch / "2"), "2")
    return found


@pytest.fixture(params=["first", "second"])
def facts(request: pytest.FixtureRequest) -> Facts:
    found: Facts = request.getfixturevalue(request.param)
    return found


def test_decoding_step_by_step_equals_decoding_at_once(second: Facts) -> None:
    assert second["cache"]["ours"] < 1e-4
    assert second["cache"]["theirs"] > 1, "the original step is right by now: the guard can go"


def test_the_language_model_runs_in_float32_on_the_weights_as_stored(facts: Facts) -> None:
    assert facts["precision"] == {"dtypes": ["torch.float32"], "weights_off_by": 0.0}


def test_the_first_chunk_stays_as_short_as_the_first_ever(second: Facts) -> None:
    first, *later = second["hop"]["first_chunks"]
    assert first < 24_000
    assert later == [first, first]


@pytest.mark.parametrize("way", ["streamed", "whole"])
def test_a_language_model_that_fails_ends_the_sentence_and_says_where(facts: Facts, way: str) -> None:
    assert facts["failure"][way].startswith("CosyVoice failed: ProbeFailed at cosyvoice_guard_facts.py:")


def test_after_a_failure_the_next_sentence_is_whole_and_nothing_is_left_over(facts: Facts) -> None:
    assert facts["failure"]["after"] > 1
    assert facts["failure"]["sessions"] == 0


def test_a_cancelled_sentence_leaves_no_thread_no_session_and_no_work(facts: Facts) -> None:
    cancel = facts["cancel"]
    assert cancel["tokens_before_close"] > 0
    assert (cancel["threads"], cancel["sessions"], cancel["tokens_after_close"]) == (0, 0, 0)
    assert cancel["after"] > 1


def test_a_recording_is_read_without_torchcodec_and_ffmpeg(first: Facts, second: Facts) -> None:
    assert first["modes"]["given"]["same_script"]["prompt_speech_feat"] == [1, 86, 80]
    assert second["modes"]["given"]["same_script"]["prompt_speech_feat"] == [1, 50, 80]
    assert (
        first["reading"] == second["reading"] == {"shape": [1, 16_000], "peak_hz": 440, "sides_mixed": True}
    )


def test_the_import_leaves_the_root_logger_as_it_was(facts: Facts) -> None:
    before, after = facts["logger"]
    assert after == before


def test_what_is_said_is_not_logged(facts: Facts) -> None:
    assert facts["modes"]["made"]["declared"] > 0
    assert facts["told"] == []


def test_nothing_is_downloaded(facts: Facts) -> None:
    assert facts["network"] == []
    assert facts["download"].startswith("engine_unavailable: CosyVoice wanted to download a model")


def test_every_mode_speaks(facts: Facts) -> None:
    made = facts["modes"]["made"]
    assert set(made) == {"declared", "same_script", "other_script", "no_text", "told"}
    assert all(0.2 < seconds < 10 for seconds in made.values())


def test_an_instruction_reaches_the_model_in_place_of_what_the_stored_voice_says(second: Facts) -> None:
    given = second["modes"]["given"]
    words = len("Whisper as if somebody slept.") + 1
    assert given["told"]["prompt_text"] == [1, words]
    assert given["same_script"]["prompt_text"] == [1, len("hello")]
    assert "llm_prompt_speech_token" not in given["told"]


def test_a_stored_voice_is_taken_apart_once_and_never_while_it_speaks(facts: Facts) -> None:
    assert facts["modes"]["taken_apart"] == 0


@pytest.mark.parametrize("stream", ["yes", "no"])
def test_twice_the_rate_takes_half_the_time(facts: Facts, stream: str) -> None:
    rates = facts["rates"][stream]
    assert rates["fast"] == pytest.approx(rates["plain"] / 2, rel=0.05)


def test_streamed_speech_comes_in_more_chunks_than_whole(second: Facts) -> None:
    assert second["rates"]["yes"]["chunks"] > second["rates"]["no"]["chunks"]
    assert second["rates"]["yes"]["plain"] == second["rates"]["no"]["plain"]


def test_a_vocoder_that_is_kept_on_the_cpu_makes_the_same_sound(facts: Facts) -> None:
    assert facts["vocoder"]["after"] == facts["vocoder"]["before"]


@pytest.mark.parametrize(
    ("voice", "line"),
    [
        ("long", "it lasts 31.0 s and may last 30. Make it anew: voice clone long --from RECORDING"),
        ("coarse", "it has 8000 samples a second and needs 16000"),
        ("gone", "reference.wav is missing"),
        ("nobody", "unknown_voice: cosyvoice has no voice 'nobody'"),
        ("language", "does not speak de. It speaks zh, en, ja, yue, ko."),
    ],
)
def test_a_voice_that_cannot_be_used_is_told_and_the_others_speak(
    facts: Facts, voice: str, line: str
) -> None:
    assert line in facts["faults"][voice]


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("no-flow", "model_missing: no-flow is not whole: flow.pt is missing"),
        ("cut", "engine_unavailable: cut could not be loaded: RuntimeError: PytorchStreamReader failed"),
        ("other-yaml", "engine_unavailable: other-yaml could not be loaded: "),
        ("device", "engine_unavailable: engines.cosyvoice.device cannot be 'tpu'"),
        ("stream", "engine_unavailable: engines.cosyvoice.stream must be yes or no"),
        ("source", "engine_unavailable: engines.cosyvoice.source is no checkout of CosyVoice"),
        ("trust", "engine_unavailable: a CosyVoice model folder holds code"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_a_line(facts: Facts, fault: str, line: str) -> None:
    assert facts["load_faults"][fault].startswith(line)
    assert "\n" not in facts["load_faults"][fault]


def test_japanese_is_read_as_upstreams_own_example_is() -> None:
    text = "歴史的世界においては、過去は単に過ぎ去ったものではない、プラトンのいう如く非有が有である。"
    expected = (
        "レキシ テキ セカイ ニ オイ テ ワ、カコ ワ タンニ スギサッ タ モノ デ ワ ナイ、"
        "プラトン ノ イウ ゴトク ヒ ユー ガ ユー デ アル。"
    )
    read, code, hostile = probe(
        "cosyvoice", READING, text, "パーサードットパイの42行目", "🎉亜哀挨曖握扱宛嵐安ゝ々"
    )
    assert read == expected
    assert code == "パーサードットパイ ノ ヨン ジュー ニ ギョー メ"
    assert hostile


@pytest.fixture
async def pool(second: Facts, scratch: Path) -> AsyncIterator[EnginePool]:
    """The engine in a worker of its own environment, with a voice that is stored as a user's are."""
    data, model = scratch / "data", scratch / "2" / "tiny"
    (data / FOLDER).mkdir(parents=True, exist_ok=True)
    if not (data / FOLDER / "cosyvoice").exists():
        (data / FOLDER / "cosyvoice").symlink_to(ensure("cosyvoice"))
        shutil.copytree(scratch / "2" / "voices" / "me", data / "voices" / "cosyvoice" / "me")
    options = {"cosyvoice": {"model_folder": str(model), "trust": str(model), "device": "cpu"}}
    records = find_engines(lambda model: False, options=options, data=data)
    (record,) = (record for record in records if record.name == "cosyvoice")
    assert record.reason == ""
    async with EnginePool([replace(record)], lambda model: Path("/nowhere"), threads=1) as pool:
        yield pool


async def test_a_worker_speaks_with_a_stored_voice_and_is_free_after_a_cancel(pool: EnginePool) -> None:
    state = await pool.load("cosyvoice")
    assert (state.device, state.precision) == ("cpu", "fp32")
    host, voice = pool.synthesizer_for(VoiceChoice(ENGLISH, "cosyvoice/me"))
    async with aclosing(host.synthesize("A long one, to be left early.", voice, ENGLISH)) as chunks:
        begun = await anext(chunks)
    assert begun.sample_rate == 24_000
    assert np.abs(begun.samples).max() > 0
    with anyio.fail_after(60):
        sound = [chunk async for chunk in host.synthesize("of", voice, ENGLISH)]
    assert len(sound) > 1
    assert 0.5 < _seconds(sound) < 3
    assert host.state.restarts == 0
    assert host.state.pid == state.pid


def _seconds(chunks: list[AudioChunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)
