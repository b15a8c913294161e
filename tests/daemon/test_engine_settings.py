"""Each engine that declares options has a section of its own in the user's file, and in no project's."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from claude_narrator.daemon import engine_settings, settings
from claude_narrator.daemon.settings import Settings
from claude_narrator.models.errors import BadInput

URL = "engines.llama_server.url"


def test_an_engines_section_is_read_without_what_is_default_or_empty() -> None:
    text = "[engines.llama_server]\nurl = 'http://a'\nmodel = ''\n"
    text += "[engines.speech_server]\nsample_rate = '24000'\n"
    assert settings.parse(text, "x").engines == {"llama_server": {"url": "http://a"}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[engines.llama_server]\nulr = 'x'", "unknown key 'engines.llama_server.ulr'. Did you mean 'url'?"),
        (
            "[engines.lama_server]\nurl = 'x'",
            "no engine 'lama_server' has settings. Did you mean 'llama_server'?",
        ),
        ("[engines.hibari]\nurl = 'x'", "no engine 'hibari' has settings"),
        (
            "[engines.voicevox]\nurl = 50021",
            "engines.voicevox.url cannot be 50021; write a text in quotation marks",
        ),
        (
            "[engines.nllb]\nbackend = 'foo'",
            "engines.nllb.backend is 'foo'; it must be one of auto, torch-int8, torch-bf16, "
            "torch-fp16, torch-fp32, ctranslate2-int8, ctranslate2-fp32",
        ),
        (
            "[engines.qwen]\ngpu_layers = 'all'",
            "engines.qwen.gpu_layers is 'all'; it must be auto or a whole number from 0 to 99999",
        ),
        ("[engines]\nvoicevox = 'x'", "engines.voicevox cannot be 'x'; write [engines.voicevox]"),
        ("[engines]\n'voicevox.url' = 'x'", "no engine 'voicevox.url' has settings"),
        ("engines = 'x'", "write [engines.NAME]"),
        ("[[engines]]\nx = 1", "write [engines.NAME]"),
        ("[speech]\nrate = 9\n[engines.voicevox]\nulr = 'x'", "must lie between 0.5 and 3.0; unknown key"),
    ],
)
def test_a_mistake_in_an_engines_section_is_told_with_what_was_meant(text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings.parse(text, "config.toml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[engines.llama_server]\nurl = 'http://stranger'", "engines = 1"])
def test_a_project_may_not_say_where_text_is_sent(tmp_path: Path, text: str) -> None:
    path = tmp_path / settings.PROJECT_FILE
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(BadInput, match=r"'engines[^']*' may not be set here, only speech"):
        settings.load_project(tmp_path, Settings())


def test_a_project_keeps_what_the_user_set_for_engines(tmp_path: Path) -> None:
    base = settings.parse("[engines.llama_server]\nurl = 'http://a'", "x")
    path = tmp_path / settings.PROJECT_FILE
    path.parent.mkdir()
    path.write_text("[speech]\nlanguage = 'ja'")
    assert settings.load_project(tmp_path, base).engines == {"llama_server": {"url": "http://a"}}


def test_an_engines_option_is_set_shown_and_taken_back_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    settings.write_default(file)
    before = file.read_text(encoding="utf-8")
    current = settings.set_value(file, URL, "http://a")
    assert settings.value_of(current, URL) == "http://a"
    assert settings.value_of(current, "engines.speech_server.sample_rate") == "24000"
    assert set(before.splitlines()) <= set(file.read_text(encoding="utf-8").splitlines())
    assert settings.set_value(file, URL, "").engines == {}


def test_a_value_that_an_option_cannot_have_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[engines.nllb]\nbackend = 'torch-fp32'\n")
    with pytest.raises(BadInput, match="it must be one of auto, cpu, cuda, mps"):
        settings.set_value(file, "engines.nllb.device", "gpu")
    assert file.read_text() == "[engines.nllb]\nbackend = 'torch-fp32'\n"


def test_setting_an_engines_option_makes_its_section(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[engines.voicevox]\nurl = 'http://v'\n\n[log]\nlevel = 'debug'\n")
    settings.set_value(file, URL, "http://a")
    assert tomllib.loads(file.read_text())["engines"] == {
        "voicevox": {"url": "http://v"},
        "llama_server": {"url": "http://a"},
    }
    assert settings.load(file).log.level == "debug"
    empty = tmp_path / "empty.toml"
    settings.set_value(empty, URL, "http://a")
    assert empty.read_text() == '[engines.llama_server]\nurl = "http://a"\n'


def test_the_written_file_shows_every_option_with_its_comment(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    settings.write_default(file)
    text = file.read_text(encoding="utf-8")
    for key, default in engine_settings.engine_defaults().items():
        assert f"[{key.rpartition('.')[0]}]" in text
        assert f'\n# {key.rpartition(".")[2]} = "{default}"\n' in text
    assert settings.load(file) == Settings()


@pytest.mark.parametrize(
    "key", ["engines", "engines.llama_server", "engines.llama_server.ulr", "engines.x.url"]
)
def test_an_option_that_no_engine_has_is_refused_with_the_nearest(key: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings.value_from_text(key, "x")
    assert "engines." in caught.value.hint
