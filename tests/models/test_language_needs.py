"""A language that lacks something here is nobody's choice, and who asks for it is told what."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from claude_narrator.models.chain import Facts, Standing, synthesizers
from claude_narrator.models.choice import explain_no_engine, find_voice, voices_for
from claude_narrator.models.engine_state import EngineState
from claude_narrator.models.errors import EngineUnavailable, ModelMissing, UnknownLanguage, UnknownVoice
from claude_narrator.models.extras import install_command
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.registry import GROUP, EngineRecord, EngineStatus, find_engines
from claude_narrator.models.types import Language, VoiceChoice

EN, FR, IT, ZH = map(Language, ("en", "fr", "it", "zh"))
SOURCE = """
ENGINE = {
    "kind": "synthesizer",
    "summary": "Speaks",
    "voices": {"en": ["amy"], "fr": ["ann"], "it": ["eva"], "zh-CN": ["li"]},
    "needs": {
        "fr": {"commands": ["no-such-command"], "commands_from": "brew install it"},
        "it": {"models": [["big", "small"]], "commands": ["sh"]},
        "zh-CN": {"modules": ["no_such_module"], "extra": "zh", "models": ["big"]},
    },%s
}
class Engine: ...
"""
SHORT = """
ENGINE = {"kind": "synthesizer", "summary": "Speaks", "voices": {"en": ["amy"]}, %s}
class Engine: ...
"""
NO_COMMAND = "there is no command 'no-such-command' on this machine: brew install it"
NO_MODEL = "big or small is not on this machine: voice models pull big"
NO_MODULE = f"no_such_module is not installed: {install_command('zh')}"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stranger").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / "stranger"


def _record(package: Path, here: frozenset[str] = frozenset(), more: str = "") -> EngineRecord:
    (package / "engine.py").write_text(SOURCE % more)
    (record,) = find_engines(here.__contains__, [EntryPoint("mine", "stranger.engine:Engine", GROUP)])
    return record


def test_each_language_says_what_it_lacks_and_the_engine_is_ready(package: Path) -> None:
    record = _record(package)
    assert record.status is EngineStatus.READY
    assert record.unspoken == {
        "fr": (EngineStatus.MISSING_PACKAGE, NO_COMMAND),
        "it": (EngineStatus.MISSING_MODEL, NO_MODEL),
        "zh-CN": (EngineStatus.MISSING_PACKAGE, NO_MODULE),
    }
    assert record.voices == {"en": ("amy",)}
    assert record.declaration.voices.keys() == {"en", "fr", "it", "zh-CN"}
    assert record.lacks(EN) == (EngineStatus.READY, "")


def test_a_language_whose_needs_are_met_is_spoken_with_its_models(package: Path) -> None:
    record = _record(package, frozenset({"small"}))
    assert record.voices == {"en": ("amy",), "it": ("eva",)}
    assert record.models == ("small",)


def test_an_engine_that_cannot_run_says_that_first(package: Path) -> None:
    record = _record(package, more='"modules": ["nope"]')
    assert (record.status, record.unspoken) == (EngineStatus.MISSING_PACKAGE, {})


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ('{"de": {"commands": ["sh"]}}', r"ENGINE\['needs'\] names no language of its own: de"),
        ('{"en": ["sh"]}', r"ENGINE\['needs'\] cannot be"),
        ('{"en": {"options": {}}}', r"ENGINE\['needs'\] cannot be"),
        ('{"en": {"commands": "sh"}}', r"ENGINE\['needs'\] cannot be"),
    ],
)
def test_needs_of_another_form_break_the_engine(package: Path, needs: str, says: str) -> None:
    (package / "engine.py").write_text(SHORT % f'"needs": {needs}')
    (record,) = find_engines(lambda _: True, [EntryPoint("mine", "stranger.engine:Engine", GROUP)])
    assert record.status is EngineStatus.BROKEN
    assert re.match(says, record.reason)


def test_it_is_nobodys_choice(package: Path) -> None:
    record = _record(package)
    assert voices_for(EN, [record]) == [("mine", "amy")]
    assert voices_for(FR, [record]) == []
    (candidate,) = synthesizers(FR, [record], (), lambda record: Facts(EngineState(record.name)))
    assert (candidate.voice, candidate.standing, candidate.reason) == ("ann", Standing.OUT, NO_COMMAND)
    (candidate,) = synthesizers(EN, [record], (), lambda record: Facts(EngineState(record.name)))
    assert candidate.standing is Standing.COMING


def test_who_asks_for_it_is_told_what_is_missing(package: Path) -> None:
    record = _record(package)
    with pytest.raises(
        EngineUnavailable, match=r"mine cannot speak fr: there is no .*\. Run: brew install it"
    ):
        find_voice("mine/ann", FR, [record])
    with pytest.raises(ModelMissing, match=r"mine cannot speak it: .*\. Run: voice models pull big"):
        find_voice("eva", IT, [record])
    said = explain_no_engine([record], "synthesizer", ZH)
    assert str(said) == f"mine cannot speak zh-CN: {NO_MODULE.replace(': ', '. Run: ')}"


@pytest.mark.anyio
async def test_the_pool_offers_the_others_alone(package: Path) -> None:
    async with EnginePool([_record(package)], Path) as pool:
        assert [voice.id for voice in pool.voices()] == ["mine/amy"]
        with pytest.raises(EngineUnavailable, match="mine cannot speak fr"):
            pool.synthesizers_for(VoiceChoice(FR))


def test_a_voice_of_one_region_speaks_the_language_for_every_other(package: Path) -> None:
    record = _record(package)
    voices = {Language("en-US"): ("a",), Language("en-GB"): ("b",)}
    british = replace(record, declaration=replace(record.declaration, voices=voices))
    assert find_voice("mine/b", EN, [british]) == ("mine", "b")
    assert find_voice("mine/b", Language("en-AU"), [british]) == ("mine", "b")
    with pytest.raises(UnknownVoice, match="speaks en-GB, not fr"):
        find_voice("mine/b", FR, [british])


def test_a_language_of_the_network_alone_is_told_with_the_engines_that_speak_it(package: Path) -> None:
    record = _record(package, more='"network": True')
    said = explain_no_engine([record], "synthesizer", EN)
    assert isinstance(said, UnknownLanguage)
    assert (
        str(said) == "no engine here speaks en. Over the network mine does, if you allow it and name a voice."
    )


def test_voices_that_the_user_lists_stand_before_those_that_the_engine_has(package: Path) -> None:
    option = '"options": {"voices": {"comment": "c", "default": ""}}'
    (package / "engine.py").write_text(SHORT % option)
    point = [EntryPoint("mine", "stranger.engine:Engine", GROUP)]
    (plain,) = find_engines(lambda _: True, point)
    (listed,) = find_engines(lambda _: True, point, {"mine": {"voices": "en:own ja:hana"}})
    assert plain.declaration.voices == {"en": ("amy",)}
    assert listed.declaration.voices == {"en": ("own", "amy"), "ja": ("hana",)}
    assert listed.declaration.languages == ("en", "ja")
