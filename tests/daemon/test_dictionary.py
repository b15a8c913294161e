"""The user's dictionary: its file, the project's words before it, what speaks of both, without a restart."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon import dictionary_file, settings
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.dictionary import MAX_WORDS, mistake_in, with_words, without_word
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Language

EN, JA = Language("en"), Language("ja")
WORDS = {"": {"nginx": "engine x"}, "ja": {"nginx": "エンジンエックス", "pull request": "プルリク"}}
LINES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12).filter(
    lambda text: mistake_in(text, "a") == ""
)


def _choices(folder: Path) -> Choices:
    return Choices(folder / "config.toml", folder / "dictionary.toml")


def _project(folder: Path, text: str) -> Path:
    file = folder / settings.PROJECT_FILE
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return folder


def test_a_dictionary_is_written_for_the_user_alone_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "dictionary.toml"
    dictionary_file.save(path, WORDS)
    assert dictionary_file.load(path) == WORDS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@given(
    st.dictionaries(
        st.sampled_from(["", "ja", "pt-BR"]), st.dictionaries(LINES, LINES, min_size=1, max_size=5)
    )
)
def test_every_dictionary_is_read_as_it_was_written(dictionary: dict[str, dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dictionary.toml"
        dictionary_file.save(path, dictionary)
        assert dictionary_file.load(path) == dictionary


def test_no_file_is_an_empty_dictionary(tmp_path: Path) -> None:
    assert dictionary_file.load(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[ja\n", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"ja = 3", "'ja' is no table of words"),
        (b"[japanese]\na = 'b'", "'japanese' is no language tag"),
        (b"[ja]\na = 3", "dictionary.ja.'a': the reading is no text"),
        (b"[ja]\na = ' '\nb = ''", "dictionary.ja.'b': the reading must be a line of 1 to 200 characters"),
        (b'["*"]\n"!!" = "x"', "'!!': the word has neither a letter nor a digit"),
        (b"[ja]\n" + b"\n".join(b"w%d = 'x'" % n for n in range(MAX_WORDS + 1)), "more than 5000"),
    ],
)
def test_a_file_with_mistakes_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "dictionary.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        dictionary_file.load(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_word_is_one_word_in_whatever_case_and_for_each_language() -> None:
    dictionary = with_words(WORDS, [("Nginx", "エヌジンエックス", "ja"), ("uv", "you vee", "")])
    assert dictionary["ja"] == {"pull request": "プルリク", "Nginx": "エヌジンエックス"}
    assert dictionary[""] == {"nginx": "engine x", "uv": "you vee"}
    assert without_word(dictionary, "NGINX", "ja")["ja"] == {"pull request": "プルリク"}
    assert without_word({"ja": {"a": "b"}}, "A", "ja") == {}
    assert without_word(WORDS, "nginx", "fr") == WORDS


def test_a_word_of_a_language_comes_before_one_of_every_language(tmp_path: Path) -> None:
    dictionary_file.save(tmp_path / "dictionary.toml", WORDS)
    spoken = _choices(tmp_path).pronunciation_for("s")
    assert spoken.spoken("Nginx runs.", EN) == "engine x runs."
    assert spoken.spoken("NGINXのpull requestです。", JA) == "エンジンエックスのプルリクです。"


def test_the_users_reading_goes_through_the_reading_of_the_language(tmp_path: Path) -> None:
    dictionary_file.save(tmp_path / "dictionary.toml", {"": {"foo bar": "server API"}})
    spoken = _choices(tmp_path).pronunciation_for("s")
    assert spoken.spoken("foo barです", JA) == "サーバー エーピーアイです"
    assert spoken.spoken("foo bar", EN) == "server API"


def test_a_reload_brings_what_was_added_and_a_mistake_leaves_what_is_in_force(tmp_path: Path) -> None:
    choices = _choices(tmp_path)
    assert choices.pronunciation_for("s").spoken("nginx", EN) == "nginx"
    dictionary_file.save(tmp_path / "dictionary.toml", WORDS)
    choices.reload()
    assert choices.pronunciation_for("s").spoken("nginx", EN) == "engine x"
    (tmp_path / "dictionary.toml").write_text("ja = 3")
    with pytest.raises(BadInput, match="is no table of words"):
        choices.reload()
    assert choices.pronunciation_for("s").spoken("nginx", EN) == "engine x"


def test_a_broken_dictionary_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "dictionary.toml").write_text("ja = 3")
    choices = _choices(tmp_path)
    assert "is no table of words" in choices.problem
    assert choices.pronunciation_for("s").spoken("nginx", EN) == "nginx"


def test_the_words_of_a_project_come_first_in_its_sessions_alone(tmp_path: Path) -> None:
    dictionary_file.save(tmp_path / "dictionary.toml", WORDS)
    text = "[dictionary]\nnginx = 'N'\n[dictionary.ja]\nlane = 'レーン'\n"
    choices = _choices(tmp_path)
    choices.open_session("here", _project(tmp_path / "project", text))
    assert choices.pronunciation_for("here").spoken("nginx", EN) == "N"
    assert choices.pronunciation_for("here").spoken("nginxのlane", JA) == "エンジンエックスのレーン"
    assert choices.pronunciation_for("elsewhere").spoken("nginx", EN) == "engine x"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dictionary = 3", "dictionary cannot be '3'; write [dictionary]"),
        ("[dictionary]\na = 3", "dictionary.'a': the reading is no text"),
        ("[dictionary.'ja!']\na = 'b'", "'ja!' is no language tag"),
    ],
)
def test_a_mistake_of_a_project_leaves_the_users_words(tmp_path: Path, text: str, says: str) -> None:
    dictionary_file.save(tmp_path / "dictionary.toml", WORDS)
    choices = _choices(tmp_path)
    choices.open_session("here", _project(tmp_path / "project", text))
    assert choices.pronunciation_for("here").spoken("nginx", EN) == "engine x"
    assert says in choices.problem


def test_the_users_settings_hold_no_words_and_say_which_command_does(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[dictionary]\na = 'b'\n")
    with pytest.raises(BadInput, match=r"project's file\. For yours: voice dictionary add WORD READING"):
        settings.load(file)
    with pytest.raises(BadInput, match="is no setting: words of the dictionary have a command"):
        settings.set_value(file, "dictionary.a", "b")
