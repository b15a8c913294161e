"""What a sentence is to a listener in a hurry."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import Spoken
from claude_narrator.daemon.text.urgency import asks, warns
from claude_narrator.models.types import Language, Role

EN, JA = Language("en"), Language("ja")


def roles(markdown: str, language: Language = EN) -> list[tuple[str, str]]:
    """Return every sentence with the first letter of its role: d, o, w or q."""
    growing = GrowingText(language)
    spoken: list[Spoken] = [*growing.append(markdown), *growing.finish()]
    return [(each.role.value[0], each.text) for each in spoken]


def marks(markdown: str, language: Language = EN) -> str:
    return "".join(mark for mark, _ in roles(markdown, language))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("One. Two. Three.", "odd"),
        ("One.\nTwo.\nThree.\n", "odd"),
        ("One.\n\nTwo. More.\n", "ood"),
        ("# Title\n\nOne. Two.\n", "ood"),
        ("Title\n===\nOne. Two.\n", "ood"),
        ("- one. more\n- two\n\n- three\n", "oddd"),
        ("Two things:\n\n- one\n- two\n\nAnd so on. Yes.\n", "oddod"),
        ("It works. Two things:\n- one\n- two\n", "oddd"),
        ("It works.\n- one\n- two\n", "ood"),
        ("1. One.\n   - a\n   - b\n\n   Still one.\n2. Two.\n", "odddd"),
        ("- one\n\ntext\n\n- other\n", "ooo"),
        ("* one\n\n+ other list\n", "oo"),
        ("Run this:\n\n```sh\nmake\n```\n\nThen go on.\n", "odo"),
        ("```sh\nmake\n```\n", "o"),
        ("Figures:\n\n| a |\n|---|\n| 1 |\n\nDone.\n", "oddo"),
        ("> Quoted. More.\n>\n> Next.\n", "odo"),
        ("> [!NOTE]\n> It is so. And so.\n", "ood"),
        ("Note:\n\nText behind a colon is no list.\n", "oo"),
    ],
)
def test_the_first_sentence_of_every_block_opens_it(markdown: str, expected: str) -> None:
    assert marks(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("One. Is it so? Two.", "oqd"),
        ("Which do you want?\n\n1. The first.\n2. The second.\n\nText. More.\n", "qqqod"),
        ("Please choose one:\n- red\n- blue\n", "qqq"),
        ("One. It failed. Two.", "owd"),
        ("Two tests failed:\n- one\n- two\n", "wdd"),
        ("> [!WARNING]\n> It goes. Really.\n>\n> All of it.\n\nText.\n", "wwwwo"),
        ("> [!caution]\n> It goes.\n\n> Another quote. More.\n", "wwod"),
        ("[!WARNING] is only a callout in a quote. Yes.", "wod"),
    ],
)
def test_questions_and_warnings_stand_out_wherever_they_are(markdown: str, expected: str) -> None:
    assert marks(markdown) == expected


def test_roles_do_not_depend_on_how_the_text_is_cut() -> None:
    text = "# Head\n\nOne. Two:\n\n- a\n- b?\n\n> [!WARNING]\n> Three. Four.\n\n"
    text += "Which one?\n1. x\n2. y\n\nEnd. It is.\n"
    growing = GrowingText(EN)
    spoken = [each for char in text for each in (*growing.append(char), *growing.ahead())]
    spoken += growing.finish()
    assert [(each.role.value[0], each.text) for each in spoken] == roles(text)


def test_japanese_has_words_of_its_own() -> None:
    assert marks("直しました。テストは通ります。", JA) == "od"
    assert marks("直しました。続けますか。どちらか選んでください。", JA) == "oqq"
    assert marks("直しました。テストが失敗しました。注意してください。", JA) == "oww"


@pytest.mark.parametrize("language", [EN, JA, Language("de"), Language("ar")])
def test_a_question_mark_asks_in_every_language(language: Language) -> None:
    assert all(asks(text, language) for text in ("A?", "「A？」", 'He said "a?"', "ا؟"))
    assert not asks("A.", language)


@pytest.mark.parametrize(
    "text",
    [
        "Let me know which you prefer.",
        "Shall I go on.",
        "Please confirm.",
        "It is your call.",
        "Do you want that.",
    ],
)
def test_who_waits_for_an_answer_asks_without_a_mark(text: str) -> None:
    assert asks(text, EN)


@pytest.mark.parametrize(
    "text",
    ["The build failed.", "It cannot work.", "You must not.", "An error.", "Careful here.", "Don't do it."],
)
def test_what_must_not_be_missed_warns(text: str) -> None:
    assert warns(text, EN)
    assert warns(text, Language("de"))


@pytest.mark.parametrize(
    "text", ["The build is green.", "I mustered it.", "Terrors of the deep.", "I let it go."]
)
def test_other_words_do_not(text: str) -> None:
    assert not warns(text, EN)
    assert not asks(text, EN)


def test_every_role_is_given() -> None:
    given = {mark for mark, _ in roles("One. Two. Why? It failed.")}
    assert given == {role.value[0] for role in Role}
