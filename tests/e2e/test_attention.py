"""Questions of the real terminal UI are heard at once, once, and stay the human's to answer."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Text, ToolUse
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

STORY = "".join(f"The old story has a sentence with the number {n}.\n" for n in "abc")
TOUCH = {"command": "touch third.txt", "description": "Create a file"}
WHICH = {
    "questions": [
        {
            "question": "Which colour do you want?",
            "header": "Colour",
            "options": [
                {"label": "Red", "description": "Like a rose."},
                {"label": "Blue", "description": "Like the sea."},
            ],
            "multiSelect": False,
        }
    ]
}


def told(narrator: Narrator, event: str) -> bool:
    """Whether the daemon has heard of an event."""
    return f"{event} of session" in narrator.paths.log.read_text(encoding="utf-8")


def test_a_permission_prompt_interrupts_the_reply_is_said_once_and_is_left_to_the_human(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text(STORY), ToolUse("Bash", TOUCH)], [Text("The file is there.")])
    with Terminal(user) as terminal:
        terminal.ask("Make a file.")
        request = narrator.wait_heard("wants to run")
        assert request.text == "Claude wants to run: touch third dot txt."
        wait_until(lambda: told(narrator, "Notification"), "no notification of the dialog", 20.0)
        assert not (user.project / "third.txt").exists()
        narrator.wait_ended("number c")
        terminal.press("Enter")
        narrator.wait_ended("The file is there")
        assert (user.project / "third.txt").exists()
        heard = narrator.heard()
        assert sum("permission" in each.text or "wants to" in each.text for each in heard) == 1
        assert heard[0].outcome == "interrupted"
        spoken = [each.text for each in heard if each.outcome == "spoken"]
        assert [text for text in spoken if "story" in text] == STORY.splitlines()


def test_a_question_is_heard_with_its_options_once(api: MessagesApi, user: User, narrator: Narrator) -> None:
    api.script([ToolUse("AskUserQuestion", WHICH)], [Text("Red it is.")])
    with Terminal(user) as terminal:
        terminal.ask("Paint it.")
        narrator.wait_ended("2: Blue")
        terminal.press("Enter")
        narrator.wait_ended("Red it is")
        assert narrator.texts() == [
            "Claude asks you a question.",
            "Which colour do you want?",
            "1: Red.",
            "2: Blue.",
            "Red it is.",
        ]
