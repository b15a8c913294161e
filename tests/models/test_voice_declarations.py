"""What engines declare of voices that are models, recordings or files of the user's."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from claude_narrator.models.registry import GROUP, EngineRecord, EngineStatus, find_engines
from claude_narrator.models.voice_files import VoiceFiles

JOE = "piper-en-us-joe"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path / "site")
    (tmp_path / "site").mkdir()
    return tmp_path / "site" / "spoken.py"


def _record(module: Path, keys: str, *here: str) -> EngineRecord:
    text = (
        f'ENGINE = {{"kind": "synthesizer", "summary": "", "languages": ["en"], {keys}}}\nclass Engine: ...\n'
    )
    module.write_text(text, encoding="utf-8")
    point = EntryPoint("mine", f"{module.stem}:Engine", GROUP)
    (record,) = find_engines(here.__contains__, [point], data=module.parents[1])
    return record


VOICES = '"voices": {"en": ["joe", "amy"], "fr": ["gil"]}, '
MODELS = f'"voice_models": {{"joe": "{JOE}", "gil": "{JOE}"}}, "stores_voices": True'


def test_a_voice_is_there_when_its_own_model_is(module: Path) -> None:
    record = _record(module, VOICES + MODELS, JOE)
    assert (record.status, record.models) == (EngineStatus.READY, (JOE,))
    assert record.declaration.voices == {"en": ("joe", "amy"), "fr": ("gil",)}


def test_without_any_model_what_to_pull_is_told_and_the_voices_stay_listed(module: Path) -> None:
    record = _record(module, VOICES + MODELS)
    assert record.status is EngineStatus.MISSING_MODEL
    assert record.reason == f"{JOE} is not on this machine: voice models pull {JOE}"
    assert record.declaration.voices == {"en": ("joe", "amy"), "fr": ("gil",)}


def test_a_voice_of_the_users_own_is_enough(module: Path) -> None:
    folder = module.parents[1] / "voices" / "mine" / "anna"
    folder.mkdir(parents=True)
    (folder / "voice.json").write_text(json.dumps({"languages": ["de"]}))
    record = _record(module, VOICES + MODELS)
    assert record.status is EngineStatus.READY
    assert record.declaration.voices == {"en": ("amy",), "de": ("anna",)}


def test_the_files_of_a_voice_are_read(module: Path) -> None:
    files = '"voice_files": {"endings": [".onnx", ".onnx.json"], "languages": ["a.b", "c"]}'
    record = _record(module, f'"stores_voices": True, "clones": True, {files}')
    assert record.declaration.clones
    assert record.declaration.voice_files == VoiceFiles((".onnx", ".onnx.json"), ("a.b", "c"))


@pytest.mark.parametrize(
    "key",
    [
        '"clones": "yes"',
        '"voice_files": []',
        '"voice_files": {}',
        '"voice_files": {"endings": []}',
        '"voice_files": {"endings": ["onnx"]}',
        '"voice_files": {"endings": [".a"], "languages": ["a..b"]}',
        '"voice_files": {"endings": [".a"], "more": []}',
        '"voice_models": {"joe": 5}',
    ],
)
def test_a_malformed_key_breaks_the_declaration(module: Path, key: str) -> None:
    record = _record(module, f'"voices": {{"en": ["joe"]}}, "stores_voices": True, {key}')
    assert record.status is EngineStatus.BROKEN
    name = key.split(":")[0].strip('"')
    assert record.reason.startswith(f"ENGINE['{name}'] cannot be ")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ('"clones": True, "voices": {"en": ["a"]}', "ENGINE lacks 'stores_voices'"),
        ('"voice_files": {"endings": [".a"]}, "voices": {"en": ["a"]}', "ENGINE lacks 'stores_voices'"),
        (
            '"voices": {"en": ["a"]}, "voice_models": {"b": "m"}',
            "ENGINE['voice_models'] names no voice of its",
        ),
    ],
)
def test_keys_that_need_each_other_are_asked_for(module: Path, keys: str, reason: str) -> None:
    assert _record(module, keys).reason.startswith(reason)
