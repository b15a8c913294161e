"""A speech server's PCM is heard while it arrives; what is no bare PCM is refused rather than played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.speech_server import SpeechServer
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.types import AudioChunk, Language
from tests.models.engines.stand_in_server import RATE, StandIn, running, tone

EN = Language("en")
SPEECH = "/v1/audio/speech"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn()) as server:
        yield server


def _options(stand_in: StandIn, **options: str) -> dict[str, str]:
    return {"url": stand_in.url, "voices": "en:amy ja:rin", "sample_rate": "24000", **options}


def _loaded(stand_in: StandIn, **options: str) -> SpeechServer:
    engine = SpeechServer()
    engine.load(EngineContext(options=_options(stand_in, **options)))
    return engine


def _spoken(engine: SpeechServer, text: str, language: str = "en", rate: float = 1.0) -> list[AudioChunk]:
    return [c for c in engine.synthesize(text, "amy", Language(language), rate) if len(c.samples)]


def test_loading_has_a_word_spoken_by_the_first_voice_and_says_what_runs(stand_in: StandIn) -> None:
    engine = SpeechServer()
    loaded = engine.load(EngineContext(options=_options(stand_in)))
    assert (loaded.device, loaded.precision) == (stand_in.url.removeprefix("http://"), "first")
    (asked,) = stand_in.bodies(SPEECH)
    assert (asked["voice"], asked["model"], asked["response_format"]) == ("amy", "first", "pcm")


def test_the_sound_is_the_servers_without_the_silence_around_it(stand_in: StandIn) -> None:
    chunks = _spoken(_loaded(stand_in), "All tests pass.", rate=1.5)
    assert len(chunks) > 1
    heard = np.concatenate([chunk.samples for chunk in chunks])
    sent = np.frombuffer(tone(15, 1.5), "<i2").astype(np.float32) / 32768
    start = int(np.argmax(np.abs(sent) > 0.01))
    offset = int(np.argmax(np.abs(heard) > 0.01))
    assert offset < 0.02 * RATE
    assert len(heard) - offset <= len(sent) - start
    assert np.array_equal(heard[offset:], sent[start : start + len(heard) - offset])
    assert stand_in.bodies(SPEECH)[-1]["speed"] == 1.5


def test_a_long_text_goes_clause_first_and_marks_alone_not_at_all(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    text = "The build is green again, and all forty-two tests pass on both machines. Shall I push it?"
    _spoken(engine, text)
    _spoken(engine, "これはとても長い文章です。" * 4, "ja")
    assert _spoken(engine, "…—–") == []
    pieces = [asked["input"] for asked in stand_in.bodies(SPEECH)[1:]]
    assert pieces[0] == "The build is green again,"
    assert max(map(len, pieces[2:])) <= 80


def test_the_rate_of_samples_is_what_the_settings_say(stand_in: StandIn) -> None:
    assert _spoken(_loaded(stand_in, sample_rate="22050"), "OK.")[0].sample_rate == 22_050
    for wrong in ("", "fast", "0", "9" * 5000, "２４０００"):
        with pytest.raises(EngineUnavailable, match=r"sample_rate is no number"):
            _loaded(stand_in, sample_rate=wrong)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("422", "refused the request"),
        ("500", r"failed \(status 500\)"),
        ("garbage", "does not speak HTTP"),
        ("html", "answered text/html, not sound"),
        ("wav", "a sound file, not the bare PCM"),
        ("empty", "gave no sound"),
        ("odd", "in the middle of a sample"),
        ("cut", "broke off"),
    ],
)
def test_what_is_no_whole_sound_is_a_failure_of_the_sentence_and_of_loading(
    stand_in: StandIn, fault: str, says: str
) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = fault
    with pytest.raises(EngineFailed, match=says):
        _spoken(engine, "All tests pass.")
    with pytest.raises(EngineUnavailable, match=f"speech_server cannot be used: .*{says}"):
        _loaded(stand_in)
    stand_in.fault = ""
    assert _spoken(engine, "All tests pass.")


@pytest.mark.parametrize(("fault", "says"), [("401", "another key"), ("404", "no such path"), ("503", "503")])
def test_a_server_that_keeps_us_out_makes_the_engine_unavailable(
    stand_in: StandIn, fault: str, says: str
) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = fault
    with pytest.raises(EngineUnavailable, match=f"speech_server cannot be used: .*{says}"):
        _spoken(engine, "All tests pass.")


def test_what_came_before_a_break_is_heard(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = "cut"
    heard = []
    with pytest.raises(EngineFailed):
        heard.extend(engine.synthesize("All tests pass.", "amy", EN, 1.0))
    assert sum(len(chunk.samples) for chunk in heard) > 0.3 * RATE


def test_closing_the_sentence_hangs_up(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = "stall"
    with closing(engine.synthesize("All tests pass.", "amy", EN, 1.0)) as chunks:  # type: ignore[type-var]
        next(chunks)
        assert stand_in.stalled.wait(5)
    assert stand_in.hung_up.wait(5)


def test_without_voices_or_before_loading_it_says_so() -> None:
    with pytest.raises(EngineUnavailable, match=r"engines\.speech_server\.voices lists no voice"):
        SpeechServer().load(EngineContext(options={"url": "http://a", "sample_rate": "24000"}))
    with pytest.raises(EngineFailed, match="not loaded"):
        SpeechServer().synthesize("Done.", "amy", EN, 1.0)
