"""Google Translate's voice is asked only when that is allowed, and its every fault is one line."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import aclosing, closing
from pathlib import Path

import anyio
import anyio.to_thread
import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import gtts
from claude_narrator.models.engines.gtts import ENGINE, GTTS
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownLanguage
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import AudioChunk, Language
from tests.hostile_texts import HOSTILE
from tests.models.engines.mp3 import SECONDS_A_CHARACTER
from tests.models.engines.stand_in_google import PATH, Google, running
from tests.models.worker_bench import hosted

EN = Language("en")
ENTRY_POINT = "claude_narrator.models.engines.gtts:GTTS"
TEXT = (
    "The build is green again and all forty-two tests pass, so that I am done. "
    "Shall I push it to the main branch, or would you rather look at it yourself before that happens?"
)

KNOWN = """
    af am ar bg bn bs ca cs cy da de el en es et eu fi fr fr-CA gl gu ha hi hr hu id is it iw ja jw km kn ko
    la lt lv ml mr ms my ne nl no pa pl pt pt-PT ro ru si sk sq sr su sv sw ta te th tl tr uk ur vi yue
    zh-CN zh-TW
"""
"""What the package gTTS 2.5.4 lists."""


@pytest.fixture
def google() -> Iterator[Google]:
    with running(Google()) as server:
        yield server


def _options(google: Google) -> dict[str, str]:
    return {"allow": "yes", "url": google.url}


@pytest.fixture
def engine(google: Google) -> GTTS:
    loaded = GTTS()
    assert loaded.load(EngineContext(options=_options(google))).device == google.url.removeprefix("http://")
    assert google.texts == ["OK."]
    google.asked.clear()
    return loaded


def _spoken(engine: GTTS, text: str, language: str = "en", rate: float = 1.0) -> list[AudioChunk]:
    chunks = engine.synthesize(text, "google", Language(language), rate)
    return [chunk for chunk in chunks if len(chunk.samples)]


def _length_s(chunks: list[AudioChunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)


@pytest.mark.parametrize("said", ["", "no", "true", "y", "yes please"])
def test_nothing_is_sent_before_the_user_has_said_yes(google: Google, said: str) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"allow.*no text is sent.*voice settings set engines\.gtts\.allow yes"
    ):
        GTTS().load(EngineContext(options={"allow": said, "url": google.url}))
    assert google.asked == []


@pytest.mark.parametrize("is_framed", [False, True])
def test_a_sentence_goes_piece_by_piece_and_its_sound_comes_back(
    engine: GTTS, google: Google, is_framed: bool
) -> None:
    google.is_framed = is_framed
    chunks = _spoken(engine, TEXT)
    assert "".join(google.texts).replace(" ", "") == TEXT.replace(" ", "")
    assert len(chunks) == len(google.asked) == 3
    assert {(path, language) for path, _, language in google.asked} == {(PATH, "en")}
    assert google.kinds[-1] == "application/x-www-form-urlencoded;charset=utf-8"
    for chunk, text in zip(chunks, google.texts, strict=True):
        assert chunk.sample_rate == 24_000
        loud = np.flatnonzero(np.abs(chunk.samples) > 0.05)
        assert loud[0] / 24_000 < 0.05
        assert (loud[-1] - loud[0]) / 24_000 == pytest.approx(len(text) * SECONDS_A_CHARACTER, rel=0.1)


@pytest.mark.parametrize("rate", [0.5, 2.0, 3.0])
def test_the_rate_is_kept(engine: GTTS, rate: float) -> None:
    assert _length_s(_spoken(engine, TEXT, rate=rate)) == pytest.approx(
        _length_s(_spoken(engine, TEXT)) / rate, rel=0.1
    )


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("he", "iw"),
        ("nb", "no"),
        ("no", "no"),
        ("fil", "tl"),
        ("jv", "jw"),
        ("pt", "pt"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt-PT"),
        ("zh", "zh-CN"),
        ("zh-Hant-TW", "zh-TW"),
        ("zh-TW", "zh-TW"),
        ("zh-HK", "yue"),
        ("en-AU", "en"),
        ("fr-CA", "fr-CA"),
        ("ja", "ja"),
    ],
)
def test_languages_are_asked_for_by_the_names_that_google_has_for_them(
    engine: GTTS, google: Google, language: str, code: str
) -> None:
    _spoken(engine, "OK", language)
    assert google.asked == [(PATH, "OK", code)]


def test_every_declared_language_has_a_code_that_google_is_known_to_take() -> None:
    known = set(KNOWN.split())
    voices = ENGINE["voices"]
    assert isinstance(voices, dict)
    codes = {gtts._CODES.get(tag, tag) for tag in voices}
    assert codes == known


def test_a_language_that_google_does_not_speak_is_refused(engine: GTTS) -> None:
    with pytest.raises(UnknownLanguage, match="does not speak 'tlh'"):
        _spoken(engine, "nuqneH", "tlh")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("400", "refused the request"),
        ("500", "failed"),
        ("cut", "broke off"),
        ("torn", "answered what is no JSON"),
        ("html", "answered what is no JSON"),
        ("garbage", "what .* sent is no MP3 sound"),
        ("no base64", "answered what is no sound"),
        ("refusal", "has no sound for this text"),
        ("other", "answered without what it was asked"),
    ],
)
def test_an_answer_that_is_no_sound_is_a_failure_of_its_sentence_alone(
    engine: GTTS, google: Google, fault: str, says: str
) -> None:
    google.fault = fault
    with pytest.raises(EngineFailed, match=says) as caught:
        _spoken(engine, TEXT)
    assert "\n" not in str(caught.value)
    google.fault = ""
    assert _spoken(engine, TEXT)


@pytest.mark.parametrize("fault", ["403", "404", "429", "503"])
def test_what_would_fail_the_next_sentence_too_has_another_voice_speak_for_a_while(
    engine: GTTS, google: Google, fault: str
) -> None:
    google.fault = fault
    with pytest.raises(EngineUnavailable, match=f"gtts cannot be used: .*status {fault}"):
        _spoken(engine, TEXT)
    with pytest.raises(EngineUnavailable, match=f"status {fault}"):
        GTTS().load(EngineContext(options=_options(google)))


@pytest.mark.parametrize(("fault", "says"), [("silent", "was silent for"), ("trickle", "took more than")])
def test_an_answer_that_does_not_come_is_waited_for_a_little(
    engine: GTTS, google: Google, monkeypatch: pytest.MonkeyPatch, fault: str, says: str
) -> None:
    monkeypatch.setattr(gtts, "ANSWER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(gtts, "_DEADLINE_S", 0.4)
    google.fault = fault
    with pytest.raises(EngineUnavailable, match=says):
        _spoken(engine, TEXT)
    assert google.hung_up.wait(5)


def test_a_server_that_is_not_there_is_told_when_the_engine_is_loaded() -> None:
    with running(Google()) as gone:
        options = _options(gone)
    with pytest.raises(EngineUnavailable, match=r"gtts cannot be used: .* cannot be reached"):
        GTTS().load(EngineContext(options=options))


@pytest.mark.parametrize("url", ["", "translate.google.com", "ftp://translate.google.com", "https://a b/"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"engines\.gtts\.url is no http address"):
        GTTS().load(EngineContext(options={"allow": "yes", "url": url}))


def test_nothing_is_sent_to_whoever_cannot_prove_to_be_the_service(tmp_path: Path) -> None:
    made = ["-subj", "/CN=127.0.0.1", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made]
    subprocess.run(command, check=True, capture_output=True)
    with running(Google(), tmp_path) as stranger:
        with pytest.raises(EngineUnavailable, match=r"cannot be reached: .*certificate verify failed"):
            GTTS().load(EngineContext(options=_options(stranger)))
        assert stranger.asked == []


def test_closing_the_sentence_hangs_up(engine: GTTS, google: Google) -> None:
    google.fault = "silent"
    with closing(engine.synthesize(TEXT, "google", EN, 1.0)) as chunks:  # type: ignore[type-var]
        assert len(next(chunks).samples) == 0
        assert google.stalled.wait(5)
    assert google.hung_up.wait(5)


def test_no_text_breaks_it(engine: GTTS) -> None:
    for text in HOSTILE:
        _spoken(engine, text)
        assert _spoken(engine, "OK."), ascii(text)


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        GTTS().synthesize("OK", "google", EN, 1.0)


@pytest.mark.anyio
async def test_in_a_worker_a_cancel_hangs_up_and_costs_nothing(google: Google) -> None:
    async with hosted(ENTRY_POINT, options=_options(google)) as host:
        await host.load()
        pid = host.state.pid
        google.fault = "silent"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_work, host)
            assert await anyio.to_thread.run_sync(google.stalled.wait, 5)
            tasks.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(google.hung_up.wait, 5)
        google.fault = ""
        assert await _work(host) > 0
        assert (host.state.pid, host.state.restarts) == (pid, 0)


async def _work(host: EngineHost) -> int:
    async with aclosing(host.synthesize("Hello.", "google", EN)) as chunks:
        return sum([len(chunk.samples) async for chunk in chunks])
