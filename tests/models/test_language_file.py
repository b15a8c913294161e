"""Language files: a region over its language, the user's over ours, and a bad one left out with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from claude_narrator.models.language_checks import mistakes_in
from claude_narrator.models.language_file import (
    FOLDER,
    OWN_FOLDER_VARIABLE,
    language_file,
    languages,
    own_mistakes,
    use_own_files,
    whole_file,
)

Own = Callable[..., None]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    """Writes a file of the user's, and reads all anew."""
    monkeypatch.setenv(OWN_FOLDER_VARIABLE, "")

    def write(name: str, text: str | bytes) -> None:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        use_own_files(tmp_path)

    yield write
    use_own_files(tmp_path / "nothing")


def test_a_region_has_what_its_language_has_and_its_own() -> None:
    assert language_file("zh-TW")["name"] == "Traditional Chinese"
    assert language_file("zh_tw")["scripts"] == language_file("zh")["scripts"] == ["CJK", "IDEOGRAPHIC"]
    assert language_file("PT-br")["phrases"] == language_file("pt")["phrases"]


@pytest.mark.parametrize("name", ["xx", "", "../en", "plain", "en/../ja", "x" * 80])
def test_what_is_no_known_language_has_the_plain_facts(name: str) -> None:
    assert language_file(name)["phrases"]["code_block"] == ""
    assert language_file(name)["name"] == ""


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_every_file_of_ours_holds_to_what_the_user_s_are_held_to(name: str) -> None:
    document = {key: value for key, value in language_file(name).items() if key != "reading"}
    assert mistakes_in(document, whole_file()) == []


def test_a_file_of_the_user_s_brings_a_language(own: Own) -> None:
    own("eo.toml", 'name = "Esperanto"\n[phrases]\nredacted = "sekreto"\n')
    assert "eo" in languages()
    assert language_file("eo")["phrases"]["redacted"] == "sekreto"
    assert language_file("eo")["phrases"]["code_block"] == ""
    assert own_mistakes() == ()


def test_a_file_of_the_user_s_changes_a_key_of_ours_and_leaves_the_others(own: Own) -> None:
    own("de-AT.toml", '[phrases]\nsome_code = "a bisserl Code"\n')
    assert language_file("de-AT")["phrases"]["some_code"] == "a bisserl Code"
    assert language_file("de-AT")["phrases"]["yes"] == "ja"
    assert language_file("de")["phrases"]["some_code"] == "etwas Code"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[phrases]\nredactd = 'x'\n", "there is no phrases.redactd (did you mean redacted?)"),
        ("reading = 'os:system'\n", "there is no reading"),
        ("[phrases]\nyes = 1\n", "phrases.yes is to be a text"),
        ("[phrases]\ntable = '{rows} {nothing}'\n", "phrases.table has {nothing}, which is nothing here"),
        ("[phrases]\ntable = '{rows'\n", "phrases.table is no template"),
        ("[phrases]\ntable = '{rows.__class__}'\n", "phrases.table is no template"),
        ("[phrases]\nmonths = ['a', 'b']\n", "phrases.months is to have 12 texts"),
        ("[phrases.units]\nms = ['a']\n", "phrases.units.ms is to have 2 texts"),
        ("[phrases.counts]\nrow = ['a', '{x}']\n", "phrases.counts.row has {x}"),
        ("[urgency]\nwarns = ['(']\n", "urgency.warns is no regular expression"),
        ("[translation]\nquestion = '('\n", "translation.question is no regular expression"),
        ("[secrets]\nsaid = '(?P<gap>clau)'\n", "secrets.said is no regular expression"),
        ("[translation]\nrespelt = ['ab', 'c']\n", "translation.respelt is to have two texts of one length"),
        ("[translation]\ncharset = 'klingon'\n", "translation.charset is no codec"),
        ("[prompt]\nexamples = ['a']\n", "prompt.examples is to have 8 texts"),
        (
            "[translation.number_words]\nunu = 'x'\n",
            "translation.number_words is to be a table of whole numbers",
        ),
        ("[terms]\nen = 'x'\n", "terms is to be a table of texts"),
        ("chars_per_second = 0\n", "chars_per_second is 0"),
        ("[attention]\nclaude = 'Klaudo'\n", "attention lacks agent, agent_ended"),
        ("name = ", "cannot be read"),
        (b"name = '\xff'", "cannot be read"),
        ("#" * (1 << 19), "it has more than"),
    ],
)
def test_a_file_with_a_mistake_is_left_out_and_one_line_says_why(
    own: Own, text: str | bytes, told: str
) -> None:
    own("eo.toml", text)
    (mistake,) = own_mistakes()
    assert told in mistake
    assert "eo.toml" in mistake
    assert "\n" not in mistake
    assert language_file("eo")["name"] == ""


def test_every_mistake_of_a_file_is_told_and_the_other_files_are_used(own: Own) -> None:
    own("eo.toml", "nam = 'Esperanto'\n[phrases]\nyess = 'jes'\n")
    own("ca.toml", "name = 'Catalan'\n")
    (mistake,) = own_mistakes()
    assert "there is no nam " in mistake
    assert "yess" in mistake
    assert language_file("ca")["name"] == "Catalan"


def test_a_file_that_is_named_after_no_language_is_told(own: Own) -> None:
    own("my words.toml", "name = 'x'\n")
    assert "is not named after a language" in own_mistakes()[0]
