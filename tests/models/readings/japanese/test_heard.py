"""A recogniser hears the words of a developer in what the Japanese voices say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from claude_narrator.models.base import EngineContext, Synthesizer
from claude_narrator.models.catalog import model_folder
from claude_narrator.models.engines.kokoro import Kokoro
from claude_narrator.models.engines.open_jtalk import OpenJTalk
from claude_narrator.models.readings.japanese import read_japanese
from claude_narrator.models.types import Language
from tests.listening import Listener, character_error_rate, joined
from tests.models_home import ensure

pytestmark = [
    pytest.mark.models,
    pytest.mark.filterwarnings(
        "ignore:Dictionary.create:DeprecationWarning"
    ),  # of the front end's dependency
]
UNDERSTOOD = 0.3
"""Character error rate: the words are rare ones for the recogniser; spelled, they score above 0.4."""
SENTENCES = [
    ("queue.pyのput_nowaitを修正しました。", "キュードットパイのプットノーウェイトを修正しました。"),
    ("serverを再起動して、Dockerのlogを見ます。", "サーバーを再起動して、ドッカーのログを見ます。"),
    ("pull requestをmainにmergeしました。", "プルリクエストをメインにマージしました。"),
    ("APIのtimeoutは3.5秒です。", "エーピーアイのタイムアウトは3.5秒です。"),
    ("2026-11-20の14:30にreleaseします。", "2026年11月20日の14時30分にリリースします。"),
]


@cache
def _listener() -> Listener:
    return Listener()


@pytest.fixture(scope="module", params=["open_jtalk/mei", "kokoro/jf_alpha"])
def voice(request: pytest.FixtureRequest) -> Iterator[tuple[Synthesizer, str]]:
    name, voice = request.param.split("/")
    engine: Synthesizer = OpenJTalk() if name == "open_jtalk" else Kokoro()
    model = "kokoro-82m-int8"
    files = {} if name == "open_jtalk" else {model: model_folder(model, ensure(model))}
    engine.load(EngineContext(files))
    yield engine, voice
    engine.close()


@pytest.mark.parametrize(("written", "said"), SENTENCES)
def test_names_and_numbers_are_heard_as_words(
    voice: tuple[Synthesizer, str], written: str, said: str
) -> None:
    engine, name = voice
    sound = joined(engine.synthesize(read_japanese(written), name, Language("ja"), 1.0))
    heard = _listener().hear(sound, "ja")
    assert character_error_rate(said, heard, "ja") <= UNDERSTOOD, heard
