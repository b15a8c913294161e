"""Voices are listed, heard, and brought along as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.daemon.printing import print_voices
from claude_narrator.daemon.sample_sentences import sample_sentence
from claude_narrator.models.types import Language
from tests.daemon.commands_here import empty_home, voice
from tests.running_daemon import RunningDaemon

CONFIG = {"language": {"code": "pt_BR", "family": "pt"}, "espeak": {"voice": "pt-br"}}


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_home(monkeypatch) as home:
        yield home


def _files(folder: Path, config: object = CONFIG, weights: bytes = b"\x08\x07weights") -> Path:
    (folder / "faber.onnx").write_bytes(weights)
    (folder / "faber.onnx.json").write_text(json.dumps(config), encoding="utf-8")
    return folder / "faber.onnx"


def test_a_voice_from_files_is_stored_with_the_language_that_they_tell(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("voices", "add", "piper/faber", str(_files(tmp_path))) == 0
    assert capsys.readouterr().out.splitlines() == [
        "piper/faber is stored and speaks pt-BR.",
        "piper cannot speak it yet: its environment is not installed: voice engines install piper",
        "Hear it: voice voices --play piper/faber",
    ]
    folder = home / "voices" / "piper" / "faber"
    assert (folder / "voice.onnx").read_bytes() == b"\x08\x07weights"
    assert json.loads((folder / "voice.onnx.json").read_text(encoding="utf-8")) == CONFIG
    assert json.loads((folder / "voice.json").read_text(encoding="utf-8"))["languages"] == ["pt-BR"]


@pytest.mark.parametrize(
    ("config", "arguments", "language"),
    [
        ({"espeak": {"voice": "en-gb-x-rp"}}, [], "en-GB-x-rp"),
        ({"espeak": {"voice": "de"}, "language": {"code": 5}}, [], "de"),
        (CONFIG, ["--language", "pt-PT"], "pt-PT"),
        ({}, ["--language", "cy"], "cy"),
    ],
)
def test_the_language_is_the_surest_that_is_told(
    home: Path, tmp_path: Path, config: object, arguments: list[str], language: str
) -> None:
    assert voice("voices", "add", "piper/faber", str(_files(tmp_path, config)), *arguments) == 0
    described = json.loads((home / "voices" / "piper" / "faber" / "voice.json").read_text(encoding="utf-8"))
    assert described["languages"] == [language]


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("faber", "faber.onnx", "'faber' is not ENGINE/NAME"),
        ("hibari/faber", "faber.onnx", "'hibari' is no engine that keeps voices of yours"),
        ("piper/joe", "faber.onnx", "there is a voice piper/joe already"),
        ("piper/..", "faber.onnx", "a voice cannot be called '..'"),
        ("piper/a/b", "faber.onnx", "a voice cannot be called 'a/b'"),
        ("piper/faber", "faber.onnx.json", "faber.onnx.json does not end with .onnx"),
        ("piper/faber", "nothing.onnx", "nothing.onnx cannot be read: No such file"),
        ("piper/faber", "folder.onnx", "folder.onnx is no file"),
        ("piper/faber", "alone.onnx", "alone.onnx.json cannot be read: No such file"),
        ("piper/faber", "empty.onnx", "empty.onnx is empty"),
        ("piper/faber", "page.onnx", "page.onnx.json is no JSON object"),
        ("piper/faber", "mute.onnx", "mute.onnx does not tell its language"),
    ],
)
def test_what_is_no_voice_is_refused_in_a_line_and_a_hint(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, file: str, said: str
) -> None:
    _files(tmp_path)
    (tmp_path / "folder.onnx").mkdir()
    contents = {"alone.onnx": "x", "empty.onnx": "", "page.onnx": "x", "mute.onnx": "x"}
    settings = {"empty.onnx.json": "{}", "page.onnx.json": "<html>", "mute.onnx.json": "{}"}
    for beside, content in {**contents, **settings}.items():
        (tmp_path / beside).write_text(content, encoding="utf-8")
    assert voice("voices", "add", name, str(tmp_path / file)) == 1
    told = capsys.readouterr().err.splitlines()
    assert said in told[0]
    assert len(told) == 2
    assert not list((home / "voices").rglob("*"))


def test_a_voice_is_listed_once_with_its_languages(capsys: pytest.CaptureFixture[str]) -> None:
    tags = ["en", "ja", "zh", "ko", "fr", "de"]
    print_voices([{"id": "a/anna", "language": tag, "status": "ready", "reason": ""} for tag in tags])
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "a/anna" in line)
    assert line.split() == ["a/anna", "en", "ja", "zh", "ko", "+2", "ready"]


@pytest.mark.parametrize("tag", ["en", "ja", "pt-BR", "zh-Hant-TW", "nb-NO", "DE"])
def test_there_is_a_sentence_to_hear_in_many_languages(tag: str) -> None:
    assert len(sample_sentence(Language(tag))) > 20
    assert sample_sentence(Language("cy")) == "1, 2, 3, 4, 5."


def test_the_list_can_be_of_the_voices_that_speak_one_language() -> None:
    with RunningDaemon(models__preload=False) as daemon:
        whole = daemon.voice("voices").stdout.splitlines()
        japanese = daemon.voice("voices", "--language", "ja").stdout.splitlines()
        listed = json.loads(daemon.voice("voices", "--language", "pt", "--json").stdout)
        assert len(japanese) < len(whole) / 4
        assert any(line.split()[:3] == ["open_jtalk/mei", "ja", "ready"] for line in japanese)
        assert not any(line.startswith("hibari/") for line in japanese)
        assert {voice["language"].split("-")[0] for voice in listed} == {"pt"}
        assert daemon.voice("voices", "--language", "xx").stderr.splitlines() == [
            "error: no voice speaks xx",
            "See: voice voices",
        ]


@pytest.mark.parametrize("where", [[], ["--project"]])
@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("hart", "Did you mean hibari/heart"), ("hibari/hart", "Did you mean hibari/heart"), ("../x", "See: ")],
)
def test_a_voice_that_nobody_has_is_not_set(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    where: list[str],
    wanted: str,
    hint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert voice("settings", "set", "speech.voice", wanted, *where) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"error: there is no voice {wanted!r}"
    assert told[1].startswith(hint)
    assert not list(tmp_path.rglob("voice.toml"))
    assert voice("settings", "get", "speech.voice") == 0
    assert capsys.readouterr().out == "auto\n"


@pytest.mark.parametrize("wanted", ["auto", "heart", "hibari/heart", "cosyvoice/en_female"])
def test_a_voice_that_there_is_can_be_set_even_before_it_can_speak_here(home: Path, wanted: str) -> None:
    assert voice("settings", "set", "speech.voice", wanted) == 0
