"""Kokoro speaks what a listener can write down again, clause by clause, at any rate."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import anyio
import numpy as np
import pytest
from pypinyin import lazy_pinyin

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.kokoro import ENGINE, Kokoro
from claude_narrator.models.errors import (
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    UnknownLanguage,
    UnknownVoice,
)
from claude_narrator.models.host import EngineHost, EngineSpec
from claude_narrator.models.types import AudioChunk, Language
from tests.listening import Listener, character_error_rate, joined
from tests.models.engines.reading_back import hear, kana_error_rate, letter_error_rate
from tests.models_home import ensure

pytestmark = pytest.mark.filterwarnings("ignore:Dictionary.create:DeprecationWarning")  # of pyopenjtalk
EN, JA = Language("en"), Language("ja")
MODEL, MORE_VOICES = "kokoro-82m-int8", "kokoro-voices"
DECLARED = {Language(tag): names for tag, names in ENGINE["voices"].items()}  # type: ignore[attr-defined]
CLAUSES = (
    "ビルドが完了し、四十二件のテストがすべて成功しました。設定ファイルを確認してから、もう一度実行します。"
)
SPOKEN = (
    "サーバーが応答していないので、今すぐ再起動します。",
    "マイグレーションには3分半かかりましたが、データは失われていません。",
    "設定ファイルを確認してから、もう一度実行してください。",
    "まず、失敗しているテストを見てみます。",
)


READ = {
    "en-GB": "The server is not responding, so I will restart it now.",
    "zh": "服务器没有响应，我现在重新启动它。构建又成功了，所有测试都通过了。",
    "es": "El servidor no responde, por eso lo voy a reiniciar ahora.",
    "fr": "Le serveur ne répond pas, donc je le redémarre maintenant.",
    "it": "Il server non risponde, quindi lo riavvio adesso.",
    "pt-BR": "O servidor não responde, por isso vou reiniciá-lo agora.",
    "hi": "काम पूरा हो गया है, आप अब देख सकते हैं।",
}
HINDI_IN_URDU = "کام پورا ہو گیا ہے آپ اب دیکھ سکتے ہیں"
"""The same words: the recogniser is sure of spoken Hindi in this script alone."""


def length_s(chunks: list[AudioChunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)


@pytest.fixture(scope="module")
def folder() -> Path:
    return ensure(MODEL) / MODEL


@pytest.fixture(scope="module")
def kokoro(folder: Path) -> Iterator[Kokoro]:
    engine = Kokoro()
    files = {MODEL: folder, MORE_VOICES: ensure(MORE_VOICES) / MORE_VOICES}
    loaded = engine.load(EngineContext(files, threads=1))
    assert (loaded.device, loaded.precision) == ("cpu", "int8")
    yield engine
    engine.close()
    engine.close()


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


def test_without_its_files_it_says_which_command_brings_them(tmp_path: Path) -> None:
    for files in ({}, {MODEL: tmp_path}):
        with pytest.raises(ModelMissing, match=f"voice models pull {MODEL}"):
            Kokoro().load(EngineContext(files))


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        Kokoro().synthesize("Hello.", "af_heart", EN, 1.0)


@pytest.mark.models
@pytest.mark.parametrize("text", SPOKEN)
def test_a_recogniser_reads_japanese_back(kokoro: Kokoro, text: str) -> None:
    heard = hear(kokoro.synthesize(text, "jf_alpha", JA, 1.0), "ja")
    assert kana_error_rate(text, heard) <= 0.15, heard


@pytest.mark.models
@pytest.mark.parametrize("voice", DECLARED[JA][1:])
def test_every_japanese_voice_is_understood(kokoro: Kokoro, voice: str) -> None:
    text = " ".join(SPOKEN[:2])
    heard = hear(kokoro.synthesize(text, voice, JA, 1.0), "ja")
    assert kana_error_rate(text, heard) <= 0.15, heard


@pytest.mark.models
@pytest.mark.parametrize("voice", DECLARED[Language("en-US")][:3])
def test_english_voices_are_understood(kokoro: Kokoro, voice: str) -> None:
    text = "The server is not responding, so I will restart it now. All forty two tests pass."
    heard = hear(kokoro.synthesize(text, voice, EN, 1.0), "en").replace("42", "forty two")
    assert letter_error_rate(text, heard) <= 0.1, heard


@pytest.mark.models
@pytest.mark.parametrize(
    ("language", "voice"), [(tag, voice) for tag in READ for voice in DECLARED[Language(tag)][:2]]
)
def test_the_other_languages_are_understood(
    kokoro: Kokoro, listener: Listener, language: str, voice: str
) -> None:
    """Wrong audio is more than three times as far away, which the test below shows."""
    sound = joined(kokoro.synthesize(READ[language], voice, Language(language), 1.0))
    assert _error_rate(language, READ[language], sound, listener) <= 0.12


@pytest.mark.models
def test_the_words_of_another_sentence_or_language_are_not_taken_for_these(
    kokoro: Kokoro, listener: Listener
) -> None:
    italian = joined(kokoro.synthesize(READ["it"], "if_sara", Language("it"), 1.0))
    hindi = joined(kokoro.synthesize("मुझे गलती मिल गई है।", "hf_alpha", Language("hi"), 1.0))
    for language in ("zh", "fr", "pt-BR"):
        assert _error_rate(language, READ[language], italian, listener) > 0.4
    assert _error_rate("hi", READ["hi"], hindi, listener) > 0.4


def _error_rate(language: str, text: str, sound: AudioChunk, listener: Listener) -> float:
    if language == "hi":
        return character_error_rate(HINDI_IN_URDU, listener.hear(sound, "ur"), "ur")
    heard = listener.hear(sound, language)
    if language == "zh":
        return character_error_rate(_pinyin(text), _pinyin(heard), "en")
    return character_error_rate(text, heard, language)


def _pinyin(text: str) -> str:
    """Syllables without tones, so that a character that sounds the same counts as heard."""
    return " ".join(filter(str.isalpha, lazy_pinyin(text)))


@pytest.mark.models
def test_every_declared_voice_has_its_style(kokoro: Kokoro) -> None:
    declared = [name for names in DECLARED.values() for name in names]
    assert len(declared) == len(set(declared)) == 54
    assert set(kokoro._styles) == set(declared)
    vectors = {name: kokoro._styles[name] for name in declared}
    assert all(np.isfinite(vector).all() for vector in vectors.values())
    assert len({vector.tobytes() for vector in vectors.values()}) == 54


@pytest.mark.models
def test_a_british_voice_is_given_british_sounds(kokoro: Kokoro, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    front_ends = kokoro._front_ends
    assert front_ends is not None
    monkeypatch.setattr(front_ends, "phonemes", lambda text, language: asked.append(language) or "")
    for voice, language in (
        ("bf_emma", "en"),
        ("bm_daniel", "en-US"),
        ("af_heart", "en-GB"),
        ("am_adam", "en"),
    ):
        list(kokoro.synthesize("Hello.", voice, Language(language), 1.0))
    assert asked == ["en-GB", "en-GB", "en-US", "en-US"]


@pytest.mark.models
def test_without_the_further_voices_it_speaks_with_those_it_has(folder: Path) -> None:
    engine = Kokoro()
    engine.load(EngineContext({MODEL: folder}, threads=1))
    with pytest.raises(EngineFailed, match=rf"the voice zf_xiaobei .*Run: voice models pull {MORE_VOICES}"):
        engine.synthesize("你好。", "zf_xiaobei", Language("zh"), 1.0)
    assert length_s(list(engine.synthesize("Hello.", "bf_emma", EN, 1.0))) > 0.3


@pytest.mark.models
def test_the_first_clause_comes_alone_and_begins_at_once(kokoro: Kokoro) -> None:
    chunks = list(kokoro.synthesize(CLAUSES, "jf_alpha", JA, 1.0))
    assert len(chunks) > 2
    assert length_s(chunks[:1]) < length_s(chunks) / 3
    for chunk in chunks:
        assert chunk.sample_rate == 24_000
        assert chunk.samples.dtype == np.float32
        assert np.isfinite(chunk.samples).all()
        assert np.abs(chunk.samples).max() <= 1.0
        loud = np.flatnonzero(np.abs(chunk.samples) > 10 ** (-50 / 20))
        assert loud[0] <= 0.02 * 24_000
        assert 0.1 * 24_000 <= len(chunk.samples) - loud[-1] <= 0.3 * 24_000


@pytest.mark.models
def test_closing_in_the_middle_leaves_the_engine_ready(kokoro: Kokoro) -> None:
    whole = length_s(list(kokoro.synthesize(CLAUSES, "jf_alpha", JA, 1.0)))
    chunks = kokoro.synthesize(CLAUSES, "jf_alpha", JA, 1.0)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    again = length_s(list(kokoro.synthesize(CLAUSES, "jf_alpha", JA, 1.0)))
    assert again == pytest.approx(whole, rel=0.05)


@pytest.mark.models
@pytest.mark.parametrize("rate", [0.5, 2.0, 3.0])
def test_the_rate_is_kept(kokoro: Kokoro, rate: float) -> None:
    plain = length_s(list(kokoro.synthesize(SPOKEN[1], "jf_alpha", JA, 1.0)))
    changed = length_s(list(kokoro.synthesize(SPOKEN[1], "jf_alpha", JA, rate)))
    assert changed == pytest.approx(plain / rate, rel=0.15)


@pytest.mark.models
@pytest.mark.parametrize("text", ["", "   ", "…！？", "🎉🎉", "\x00\ud800", "()[]{}", "〓■"])
def test_what_cannot_be_pronounced_is_silence(kokoro: Kokoro, text: str) -> None:
    for voice, language in (("jf_alpha", JA), ("af_heart", EN)):
        chunks = list(kokoro.synthesize(text, voice, language, 1.0))
        assert length_s(chunks) < 3


@pytest.mark.models
@pytest.mark.parametrize(
    "text", ["s'" * 100, "あ" * 900, "9" * 300, "а́" * 300, "漢字" * 200, "x_" * 300, "𠮷野家で𩸽を食べた。"]
)
def test_hostile_text_is_spoken_or_left_out_and_the_next_sentence_comes(kokoro: Kokoro, text: str) -> None:
    for voice, language in (("jf_alpha", JA), ("af_heart", EN)):
        chunk = next(iter(kokoro.synthesize(text, voice, language, 3.0)), None)
        assert chunk is None or np.isfinite(chunk.samples).all()
    assert length_s(list(kokoro.synthesize("Done.", "af_heart", EN, 1.0))) > 0.3


@pytest.mark.models
def test_an_unknown_voice_or_language_is_refused_with_the_known_ones(kokoro: Kokoro) -> None:
    with pytest.raises(UnknownVoice, match=r"'\.\./x'.*af_heart"):
        kokoro.synthesize("Hello.", "../x", EN, 1.0)
    with pytest.raises(UnknownLanguage, match=r"'de'.*It speaks en, ja, zh, es, fr, it, pt, hi"):
        kokoro.synthesize("Guten Tag.", "af_heart", Language("de"), 1.0)


@pytest.mark.models
@pytest.mark.parametrize("name", ["kokoro.int8.onnx", "voices_ja.npz", "vocab.json", "af_bella.bin"])
def test_a_broken_file_gives_one_line(folder: Path, tmp_path: Path, name: str) -> None:
    for file in folder.iterdir():
        if file.is_file() and file.name != name:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelMissing, match=name):
        Kokoro().load(EngineContext({MODEL: tmp_path}))
    (tmp_path / name).write_bytes((folder / name).read_bytes()[:1000])
    with pytest.raises(EngineUnavailable) as caught:
        Kokoro().load(EngineContext({MODEL: tmp_path}))
    assert "\n" not in str(caught.value)
    shutil.rmtree(tmp_path)


@pytest.mark.models
@pytest.mark.anyio
async def test_it_speaks_in_a_worker_process(folder: Path) -> None:
    spec = EngineSpec("kokoro", "claude_narrator.models.engines.kokoro:Kokoro", {MODEL: folder}, 1)
    with anyio.fail_after(120):
        async with anyio.create_task_group() as tasks:
            host = EngineHost(spec, tasks)
            chunks = [chunk async for chunk in host.synthesize("準備ができました。", "jf_alpha", JA)]
            await host.close()
    assert length_s(chunks) > 0.8
