"""Questions of the real terminal UI are heard at once, once, and stay the human's to answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Gate, Text, ToolUse
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

STORY = (
    "The old story begins with a sentence that nobody would call a short one, and it goes on for a while.\n"
    "The story ends with another.\n"
)
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


def write_plan(api: MessagesApi, plan: str) -> None:
    """Write the file in which the CLI told the model to keep its plan."""
    found = re.search(r"/[^\s\"\\]+/\.claude/plans/[\w-]+\.md", json.dumps(api.scripted[-1].body))
    assert found, "the CLI names no file for the plan"
    path = Path(found[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plan, encoding="utf-8")


def told(narrator: Narrator, event: str) -> bool:
    """Whether the daemon has heard of an event."""
    return f"{event} of session" in narrator.paths.log.read_text(encoding="utf-8")


def test_a_permission_prompt_interrupts_the_reply_is_said_once_and_is_left_to_the_human(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text(STORY), Gate("tool"), ToolUse("Bash", TOUCH)], [Text("The file is there.")])
    with Terminal(user) as terminal:
        terminal.ask("Make a file.")
        narrator.wait_heard("The old story")
        api.open("tool")
        request = narrator.wait_heard("wants to run")
        assert request.text == "Claude wants to run: touch third dot txt."
        wait_until(lambda: told(narrator, "Notification"), "no notification of the dialog", 20.0)
        assert not (user.project / "third.txt").exists()
        narrator.wait_ended("story ends")
        terminal.press("Enter")
        narrator.wait_ended("The file is there")
        assert (user.project / "third.txt").exists()
        heard = narrator.heard()
        assert sum("permission" in each.text or "wants to" in each.text for each in heard) == 1
        assert heard[0].outcome == "interrupted"
        assert heard[1].text == request.text
        spoken = [each.text for each in heard if each.outcome == "spoken"]
        assert [text for text in spoken if "story" in text] == STORY.splitlines()


def test_a_question_and_a_plan_are_heard_once_and_left_to_the_human(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [ToolUse("AskUserQuestion", WHICH)], [Text("Red it is.\n"), Gate("plan"), ToolUse("ExitPlanMode", {})]
    )
    api.script([Text("The wall is red.")])
    narrator.run("voice", "settings", "set", "speech.rate", "2")
    with Terminal(user, "--permission-mode", "plan") as terminal:
        terminal.ask("Paint it.")
        narrator.wait_ended("2: Blue")
        terminal.press("Enter")
        narrator.wait_ended("Red it is")
        api.wait_reached("plan")
        write_plan(api, "# Paint the wall\n\n1. Buy paint.\n2. Use it.\n")
        api.open("plan")
        narrator.wait_ended("Buy paint")
        terminal.press("Enter")
        narrator.wait_ended("The wall is red")
        assert narrator.texts() == [
            "Claude asks you a question.",
            "Which colour do you want?",
            "1: Red.",
            "2: Blue.",
            "Red it is.",
            "Claude has a plan of 2 steps and asks for your approval.",
            "Paint the wall.",
            "1: Buy paint.",
            "The wall is red.",
        ]
