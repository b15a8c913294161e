"""Esc in the real terminal UI, where it is easily mistaken: another session, a prompt that waits."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Gate, Text
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

LONG = "".join(f"The old story has a sentence with the number {n}.\n" for n in "abcdefghijkl")


def test_escape_leaves_the_speech_of_another_session_alone(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    narrator.run("voice", "settings", "set", "sessions.others", "all")  # else a prompt takes the floor
    api.script([Text(LONG), Gate("one")], [Text("The other session talks."), Gate("two")])
    with Terminal(user) as one, Terminal(user) as two:
        one.ask("Tell me a story.")
        narrator.wait_heard("number b")
        two.ask("Talk.")
        api.wait_reached("two")
        two.press("Escape")
        narrator.wait_heard("number e")
        api.open("one")
        api.open("two")


def test_a_prompt_that_waits_when_escape_is_pressed_is_answered_aloud(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text(LONG), Gate("rest"), Text("The rest.\n")], [Text("A queued reply.")])
    with Terminal(user) as terminal:
        terminal.ask("Tell me a story.")
        narrator.wait_heard("number b")
        terminal.ask("Something else.")
        terminal.press("Escape")
        wait_until(lambda: "Interrupted" in terminal.screen() or len(api.scripted) > 1, "no interruption")
        if len(api.scripted) == 1:  # the prompt is back on the input line
            terminal.press("Enter")
        assert narrator.wait_ended("A queued reply").outcome == "spoken"
        assert not any("The rest" in text for text in narrator.texts())
