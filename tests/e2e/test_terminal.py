"""The terminal UI with the narrator wired in, as a person uses it."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import AUDIBLE, Narrator
from tests.e2e.scenario import Gate, Text, ToolUse
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

ALLOW_BASH = ("--allowedTools", "Bash")
LOOK = {"command": "echo seven", "description": "Look"}
SENTENCES = 12
LONG = "".join(f"The old story has a sentence with the number {n}.\n" for n in "abcdefghijkl"[:SENTENCES])


def test_a_streamed_reply_sounds_before_its_end(api: MessagesApi, user: User, narrator: Narrator) -> None:
    api.script(
        [
            Text("The first paragraph is short.\n\n", delay_s=0.05, piece=8),
            Text("The second paragraph is still", delay_s=0.05, piece=8),
            Gate("rest"),
            Text(" unfinished.\n\nThe third paragraph ends it.", delay_s=0.05, piece=8),
        ]
    )
    with Terminal(user) as terminal:
        terminal.ask("Explain it.")
        api.wait_reached("rest")
        narrator.wait_heard("first paragraph")
        assert narrator.loudness() > AUDIBLE
        assert not api.scripted[0].ended_s
        api.open("rest")
        narrator.wait_ended("third paragraph")
        assert narrator.texts() == [
            "The first paragraph is short.",
            "The second paragraph is still unfinished.",
            "The third paragraph ends it.",
        ]


def test_prose_tool_prose_and_final_are_heard_once_and_in_order(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [Text("I will look first.", delay_s=0.05, piece=6), ToolUse("Bash", LOOK)],
        [Text("There are seven.\nI count again.", delay_s=0.05, piece=6), ToolUse("Bash", LOOK)],
        [Text("It stays at seven.\n\nNothing else is needed.", delay_s=0.05, piece=6)],
    )
    with Terminal(user, *ALLOW_BASH) as terminal:
        terminal.ask("How many?")
        narrator.wait_ended("Nothing else")
        assert narrator.texts() == [
            "I will look first.",
            "There are seven.",
            "I count again.",
            "It stays at seven.",
            "Nothing else is needed.",
        ]


def test_a_new_prompt_stops_the_old_speech_of_its_session(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text(LONG)], [Text("A new reply.")])
    with Terminal(user) as terminal:
        terminal.ask("Tell me a story.")
        narrator.wait_heard("number b")
        terminal.ask("Something else.")
        new = narrator.wait_ended("A new reply")
        assert new.outcome == "spoken"
        heard = narrator.heard()
        assert len(heard) < SENTENCES
        assert heard[-1].text == "A new reply."
        assert "cut" in {sentence.outcome for sentence in heard}


def test_the_speech_of_another_session_is_not_stopped(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text("The other session tells a rather long and slow story. It has two sentences.")])
    api.script([Text("A short reply.")])
    with Terminal(user) as one, Terminal(user) as two:
        one.ask("Tell me a story.")
        narrator.wait_heard("other session")
        two.ask("Something else.")
        narrator.wait_ended("A short reply")
        narrator.wait_ended("two sentences")
        assert {sentence.outcome for sentence in narrator.heard()} == {"spoken"}
