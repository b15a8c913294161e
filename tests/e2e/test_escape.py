"""Esc in the real terminal UI: no hook tells of it, and yet it is silent within half a second."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import AUDIBLE, Narrator, read_growing_wav
from tests.e2e.scenario import Gate, Text, ToolUse
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

SILENT_AFTER_S = 0.5
LISTENS_S = 1.5
LONG = "".join(f"The old story has a sentence with the number {n}.\n" for n in "abcdefghijkl")
SLOW = {"command": "tail -f notes.txt", "description": "Follow the notes"}


def press_escape(terminal: Terminal, narrator: Narrator) -> None:
    """Press Esc, and hear that nothing sounds from half a second later on."""
    terminal.press("Escape")
    time.sleep(SILENT_AFTER_S)
    before = read_growing_wav(narrator.wav).size
    time.sleep(LISTENS_S)
    after = read_growing_wav(narrator.wav)[before:]
    assert after.size == 0 or np.max(np.abs(after)) < AUDIBLE, narrator.heard()


def test_escape_in_a_text_silences_it_and_the_next_prompt_is_heard(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text(LONG), Gate("rest"), Text("The rest.\n")], [Text("A new reply.")])
    with Terminal(user) as terminal:
        terminal.ask("Tell me a story.")
        narrator.wait_heard("number b")
        press_escape(terminal, narrator)
        api.open("rest")
        terminal.ask("Something else.")
        assert narrator.wait_ended("A new reply").outcome == "spoken"
        texts = narrator.texts()
        assert texts[-1] == "A new reply."
        assert not any("number h" in text or "The rest" in text for text in texts), texts


def test_escape_in_a_tool_silences_what_was_said_before_it(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    (user.project / "notes.txt").write_text("Nothing more comes.\n", encoding="utf-8")
    api.script([Text(LONG), ToolUse("Bash", SLOW)], [Text("A new reply.")])
    with Terminal(user, "--allowedTools", "Bash") as terminal:
        terminal.ask("Run something slow.")
        narrator.wait_heard("number b")
        terminal.wait_for(r"tail -f|Follow the notes|Running")
        press_escape(terminal, narrator)
        terminal.ask("Something else.")
        assert narrator.wait_ended("A new reply").outcome == "spoken"
        assert not any("number h" in text for text in narrator.texts())


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
