"""Microsoft's voices are asked only when that is allowed, and whatever the service does is one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing, closing
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import numpy as np
import pytest
from edge_tts import communicate
from edge_tts.data_classes import TTSConfig

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import edge_service
from claude_narrator.models.engines.edge_tts import ENGINE, EdgeTTS
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.host import EngineHost
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import AudioChunk, Language
from tests.hostile_texts import HOSTILE
from tests.models.engines.mp3 import SECONDS_A_CHARACTER
from tests.models.engines.stand_in_edge import Asked, Edge, running
from tests.models.worker_bench import hosted

EN = Language("en")
VOICE = "en-US-AriaNeural"
ENTRY_POINT = "claude_narrator.models.engines.edge_tts:EdgeTTS"
TEXT = "The build is green again and all forty-two tests pass, so that I am done. Shall I push it?"


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    monkeypatch.setattr(communicate, "WSS_URL", communicate.WSS_URL)
    with running(Edge()) as server:
        yield server


def _options(edge: Edge) -> dict[str, str]:
    return {"allow": "yes", "url": edge.url}


@pytest.fixture
def engine(edge: Edge) -> Iterator[EdgeTTS]:
    loaded = EdgeTTS()
    said = loaded.load(EngineContext(options=_options(edge)))
    assert (said.device, said.precision) == (urlsplit(edge.url).netloc, "mp3")
    assert [asked.text for asked in edge.asked] == ["OK."]
    edge.asked.clear()
    yield loaded
    loaded.close()


def _spoken(engine: EdgeTTS, text: str, rate: float = 1.0) -> list[AudioChunk]:
    return [chunk for chunk in engine.synthesize(text, VOICE, EN, rate) if len(chunk.samples)]


def _length_s(chunks: list[AudioChunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)


@pytest.mark.parametrize("said", ["", "no", "true"])
def test_nothing_is_sent_before_the_user_has_said_yes(edge: Edge, said: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"no text is sent.* set engines\.edge_tts\.allow yes"):
        EdgeTTS().load(EngineContext(options={"allow": said, "url": edge.url}))
    assert edge.queries == []


def test_a_sentence_goes_piece_by_piece_and_its_sound_comes_back(engine: EdgeTTS, edge: Edge) -> None:
    chunks = _spoken(engine, TEXT)
    assert " ".join(asked.text for asked in edge.asked) == TEXT
    assert {(asked.voice, asked.rate) for asked in edge.asked} == {(VOICE, "+0%")}
    assert edge.queries[-1].keys() >= {"TrustedClientToken", "Sec-MS-GEC", "ConnectionId"}
    assert len(chunks) == len(edge.asked) == 2
    for chunk, asked in zip(chunks, edge.asked, strict=True):
        assert chunk.sample_rate == 24_000
        loud = np.flatnonzero(np.abs(chunk.samples) > 0.05)
        assert loud[0] / 24_000 < 0.05
        assert (loud[-1] - loud[0]) / 24_000 == pytest.approx(len(asked.text) * SECONDS_A_CHARACTER, rel=0.1)


@pytest.mark.parametrize(("rate", "own"), [(0.5, "-50%"), (1.3, "+30%"), (2.0, "+100%"), (3.0, "+100%")])
def test_the_rate_is_kept_and_is_the_services_own_where_it_can_be(
    engine: EdgeTTS, edge: Edge, rate: float, own: str
) -> None:
    changed = _length_s(_spoken(engine, TEXT, rate))
    assert {asked.rate for asked in edge.asked} == {own}
    assert changed == pytest.approx(_length_s(_spoken(engine, TEXT)) / rate, rel=0.12)


def test_markup_in_the_text_is_text(engine: EdgeTTS, edge: Edge) -> None:
    text = "a < b & <break time='9s'/> </prosody>"
    assert _spoken(engine, text)
    assert edge.asked == [Asked(text, VOICE, "+0%")]


def test_every_declared_voice_belongs_to_its_language_and_has_the_form_that_the_package_takes() -> None:
    voices = ENGINE["voices"]
    assert isinstance(voices, dict)
    names = [name for of_language in voices.values() for name in of_language]
    assert len(names) == len(set(names))
    assert len({tag.split("-")[0] for tag in voices}) == 74
    for tag, of_language in voices.items():
        check_language(tag)
        for name in of_language:
            assert name.startswith(f"{tag}-")
            config = TTSConfig(name, "+0%", "+0%", "+0Hz", "SentenceBoundary")
            assert config.voice.startswith(f"Microsoft Server Speech Text to Speech Voice ({tag}, ")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("cut", "broke off"),
        ("closed", "broke off"),
        ("empty", "has no sound for this text"),
        ("garbage", "sent is no MP3 sound"),
        ("strange", "answered nonsense: UnknownResponse"),
        ("text", "answered nonsense: JSONDecodeError"),
    ],
)
def test_an_answer_that_is_no_whole_sound_is_a_failure_of_its_sentence_alone(
    engine: EdgeTTS, edge: Edge, fault: str, says: str
) -> None:
    edge.fault = fault
    with pytest.raises(EngineFailed, match=says) as caught:
        _spoken(engine, TEXT)
    assert "\n" not in str(caught.value)
    edge.fault = ""
    assert _spoken(engine, TEXT)


@pytest.mark.parametrize("fault", ["403", "429", "500", "503"])
def test_a_service_that_keeps_us_out_has_another_voice_speak_for_a_while(
    engine: EdgeTTS, edge: Edge, fault: str
) -> None:
    edge.fault = fault
    with pytest.raises(EngineUnavailable, match=rf"edge_tts cannot be used: .*status {fault}"):
        _spoken(engine, TEXT)
    with pytest.raises(EngineUnavailable, match=f"status {fault}"):
        EdgeTTS().load(EngineContext(options=_options(edge)))


def test_a_silent_service_is_waited_for_a_little(
    engine: EdgeTTS, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_service, "DEADLINE_S", 0.3)
    edge.fault = "silent"
    with pytest.raises(EngineUnavailable, match="did not answer within"):
        _spoken(engine, TEXT)
    assert edge.hung_up.wait(5)


def test_a_service_that_is_not_there_is_told_when_the_engine_is_loaded(edge: Edge) -> None:
    with running(Edge()) as gone:
        options = _options(gone)
    with pytest.raises(EngineUnavailable, match=r"cannot be used: 127\.0\.0\.1:\d+ cannot be reached"):
        EdgeTTS().load(EngineContext(options=options))


@pytest.mark.parametrize("url", ["https://example.org", "speech.example.org", "ws://"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"engines\.edge_tts\.url is no websocket address"):
        EdgeTTS().load(EngineContext(options={"allow": "yes", "url": url}))


def test_closing_the_sentence_hangs_up(engine: EdgeTTS, edge: Edge) -> None:
    edge.fault = "silent"
    with closing(engine.synthesize(TEXT, VOICE, EN, 1.0)) as chunks:  # type: ignore[type-var]
        assert len(next(chunks).samples) == 0
        assert edge.stalled.wait(5)
    assert edge.hung_up.wait(5)


def test_no_text_breaks_it(engine: EdgeTTS) -> None:
    for text in HOSTILE:
        _spoken(engine, text)
        assert _spoken(engine, "OK."), ascii(text)


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        EdgeTTS().synthesize("OK", VOICE, EN, 1.0)


@pytest.mark.anyio
async def test_in_a_worker_a_cancel_hangs_up_and_costs_nothing(edge: Edge) -> None:
    async with hosted(ENTRY_POINT, options=_options(edge)) as host:
        await host.load()
        pid = host.state.pid
        edge.fault = "silent"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_work, host)
            assert await anyio.to_thread.run_sync(edge.stalled.wait, 5)
            tasks.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(edge.hung_up.wait, 5)
        edge.fault = ""
        assert await _work(host) > 0
        assert (host.state.pid, host.state.restarts) == (pid, 0)


async def _work(host: EngineHost) -> int:
    async with aclosing(host.synthesize("Hello.", VOICE, EN)) as chunks:
        return sum([len(chunk.samples) async for chunk in chunks])
