from __future__ import annotations

import contextlib
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon import settings
from claude_narrator.daemon.paths import HOME_VARIABLE, find_paths
from claude_narrator.daemon.settings import Settings, Speech
from claude_narrator.models.errors import BadInput


def refused(text: str, only: tuple[str, ...] = ()) -> str:
    with pytest.raises(BadInput) as caught:
        settings.parse(text, "config.toml", only=only)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "config.toml"


def test_one_variable_puts_everything_under_one_folder(tmp_path: Path) -> None:
    paths = find_paths({HOME_VARIABLE: str(tmp_path)})
    places = [paths.settings_file, paths.models, paths.socket, paths.lock, paths.gateway, paths.log]
    assert all(place.is_relative_to(tmp_path.resolve()) for place in places)
    assert not list(tmp_path.iterdir())


def test_a_relative_home_is_made_whole_so_that_every_process_means_the_same(tmp_path: Path) -> None:
    assert find_paths({HOME_VARIABLE: "here"}).config == (Path.cwd() / "here").resolve()


def test_without_the_variable_the_places_are_the_users_own() -> None:
    paths = find_paths({})
    assert paths.config.is_absolute()
    assert paths.settings_file.name == "config.toml"


def test_a_home_of_a_user_who_does_not_exist_is_refused_in_one_line() -> None:
    with pytest.raises(BadInput, match=HOME_VARIABLE):
        find_paths({HOME_VARIABLE: "~no-such-user-here/x"})


def test_a_home_too_long_for_a_socket_is_refused_with_a_hint(tmp_path: Path) -> None:
    paths = find_paths({HOME_VARIABLE: str(tmp_path / ("x" * 100))})
    with pytest.raises(BadInput, match=f"Set {HOME_VARIABLE} to a shorter folder"):
        _ = paths.socket


def test_every_key_has_a_comment_and_the_written_file_means_the_defaults(file: Path) -> None:
    settings.write_default(file)
    text = file.read_text(encoding="utf-8")
    for key in settings.keys():  # noqa: SIM118 - a function of the module
        assert f"# {key.split('.')[1]} = " in text
    assert settings.load(file) == Settings()
    keys = [line for line in text.splitlines() if " = " in line or line.startswith("[")]
    shown = "\n".join(line.removeprefix("# ") for line in keys)
    assert settings.parse(shown, "shown") == Settings()


def test_a_file_that_is_there_is_not_written_over(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[speech]\nrate = 2\n")
    settings.write_default(file)
    assert settings.load(file).speech == Speech(rate=2.0)


def test_no_file_means_the_defaults(file: Path) -> None:
    assert settings.load(file) == Settings()


def test_whole_numbers_do_for_a_rate_and_lists_become_tuples() -> None:
    parsed = settings.parse('[speech]\nrate = 2\n[models]\nsources = ["/a", "b"]\n', "x")
    assert type(parsed.speech.rate) is float
    assert parsed.models.sources == ("/a", "b")


def test_all_mistakes_are_told_at_once_in_one_line() -> None:
    said = refused(
        "[speech]\nlanguge = 'ja'\nrate = 9\nvoice = 3\n"
        "[log]\nlevel = 'loud'\nspoken_text = 1\n[models]\nthreads = -1\n"
    )
    for part in (
        "Did you mean 'speech.language'?",
        "speech.rate is 9; it must lie between 0.5 and 3.0",
        'speech.voice cannot be 3; a value looks like "auto"',
        "log.level is 'loud'; it must be one of debug, info, warning, error",
        "log.spoken_text cannot be 1; a value looks like false",
        "models.threads is -1",
        "nothing was changed",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[speech\n", "not valid TOML"),
        ("speech = 1", "unknown key 'speech'"),
        ("[[speech]]\nrate = 1", "unknown key 'speech'"),
        ("[speech.rate]\nx = 1", "speech.rate cannot be"),
        ("[speech]\nrate = nan", "must lie between"),
        ("[speech]\nrate = true", "speech.rate cannot be True"),
        ("[speech]\nlanguage = 'Japanese!'", "speech.language: 'Japanese!' is no language tag"),
        ("[speech]\nsource_language = ''", "speech.source_language: '' is no language tag"),
        ("[audio]\nsink = ''", "must be device or file:PATH"),
        ("[audio]\nsink = 'speakers'", "must be device or file:PATH"),
        ("[audio]\nsink = 'file:'", "a whole path"),
        ("[audio]\nsink = 'file:out.wav'", "a whole path"),
        ("[models]\nsources = [1]", "models.sources cannot be [1]"),
        ("[elsewhere]\nkey = 1", "unknown key 'elsewhere.key'"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(text: str, says: str) -> None:
    assert says in refused(text)


@given(st.text(max_size=100))
def test_arbitrary_text_raises_nothing_but_bad_input(text: str) -> None:
    with contextlib.suppress(BadInput):
        settings.parse(text, "x")


@given(st.sampled_from(settings.keys()), st.text(max_size=30))
def test_an_arbitrary_value_raises_nothing_but_bad_input(key: str, text: str) -> None:
    with contextlib.suppress(BadInput):
        settings.value_from_text(key, text)


def test_a_project_sets_speech_and_nothing_else(tmp_path: Path) -> None:
    base = settings.parse("[speech]\nvoice = 'kokoro/af_heart'\n[log]\nlevel = 'debug'\n", "x")
    assert settings.load_project(tmp_path, base) == base
    path = tmp_path / settings.PROJECT_FILE
    path.parent.mkdir()
    path.write_text("[speech]\nlanguage = 'ja'\n")
    merged = settings.load_project(tmp_path, base)
    assert merged.speech == Speech(language="ja", voice="kokoro/af_heart")
    assert merged.log.level == "debug"
    path.write_text("[audio]\nsink = 'file:/etc/passwd'\n")
    with pytest.raises(BadInput, match=r"'audio\.sink' may not be set here, only speech"):
        settings.load_project(tmp_path, base)


def test_a_project_file_that_is_no_plain_file_is_ignored_and_a_huge_one_refused(tmp_path: Path) -> None:
    path = tmp_path / settings.PROJECT_FILE
    path.parent.mkdir()
    os.mkfifo(path)
    assert settings.load_project(tmp_path, Settings()) == Settings()
    path.unlink()
    path.write_text("#" * (settings.MAX_FILE_BYTES + 1))
    with pytest.raises(BadInput, match="more than 65536 bytes"):
        settings.load_project(tmp_path, Settings())


def test_a_file_that_is_not_utf_8_is_refused_in_one_line(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"[speech]\nvoice = '\xff'\n")
    with pytest.raises(BadInput, match="cannot be read"):
        settings.load(file)


def test_setting_a_value_keeps_comments_and_other_values(file: Path) -> None:
    settings.write_default(file)
    before = file.read_text(encoding="utf-8")
    assert settings.set_value(file, "speech.language", "ja").speech.language == "ja"
    settings.set_value(file, "models.sources", ("/weights",))
    after = file.read_text(encoding="utf-8")
    assert set(before.splitlines()) <= set(after.splitlines())
    assert {
        section: content for section, content in tomllib.loads(after).items() if section != "engines"
    } == {
        "speech": {"language": "ja"},
        "text": {},
        "audio": {},
        "models": {"sources": ["/weights"]},
        "sessions": {},
        "log": {},
        "voices": {},
        "translators": {},
        "glossary": {},
    }
    assert settings.set_value(file, "speech.language", "en").speech.language == "en"
    assert file.read_text(encoding="utf-8").count('\nlanguage = "') == 1


def test_setting_a_value_makes_the_file(file: Path) -> None:
    settings.set_value(file, "speech.rate", 1.5)
    assert settings.load(file).speech.rate == 1.5
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_linked_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("")
    file.parent.mkdir()
    file.symlink_to(real)
    settings.set_value(file, "speech.rate", 1.5)
    assert file.is_symlink()
    assert settings.load(real).speech.rate == 1.5


@pytest.mark.parametrize(
    ("before", "key", "value"),
    [
        ("[speech]\nrate = 1.5\n", "speech.rate", 99.0),
        ("[speech]\nrate = 1.5\n", "speech.ratio", 1.0),
        ("[speech]\nrate = 1.5\n", "rate", 1.0),
        ("speech = 1\n", "speech.rate", 1.0),
        ("[speech\n", "speech.rate", 1.0),
    ],
)
def test_a_value_that_cannot_be_set_leaves_the_file_as_it_was(
    file: Path, before: str, key: str, value: float
) -> None:
    file.parent.mkdir()
    file.write_text(before)
    with pytest.raises(BadInput):
        settings.set_value(file, key, value)
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("speech.language", "ja", "ja"),
        ("speech.voice", '"quoted"', '"quoted"'),
        ("speech.rate", "2", 2.0),
        ("models.threads", "4", 4),
        ("log.spoken_text", "true", True),
        ("models.sources", '["/a"]', ["/a"]),
    ],
)
def test_a_word_of_the_command_line_is_read_as_the_kind_of_its_key(
    key: str, text: str, value: object
) -> None:
    assert settings.value_from_text(key, text) == value


@pytest.mark.parametrize(
    ("key", "text", "hint"),
    [
        ("speech.rate", "fast", "Give a value such as 1.0"),
        ("speech.rate", "1\nother = 2", "Give a value such as 1.0"),
        ("log.spoken_text", "yes", "Give a value such as false"),
        ("speech.rat", "1", "Did you mean 'speech.rate'?"),
    ],
)
def test_a_word_that_is_no_such_value_is_refused_with_an_example(key: str, text: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings.value_from_text(key, text)
    assert hint in caught.value.hint


def test_a_value_is_found_by_its_key() -> None:
    changed = settings.parse("[speech]\nrate = 2.5\n", "x")
    assert settings.value_of(changed, "speech.rate") == 2.5
    assert settings.default_of("speech.rate") == 1.0
    with pytest.raises(BadInput, match="unknown setting 'speech'"):
        settings.value_of(changed, "speech")
