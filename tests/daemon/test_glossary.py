"""Words with a translation of their own: read from the user's and the project's file, one language or all."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.daemon import glossary, settings
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.glossary import MAX_CHARACTERS, MAX_WORDS, words_for
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Language

JA, PT_BR = Language("ja"), Language("pt-BR")
TEXT = """
[glossary]
worker = "Worker"
"pull request" = "PR"
[glossary.ja]
worker = "ワーカー"
[glossary.pt]
build = "compilação"
[glossary.pt-BR]
build = "build"
"""


def words_of(text: str, target: Language) -> dict[str, str]:
    return words_for(settings.parse(text, "x").glossary, target)


def test_a_word_holds_for_every_language_and_one_of_a_language_comes_before_it() -> None:
    assert words_of(TEXT, JA) == {"worker": "ワーカー", "pull request": "PR"}
    assert words_of(TEXT, Language("fr")) == {"worker": "Worker", "pull request": "PR"}


def test_a_region_has_the_words_of_its_language_and_its_own_before_them() -> None:
    assert words_of(TEXT, PT_BR)["build"] == "build"
    assert words_of(TEXT, Language("pt-PT"))["build"] == "compilação"
    assert words_of(TEXT, Language("PT"))["build"] == "compilação"


def test_no_section_and_an_empty_one_mean_no_words() -> None:
    assert words_of("", JA) == words_of("[glossary]\n[glossary.ja]\n", JA) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("glossary = 3", "glossary cannot be '3'; write [glossary]"),
        ("[[glossary]]\na = 'b'", "glossary cannot be"),
        ("[glossary]\nworker = 3", "glossary.worker cannot be '3'; write its translation in quotation marks"),
        ("[glossary]\nworker = ['a']", "glossary.worker cannot be"),
        ("[glossary.ja]\nworker = true", "glossary.ja.worker cannot be 'True'"),
        ("[glossary.ja.x]\nworker = 'a'", "glossary.ja.x cannot be"),
        ("[glossary.'Japanese!']\nworker = 'a'", "'Japanese!' is no language tag"),
        ("[glossary]\nworker = ' '", "glossary.'worker': word and translation must be a line of 1 to 80"),
        ('[glossary]\n"" = "x"', "must be a line of 1 to 80"),
        ('[glossary]\na = "b\\nc"', "must be a line of 1 to 80"),
        (f"[glossary]\na = '{'x' * (MAX_CHARACTERS + 1)}'", "must be a line of 1 to 80"),
        (
            "[glossary]\n" + "\n".join(f"w{n} = 'x'" for n in range(MAX_WORDS + 1)),
            f"glossary has {MAX_WORDS + 1} words, more than {MAX_WORDS}",
        ),
        ("[speech]\nrate = 9\n[glossary]\na = 1", "must lie between 0.5 and 3.0; glossary.a cannot be '1'"),
    ],
)
def test_a_mistake_is_told_in_a_line(text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings.parse(text, "config.toml")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_projects_words_come_before_the_users_and_leave_the_others(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TEXT)
    project = tmp_path / "project" / settings.PROJECT_FILE
    project.parent.mkdir(parents=True)
    project.write_text("[glossary.ja]\nworker = 'ワーカ'\n[glossary]\nlane = 'レーン'\n")
    choices = Choices(tmp_path / "config.toml")
    choices.open_session("here", tmp_path / "project")
    here = {"worker": "ワーカ", "pull request": "PR", "lane": "レーン"}
    assert choices.glossary_for("here", JA) == here
    assert choices.glossary_for("elsewhere", JA) == {"worker": "ワーカー", "pull request": "PR"}
    assert choices.glossary_for("elsewhere", JA, tmp_path / "project") == here


def test_a_project_with_a_mistake_leaves_the_users_words_and_becomes_the_problem(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TEXT)
    project = tmp_path / settings.PROJECT_FILE
    project.parent.mkdir()
    project.write_text("[glossary]\nworker = 1\n")
    choices = Choices(tmp_path / "config.toml")
    assert choices.glossary_for("s", JA, tmp_path)["worker"] == "ワーカー"
    assert "glossary.worker cannot be '1'" in choices.problem


def test_words_are_set_by_key_as_toml_writes_it_and_listed_the_same_way(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    settings.write_default(file)
    given = {
        "glossary.worker": "Worker",
        "glossary.ja.worker": "ワーカー",
        "glossary.ja.'pull request'": "プルリク",
        "glossary.'go.mod'": "go mod",
        'glossary."it\'s"': "x",
    }
    for key, text in given.items():
        settings.set_value(file, key, settings.value_from_text(key, text))
    read = settings.load(file)
    assert {key: settings.value_of(read, key) for key in glossary.keys_of(read.glossary)} == given
    assert settings.value_of(read, "glossary.unknown") == ""


@pytest.mark.parametrize(
    "key", ["glossary", "glossary.", "glossary.a.b.c", "glossary.pull request", "glossary.\n"]
)
def test_a_key_that_names_no_word_is_refused_with_an_example(key: str) -> None:
    with pytest.raises(BadInput, match=r"is no word of the glossary\. Write glossary\.worker"):
        settings.default_of(key)


def test_a_key_with_an_unknown_language_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(BadInput, match="no language tag"):
        settings.set_value(file, "glossary.japanese.worker", "x")
    assert not file.exists()
