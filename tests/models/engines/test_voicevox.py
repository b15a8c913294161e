"""VOICEVOX speaks in two requests by the number of a style; a style it has not is told when it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import voicevox
from claude_narrator.models.engines.local_server import Server
from claude_narrator.models.engines.voicevox import Voicevox
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownVoice
from claude_narrator.models.types import AudioChunk, Language
from tests.models.engines.stand_in_server import StandIn, running, tone, wav

JA = Language("ja")
TEXT = "ビルドは再び成功し、四十二件のテストがすべて通りました。"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn()) as server:
        yield server


def _loaded(stand_in: StandIn, voices: str = "ja:zundamon-3 ja:2") -> Voicevox:
    engine = Voicevox()
    engine.load(EngineContext(options={"url": stand_in.url, "voices": voices}))
    return engine


def _spoken(engine: Voicevox, text: str, voice: str = "zundamon-3", rate: float = 1.0) -> list[AudioChunk]:
    return [chunk for chunk in engine.synthesize(text, voice, JA, rate) if len(chunk.samples)]


def test_loading_makes_every_listed_style_ready_and_says_what_runs(stand_in: StandIn) -> None:
    loaded = Voicevox().load(
        EngineContext(options={"url": stand_in.url, "voices": "ja:zundamon-3 ja:2 ja:3"})
    )
    assert (loaded.device, loaded.precision) == (stand_in.url.removeprefix("http://"), "0.25.0")
    assert [asked["speaker"] for asked in stand_in.bodies("/synthesis")] == ["3", "2"]


def test_a_sentence_goes_clause_by_clause_with_the_rate_as_speed(stand_in: StandIn) -> None:
    chunks = _spoken(_loaded(stand_in), TEXT, rate=1.3)
    asked = stand_in.bodies("/synthesis")[2:]
    assert "".join(query["kana"] for query in asked) == TEXT
    assert len(chunks) == len(asked) == 2
    assert {(query["speaker"], query["speedScale"], query["outputStereo"]) for query in asked} == {
        ("3", 1.3, False)
    }
    assert chunks[0].sample_rate == 24_000
    assert _spoken(_loaded(stand_in), "…—–") == []


def test_a_style_that_is_not_there_is_told_with_those_that_are(stand_in: StandIn) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        _loaded(stand_in, "ja:888753760")
    assert "has no style 888753760" in caught.value.problem
    assert "3 ずんだもん ノーマル, 2 四国めたん ノーマル" in caught.value.hint


@pytest.mark.parametrize("voice", ["zundamon", "3x", "zundamon3", "3-", "-", "x-3.5"])
def test_a_voice_without_the_number_of_a_style_is_refused(stand_in: StandIn, voice: str) -> None:
    with pytest.raises(EngineUnavailable, match="does not end with the number of a style"):
        _loaded(stand_in, f"ja:{voice}")
    with pytest.raises(UnknownVoice, match="does not end with the number of a style"):
        _loaded(stand_in).synthesize("はい", voice, JA, 1.0)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("422", "refused the request"),
        ("500", "failed"),
        ("garbage", "does not speak HTTP"),
        ("html", "answered text/html, not sound"),
        ("noise", "answered what is no WAV file"),
        ("empty", "answered what is no WAV file"),
        ("odd", "broke off"),
        ("cut", "broke off"),
    ],
)
def test_what_is_no_whole_sound_is_a_failure_of_the_sentence_and_of_loading(
    stand_in: StandIn, fault: str, says: str
) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = fault
    with pytest.raises(EngineFailed, match=says):
        _spoken(engine, TEXT)
    with pytest.raises(EngineUnavailable, match=f"voicevox cannot be used: .*{says}"):
        _loaded(stand_in)
    stand_in.fault = ""
    assert _spoken(engine, TEXT)


def test_of_a_stereo_file_at_another_rate_one_channel_is_heard() -> None:
    pcm = np.frombuffer(tone(5, 1.0), "<i2")
    content = wav(np.repeat(pcm, 2).tobytes(), rate=44_100, channels=2)
    samples, rate = voicevox._read_wav(Server("voicevox", False, "a", 80), content)
    assert rate == 44_100
    assert np.array_equal(samples, pcm.astype(np.float32) / 32768)


def test_closing_the_sentence_hangs_up(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = "silent"
    with closing(engine.synthesize(TEXT, "3", JA, 1.0)) as chunks:  # type: ignore[type-var]
        assert len(next(chunks).samples) == 0
        assert stand_in.stalled.wait(5)
    assert stand_in.hung_up.wait(5)


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        Voicevox().synthesize("はい", "3", JA, 1.0)
