"""Piper speaks the voice of the catalog and those that the user brings, each in its worker process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from claude_narrator.models.brought_voices import store_files
from claude_narrator.models.engine_state import EngineSpec
from claude_narrator.models.engines.piper import ENGINE
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownVoice
from claude_narrator.models.host import EngineHost
from claude_narrator.models.loudness import TARGET_LUFS
from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.types import AudioChunk, Language
from claude_narrator.models.voice_files import parse_voice_files
from tests import models_home
from tests.engine_environments import ensure
from tests.listening import CLEAR, Listener, character_error_rate, joined

pytestmark = [pytest.mark.models, pytest.mark.anyio]
JOE = "piper-en-us-joe"
EN = Language("en-US")
SPOKEN = (
    "The server is not responding, so I will restart it now.",
    "I renamed the function, because its old name was taken.",
    "It took three and a half minutes, and forty two tests passed.",
)


@pytest.fixture(scope="module")
def joe() -> Path:
    return models_home.ensure(JOE) / JOE


@asynccontextmanager
async def _piper(
    files: dict[str, Path] | None = None, voices: dict[str, Path] | None = None
) -> AsyncIterator[EngineHost]:
    spec = EngineSpec(
        "piper",
        "claude_narrator.models.engines.piper:Piper",
        files=files or {},
        voices=voices or {},
        environment=ensure("piper"),
    )
    with anyio.fail_after(120):
        async with anyio.create_task_group() as tasks:
            host = EngineHost(spec, tasks)
            yield host
            await host.close()


async def _say(host: EngineHost, text: str, voice: str = "joe", rate: float = 1.0) -> list[AudioChunk]:
    return [chunk async for chunk in host.synthesize(text, voice, EN, rate)]


async def test_a_recogniser_reads_joe_back_at_any_rate(joe: Path) -> None:
    listener = Listener()
    async with _piper({JOE: joe}) as host:
        for text in SPOKEN:
            heard = listener.hear(joined(await _say(host, text)), "en")
            assert character_error_rate(text, heard, "en") < CLEAR, heard
        for rate in (0.6, 1.5, 2.0):
            heard = listener.hear(joined(await _say(host, SPOKEN[0], rate=rate)), "en")
            assert character_error_rate(SPOKEN[0], heard, "en") < CLEAR, (rate, heard)
        assert (host.state.device, host.state.precision) == ("cpu", "fp32")


async def test_a_voice_from_files_speaks_as_loud_as_every_other_and_without_the_catalogs(
    joe: Path, tmp_path: Path
) -> None:
    files = parse_voice_files(ENGINE["voice_files"])
    assert files is not None
    assert store_files(tmp_path, "jane", files, joe / "voice.onnx", None) == ("en-US",)
    async with _piper(voices={"jane": tmp_path / "jane"}) as host:
        sound = joined(await _say(host, " ".join(SPOKEN), "jane"))
        assert loudness(sound.samples, sound.sample_rate) == pytest.approx(TARGET_LUFS, abs=2)
        with pytest.raises(UnknownVoice, match=r"piper has no voice 'joe'\. It has jane"):
            await _say(host, "Hello.")


async def test_a_rate_is_kept_where_the_model_itself_speaks_it(joe: Path) -> None:
    async with _piper({JOE: joe}) as host:
        lengths = {rate: await _length_s(host, rate) for rate in (0.5, 1.0, 1.5)}
    assert lengths[0.5] == pytest.approx(2 * lengths[1.0], rel=0.08)
    assert lengths[1.5] == pytest.approx(lengths[1.0] / 1.5, rel=0.08)


async def _length_s(host: EngineHost, rate: float) -> float:
    sound = joined(await _say(host, " ".join(SPOKEN), rate=rate))
    return len(sound.samples) / sound.sample_rate


def _voice(folder: Path, joe: Path, config: object, weights: bytes | None = None) -> None:
    folder.mkdir()
    if weights is None:
        (folder / "voice.onnx").symlink_to(joe / "voice.onnx")
    else:
        (folder / "voice.onnx").write_bytes(weights)
    (folder / "voice.onnx.json").write_text(json.dumps(config), encoding="utf-8")


async def test_a_voice_that_cannot_be_used_is_told_and_the_others_speak(joe: Path, tmp_path: Path) -> None:
    config = json.loads((joe / "voice.onnx.json").read_text(encoding="utf-8"))
    _voice(tmp_path / "page", joe, config, b"<html>not found</html>")
    _voice(tmp_path / "torn", joe, config, (joe / "voice.onnx").read_bytes()[:100_000])
    _voice(tmp_path / "chinese", joe, {**config, "phoneme_type": "pinyin"})
    _voice(tmp_path / "martian", joe, {**config, "espeak": {"voice": "mars"}})
    _voice(tmp_path / "odd", joe, {"audio": {}})
    _voice(tmp_path / "gone", joe, config)
    (tmp_path / "gone" / "voice.onnx.json").unlink()
    _voice(tmp_path / "slow", joe, {**config, "inference": {"length_scale": 1.4}})
    broken = ("page", "torn", "chinese", "martian", "odd", "gone")
    async with _piper({JOE: joe}, {name: tmp_path / name for name in (*broken, "slow")}) as host:
        for name in broken:
            with pytest.raises(EngineFailed, match=f"the voice {name} cannot be loaded: ") as caught:
                await _say(host, "Hello.", name)
            assert "\n" not in str(caught.value)
            assert f"voice voices remove piper/{name}" in caught.value.hint
        with pytest.raises(EngineFailed, match="it needs the phonemizer 'pinyin'"):
            await _say(host, "Hello.", "chinese")
        plain = joined(await _say(host, SPOKEN[0]))
        slow = joined(await _say(host, SPOKEN[0], "slow"))
        assert len(slow.samples) > 1.2 * len(plain.samples)
        assert host.state.restarts == 0


async def test_without_any_voice_it_says_what_brings_one() -> None:
    async with _piper() as host:
        with pytest.raises(
            EngineUnavailable, match=r"piper has no voice\. Run: voice models pull piper-en-us-joe"
        ):
            await host.load()


async def test_marks_of_raw_phonemes_in_a_text_are_no_phonemes(joe: Path) -> None:
    async with _piper({JOE: joe}) as host:
        raw, bare = [joined(await _say(host, text)) for text in ("[[həloʊ]] there.", "there.")]
    difference_s = (len(raw.samples) - len(bare.samples)) / 22_050
    assert difference_s > 0.6, "the phonemes were spoken; their letters take longer"
