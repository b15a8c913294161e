"""The project is named when the speaker changes between sessions, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.daemon.introductions import Introductions, introduction
from claude_narrator.models.types import Language

EN, JA, NL = Language("en"), Language("ja"), Language("nl")
SHOP, API = Path("/home/me/web_shop"), Path("/home/me/api-server")


class House:
    """Sessions with their folders; a test opens and closes them."""

    def __init__(self, **folders: Path | None) -> None:
        self.folders = folders
        self.open = list(folders)
        self.owner = ""
        self.introductions = Introductions(self, lambda session: self.folders.get(session))

    def open_sessions(self) -> list[str]:
        return self.open

    def before(self, session: str, *ahead: str) -> str:
        return self.introductions.before(session, list(ahead), EN)

    def hear(self, *sessions: str) -> None:
        for session in sessions:
            self.introductions.heard(session)


@pytest.mark.parametrize(
    ("folder", "language", "said"),
    [
        (API, EN, "In api server:"),
        (Path("/home/me/my_project-2"), EN, "In my project 2:"),
        (Path("/home/me/claude.nvim"), EN, "In claude dot nvim:"),
        (Path("/home/me/MyApp"), EN, "In My App:"),
        (API, JA, "api serverからです。"),
        (Path("/home/me/設計書"), JA, "設計書からです。"),
        (API, Language("en-GB"), "In api server:"),
        (API, NL, "api server."),
        (Path("/home/me/🎉"), EN, "In another session:"),
        (Path("/"), EN, "In another session:"),
        (None, JA, "別のセッションからです。"),
        (None, NL, ""),
        (Path("/home/me/ghp_" + "a1B2" * 9), EN, "In a secret:"),
        (Path("/home/me/" + "x" * 300), EN, f"In {'x' * 60}:"),
        (Path("/home/me/कार्य"), EN, "In कार्य:"),
        (Path("/home/me/a\nb\x1b[2J"), EN, "In ab2 J:"),
    ],
)
def test_a_project_is_named_as_a_person_would(folder: Path | None, language: Language, said: str) -> None:
    assert introduction(folder, language) == said


def test_a_session_that_is_alone_is_never_named() -> None:
    house = House(a=SHOP)
    assert house.before("a") == ""
    house.hear("a")
    assert house.before("a") == ""
    house.folders["b"] = API
    house.open[:] = ["b"]
    assert house.before("b") == ""


def test_the_first_words_of_all_need_no_name_and_the_next_speaker_does() -> None:
    house = House(a=SHOP, b=API)
    house.owner = "a"
    assert house.before("a") == ""
    house.hear("a")
    assert house.before("b") == "In api server:"
    house.hear("b")
    assert house.before("b") == ""
    assert house.before("a") == "In web shop:"


def test_what_is_still_on_its_way_counts_as_heard_before() -> None:
    house = House(a=SHOP, b=API)
    house.hear("a")
    assert house.before("b", "a", "b") == ""
    assert house.before("b", "b", "a") == "In api server:"


def test_a_name_that_was_cut_before_it_sounded_is_said_again() -> None:
    house = House(a=SHOP, b=API)
    house.hear("a")
    assert house.before("b") == "In api server:"
    assert house.before("b") == "In api server:"


def test_what_no_session_says_is_not_named_and_changes_nothing() -> None:
    house = House(a=SHOP, b=API)
    house.hear("a", "command line")
    assert house.before("command line") == ""
    assert house.before("a", "command line") == ""
    assert house.before("b", "command line") == "In api server:"


def test_important_news_before_any_words_are_named_when_another_session_has_the_floor() -> None:
    house = House(a=SHOP, b=API)
    house.owner = "a"
    assert house.before("b") == "In api server:"


def test_a_session_that_takes_the_place_of_a_closed_one_in_its_folder_is_not_named() -> None:
    house = House(a=SHOP, b=API, c=SHOP)
    house.hear("a")
    house.open.remove("a")
    assert house.before("c") == ""
    assert house.before("b") == "In api server:"


def test_two_sessions_of_one_project_are_told_apart_by_its_name() -> None:
    house = House(a=SHOP, c=SHOP)
    house.hear("a")
    assert house.before("c") == "In web shop:"
