"""Engines are listed with their status and the command that mends it, and none is imported for that."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from claude_narrator.models.extras import install_command
from claude_narrator.models.registry import GROUP, EngineRecord, EngineStatus, find_engines

STRANGER = "stranger.engine"
GOOD = """
raise RuntimeError("this module must not run")
ENGINE = {"kind": "synthesizer", "summary": "Speaks", "voices": {"en": ["one", "two"]}%s}
class Engine: ...
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose `__init__` must not run either."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('nor this')")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def _record(
    package: Path,
    source: str,
    name: str = "mine",
    value: str = "stranger.engine:Engine",
    present: bool = False,
) -> EngineRecord:
    (package / "engine.py").write_text(source, encoding="utf-8")
    (record,) = find_engines(lambda model: present, [EntryPoint(name, value, GROUP)])
    return record


def test_an_engine_is_read_from_its_source_and_not_imported(package: Path) -> None:
    record = _record(package, GOOD % ', "quality": 3, "embedded": True')
    assert (record.status, record.reason) == (EngineStatus.READY, "")
    assert record.declaration.voices == {"en": ("one", "two")}
    assert record.declaration.languages == ("en",)
    assert (record.declaration.quality, record.declaration.embedded) == (3, True)
    assert not any(name.startswith("stranger") for name in sys.modules)


def test_a_warning_about_the_source_is_not_an_error(package: Path) -> None:
    assert _record(package, GOOD % "" + "PATTERN = '\\d'\n").status is EngineStatus.READY


def test_a_missing_package_is_named_with_the_command_that_brings_it(package: Path) -> None:
    record = _record(package, GOOD % ', "modules": ["json", ["nope_a", "nope_b"]], "extra": "big"')
    assert record.status is EngineStatus.MISSING_PACKAGE
    assert record.reason == f"nope_a or nope_b is not installed: {install_command('big')}"


def test_any_one_of_several_modules_is_enough(package: Path) -> None:
    assert _record(package, GOOD % ', "modules": [["nope_a", "json"]]').status is EngineStatus.READY


def test_a_missing_model_is_named_with_the_command_that_pulls_it(package: Path) -> None:
    source = GOOD % ', "models": ["tiny-1"]'
    record = _record(package, source)
    assert record.status is EngineStatus.MISSING_MODEL
    assert record.reason == "tiny-1 is not on this machine: voice models pull tiny-1"
    assert _record(package, source, present=True).status is EngineStatus.READY


@pytest.mark.parametrize(
    ("suggested", "reason"),
    [
        ("", "large-1 or tiny-1 is not on this machine: voice models pull large-1"),
        (', "suggested": "tiny-1"', "tiny-1 is not on this machine: voice models pull tiny-1"),
        (', "suggested": "other"', "large-1 or tiny-1 is not on this machine: voice models pull large-1"),
    ],
)
def test_of_several_models_the_suggested_one_is_to_be_pulled(
    package: Path, suggested: str, reason: str
) -> None:
    record = _record(package, GOOD % f', "models": [["large-1", "tiny-1"]]{suggested}')
    assert (record.status, record.reason) == (EngineStatus.MISSING_MODEL, reason)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("class Engine: ...", "stranger.engine has no ENGINE dict"),
        (
            "ENGINE = dict(kind='synthesizer')\nclass Engine: ...",
            "ENGINE in stranger.engine is not a literal",
        ),
        ("ENGINE: dict\nclass Engine: ...", "stranger.engine has no ENGINE dict"),
        ("ENGINE = {}", "stranger.engine has no class Engine"),
        ("ENGINE = {}\nclass Engine: ...", "ENGINE lacks 'kind'"),
        ("ENGINE = {1: 2}\nclass Engine: ...", "ENGINE has an unknown key 1"),
        (GOOD % ', "colour": "red"', "ENGINE has an unknown key 'colour'; known are kind, summary"),
        (GOOD % ', "quality": True', "ENGINE['quality'] cannot be True"),
        (GOOD % ', "gpus": ["tpu"]', "ENGINE['gpus'] cannot be ['tpu']"),
        (GOOD % ', "quick": 1', "ENGINE['quick'] cannot be 1"),
        (GOOD % ', "by_model": {"m": {"speed": 1}}', "ENGINE['by_model'] cannot be {'m': {'speed': 1}}"),
        (GOOD % ', "by_model": {"m": {}}', "ENGINE['by_model'] names no model of its own: m"),
        (GOOD % ', "memory_mb": -1', "ENGINE['memory_mb'] cannot be -1"),
        (GOOD % ', "gain_db": 99', "ENGINE['gain_db'] cannot be 99"),
        (GOOD % ', "gain_db": {"a": "loud"}', "ENGINE['gain_db'] cannot be {'a': 'loud'}"),
        (GOOD % ', "gain_db": {"nobody": 3}', "ENGINE['gain_db'] names no voice of its own: nobody"),
        (GOOD % ', "modules": [[]]', "ENGINE['modules'] cannot be [[]]"),
        (GOOD % ', "models": ["../../etc"]', "ENGINE['models'] cannot be ['../../etc']"),
        (GOOD % ', "languages": ["en us"]', "ENGINE['languages'] cannot be ['en us']"),
        (GOOD % ', "voices": {"en": []}', "ENGINE['voices'] cannot be {'en': []}"),
        (GOOD % ', "kind": "translator"', "ENGINE['voices'] belongs to synthesizers"),
        ("ENGINE = {'kind': 'translator', 'summary': ''}\nclass Engine: ...", "ENGINE names no language"),
        ("ENGINE = {", "stranger.engine:Engine cannot be read: SyntaxError"),
        ("(" * 5000, "stranger.engine:Engine cannot be read: "),
        ("\x00", "stranger.engine:Engine cannot be read: "),
    ],
)
def test_a_broken_declaration_is_listed_with_one_line_that_says_why(
    package: Path, source: str, reason: str
) -> None:
    record = _record(package, source)
    assert record.status is EngineStatus.BROKEN
    assert record.reason.startswith(reason)
    assert "\n" not in record.reason


@pytest.mark.parametrize(
    "value", ["stranger.nowhere:Engine", "nowhere:Engine", "", ":", "json.decoder.x:E", "..:E"]
)
def test_an_entry_point_that_leads_nowhere_is_broken(package: Path, value: str) -> None:
    assert _record(package, GOOD % "", value=value).status is EngineStatus.BROKEN


@pytest.mark.parametrize("name", ["../etc", "Upper", "a/b", "", "-x"])
def test_an_engine_cannot_have_a_name_that_is_no_word(package: Path, name: str) -> None:
    record = _record(package, GOOD % "", name=name)
    assert record.status is EngineStatus.BROKEN
    assert "must be lower-case" in record.reason


def test_of_two_engines_with_one_name_the_list_has_one(package: Path) -> None:
    (package / "engine.py").write_text(GOOD % "")
    points = [EntryPoint("same", f"stranger.{module}:Engine", GROUP) for module in ("nowhere", "engine")]
    assert len(find_engines(lambda model: True, points)) == 1


def test_a_presence_check_that_fails_breaks_one_engine_and_not_the_list(package: Path) -> None:
    (package / "engine.py").write_text(GOOD % ', "models": ["tiny"]')

    def unreadable(model: str) -> bool:
        raise PermissionError(13, "Permission denied")

    (record,) = find_engines(unreadable, [EntryPoint("mine", "stranger.engine:Engine", GROUP)])
    assert record.status is EngineStatus.BROKEN
    assert "Permission denied" in record.reason


def test_the_installed_engines_are_listed_without_importing_one() -> None:
    code = (
        "import sys; from claude_narrator.models.registry import find_engines\n"
        "records = find_engines(lambda model: False)\n"
        "assert not any('.engines.' in name for name in sys.modules), sys.modules\n"
        "assert not {'hibari', 'pyopenjtalk', 'onnxruntime', 'numpy.random'} & set(sys.modules)\n"
        "print(*(f'{r.name}={r.status}' for r in records))"
    )
    listed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"hibari=ready", "open_jtalk=ready"} <= set(listed)
    assert not any(entry.endswith("=broken") for entry in listed)


URL = (
    ', "options": {"url": {"comment": "Where.", "example": "http://a"}, '
    '"model": {"comment": "", "default": "m"}}'
)
VOICES = '"options": {"voices": {"comment": "Which.", "default": "%s", "example": "en:amy"}}'


def _configured(package: Path, source: str, **given: str) -> EngineRecord:
    (package / "engine.py").write_text(source, encoding="utf-8")
    point = EntryPoint("mine", "stranger.engine:Engine", GROUP)
    (record,) = find_engines(lambda model: True, [point], {"mine": given, "other": {"url": "no"}})
    return record


def test_an_engine_whose_option_must_be_set_is_not_configured_until_it_is(package: Path) -> None:
    record = _configured(package, GOOD % URL)
    assert record.status is EngineStatus.NOT_CONFIGURED
    assert record.reason == "engines.mine.url is not set: voice settings set engines.mine.url http://a"
    record = _configured(package, GOOD % URL, url="http://b")
    assert (record.status, record.reason) == (EngineStatus.READY, "")
    assert record.options == {"url": "http://b", "model": "m"}


def test_a_missing_package_is_told_before_a_missing_option(package: Path) -> None:
    record = _configured(package, GOOD % (URL + ', "modules": ["nope_a"]'))
    assert record.status is EngineStatus.MISSING_PACKAGE


def test_voices_that_the_user_lists_are_the_voices_of_the_engine(package: Path) -> None:
    source = 'ENGINE = {"kind": "synthesizer", "summary": "", %s}\nclass Engine: ...' % (VOICES % "en:one")
    assert _configured(package, source).declaration.voices == {"en": ("one",)}
    declaration = _configured(package, source, voices="ja:a ja:b pt-BR:c").declaration
    assert declaration.voices == {"ja": ("a", "b"), "pt-BR": ("c",)}
    assert declaration.languages == ("ja", "pt-BR")
    record = _configured(package, source, voices="amy")
    assert record.status is EngineStatus.NOT_CONFIGURED
    assert record.reason == (
        "in engines.mine.voices 'amy' is not LANGUAGE:NAME, such as en:amy: "
        "voice settings set engines.mine.voices en:amy"
    )


def test_options_of_another_form_break_the_declaration(package: Path) -> None:
    record = _configured(package, GOOD % ', "options": {"url": "x"}')
    assert record.reason == "ENGINE['options'] cannot be {'url': 'x'}"
    record = _configured(
        package, 'ENGINE = {"kind": "translator", "summary": "", %s}\nclass Engine: ...' % (VOICES % "")
    )
    assert record.reason.startswith("ENGINE['voices'] belongs to synthesizers")


def test_a_voice_can_speak_every_language_of_its_engine(package: Path) -> None:
    voices = '"voices": {"*": ["a", "b"], "ja": ["c"]}, "languages": ["en", "ja"]'
    record = _record(
        package, f'ENGINE = {{"kind": "synthesizer", "summary": "", {voices}}}\nclass Engine: ...'
    )
    assert record.declaration.voices == {"en": ("a", "b"), "ja": ("a", "b", "c")}
    assert record.declaration.languages == ("en", "ja")


@pytest.mark.parametrize(
    ("here", "status"), [({"small"}, EngineStatus.READY), (set(), EngineStatus.MISSING_MODEL)]
)
def test_any_one_of_several_models_is_enough(package: Path, here: set[str], status: EngineStatus) -> None:
    (package / "engine.py").write_text(GOOD % ', "models": [["big", "small"]]')
    (record,) = find_engines(here.__contains__, [EntryPoint("mine", "stranger.engine:Engine", GROUP)])
    assert record.status is status
    assert record.models == tuple(here)
    if not here:
        assert record.reason == "big or small is not on this machine: voice models pull big"


def test_a_model_folder_of_the_users_own_stands_for_the_models(package: Path) -> None:
    option = '"options": {"model_folder": {"comment": "c", "default": ""}}'
    (package / "engine.py").write_text(GOOD % f', "models": ["big"], {option}')
    point = [EntryPoint("mine", "stranger.engine:Engine", GROUP)]
    (without,) = find_engines(lambda _: False, point)
    (with_folder,) = find_engines(lambda _: False, point, {"mine": {"model_folder": "/somewhere"}})
    assert without.status is EngineStatus.MISSING_MODEL
    assert with_folder.status is EngineStatus.READY


def test_a_command_that_is_not_on_the_path_is_named(package: Path) -> None:
    record = _record(package, GOOD % ', "commands": ["sh", "no-such-command"]')
    assert record.status is EngineStatus.MISSING_PACKAGE
    assert record.reason == "there is no command 'no-such-command' on this machine"


def test_voices_on_disk_are_listed_behind_the_declared_ones(package: Path, tmp_path: Path) -> None:
    (package / "engine.py").write_text(GOOD % ', "languages": ["en", "ja"], "stores_voices": True')
    folder = tmp_path / "voices" / "mine"
    for name, description in {
        "me": '{"languages": ["*"]}',
        "she": '{"languages": ["en-GB"]}',
        "broken": "{",
        "-x": '{"languages": ["en"]}',
    }.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "voice.json").write_text(description)
    point = [EntryPoint("mine", "stranger.engine:Engine", GROUP)]
    (record,) = find_engines(lambda _: True, point, data=tmp_path)
    assert record.declaration.voices == {"en": ("one", "two", "me"), "ja": ("me",), "en-GB": ("she",)}
    assert record.declaration.languages == ("en", "ja", "en-GB")
    assert record.stored == {"me": folder / "me", "she": folder / "she"}


@pytest.mark.parametrize(("here", "languages"), [(set(), ("en",)), ({"more"}, ("en", "de", "fr"))])
def test_further_models_bring_further_languages(
    package: Path, here: set[str], languages: tuple[str, ...]
) -> None:
    (package / "engine.py").write_text(GOOD % ', "adds": {"more": ["de", "fr"]}')
    (record,) = find_engines(here.__contains__, [EntryPoint("mine", "stranger.engine:Engine", GROUP)])
    assert (record.status, record.declaration.languages) == (EngineStatus.READY, languages)
    assert record.models == tuple(here)
