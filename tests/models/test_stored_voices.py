"""Voices that a user brought are whole folders: they come at once, go at once, and a torn one is no voice."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claude_narrator.models.errors import BadInput, NarratorError
from claude_narrator.models.stored_voices import (
    EVERY_LANGUAGE,
    check_voice_name,
    new_voice,
    remove_voice,
    stored_voices,
    with_stored,
)
from claude_narrator.models.types import Language

EN, JA = Language("en"), Language("ja")


def _store(root: Path, name: str = "anna", languages: tuple[str, ...] = ("en",)) -> None:
    with new_voice(root / "beeps", name, {"languages": languages, "text": "héllo"}) as folder:
        (folder / "sound.bin").write_bytes(b"123")


def _names(root: Path) -> list[str]:
    return [voice.name for voice in stored_voices(root / "beeps")]


def test_a_stored_voice_is_found_with_its_files_and_its_description(tmp_path: Path) -> None:
    _store(tmp_path, languages=("en", "pt-BR"))
    (voice,) = stored_voices(tmp_path / "beeps")
    assert (voice.name, voice.languages) == ("anna", ("en", "pt-BR"))
    assert (voice.folder / "sound.bin").read_bytes() == b"123"
    assert voice.description["text"] == "héllo"
    assert stored_voices(tmp_path / "other") == ()


def test_a_star_is_every_language_of_the_engine(tmp_path: Path) -> None:
    _store(tmp_path, languages=(EVERY_LANGUAGE,))
    _store(tmp_path, "bert", ("ja",))
    merged = with_stored({EN: ("own",)}, (EN, JA), stored_voices(tmp_path / "beeps"))
    assert merged == {EN: ("own", "anna"), JA: ("anna", "bert")}


def test_while_it_is_written_it_is_no_voice_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with new_voice(tmp_path / "beeps", "anna", {"languages": ["en"]}) as folder:
            (folder / "sound.bin").write_bytes(b"123")
            assert _names(tmp_path) == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert list((tmp_path / "beeps").iterdir()) == []


def test_a_taken_name_is_refused_and_what_is_there_stays(tmp_path: Path) -> None:
    _store(tmp_path)
    with pytest.raises(
        BadInput, match=r"there is a voice beeps/anna already.*voice voices remove beeps/anna"
    ):
        _store(tmp_path)
    (voice,) = stored_voices(tmp_path / "beeps")
    assert (voice.folder / "sound.bin").read_bytes() == b"123"


def test_of_two_that_take_a_name_at_once_the_first_to_finish_has_it(tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match="there is a voice beeps/anna already"),
        new_voice(tmp_path / "beeps", "anna", {"languages": ["ja"]}),
    ):
        _store(tmp_path)
    assert [voice.languages for voice in stored_voices(tmp_path / "beeps")] == [("en",)]
    assert [path.name for path in (tmp_path / "beeps").iterdir()] == ["anna"]


@pytest.mark.parametrize(
    "name", ["", "../up", "a/b", ".hidden", "a b", "auto", "Auto", "x" * 41, "é", "-a", "a\n"]
)
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="a voice cannot be called"):
        _store(tmp_path, name)
    assert list(tmp_path.iterdir()) == []
    assert not remove_voice(tmp_path / "beeps", name)


def test_a_name_may_have_letters_digits_and_hyphens() -> None:
    assert [check_voice_name(name) for name in ("Anna-2", "a_b", "9")] == ["Anna-2", "a_b", "9"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"languages": []}', '{"languages": "en!"}', '{"languages": [1]}', "[" * 5000, "\xff"],
)
def test_a_torn_description_is_no_voice_and_can_be_removed(tmp_path: Path, text: str) -> None:
    _store(tmp_path, "good")
    _store(tmp_path, "torn")
    (tmp_path / "beeps" / "torn" / "voice.json").write_bytes(text.encode("latin-1"))
    assert _names(tmp_path) == ["good"]
    assert remove_voice(tmp_path / "beeps", "torn")


def test_other_files_between_the_voices_are_left_out(tmp_path: Path) -> None:
    _store(tmp_path)
    (tmp_path / "beeps" / ".DS_Store").touch()
    (tmp_path / "beeps" / "notes").touch()
    (tmp_path / "beeps" / "empty").mkdir()
    assert _names(tmp_path) == ["anna"]


def test_a_removed_voice_is_gone_and_the_name_is_free(tmp_path: Path) -> None:
    _store(tmp_path)
    assert remove_voice(tmp_path / "beeps", "anna")
    assert not remove_voice(tmp_path / "beeps", "anna")
    assert list((tmp_path / "beeps").iterdir()) == []
    _store(tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NarratorError, match=r"cannot write in .*/file/beeps: Not a directory"):
        _store(tmp_path / "file")


def test_only_the_user_may_look_into_it(tmp_path: Path) -> None:
    _store(tmp_path)
    assert os.stat(tmp_path / "beeps" / "anna").st_mode & 0o077 == 0
    assert (
        json.loads((tmp_path / "beeps" / "anna" / "voice.json").read_text(encoding="utf-8"))["text"]
        == "héllo"
    )
