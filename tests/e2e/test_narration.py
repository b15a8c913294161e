"""Prose between tool calls that the real Claude Code shows, and of which no hook tells."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Gate, Narrate, Text, ToolUse
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

LOOK = {"command": "echo seven", "description": "Look"}


def test_narration_is_heard_as_soon_as_its_message_has_ended_and_once(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    texts = ["I will look first.", "There are seven of them.", "The sizes are checked now."]
    api.script([Text(f"{texts[0]}\n"), ToolUse("Bash", LOOK)])
    api.script([Gate("0"), Narrate(texts[1]), ToolUse("Bash", LOOK)])
    api.script([Gate("1"), Narrate(texts[2]), ToolUse("Bash", LOOK)])
    api.script([Gate("2"), Text("Nothing else is needed.")])
    with Terminal(user, "--allowedTools", "Bash") as terminal:
        terminal.ask("How many?")
        for number, text in enumerate(texts):
            narrator.wait_heard(text)  # a model takes longer to its next message than a line to its sound
            api.open(str(number))
        narrator.wait_ended("Nothing else")
        assert narrator.texts() == [*texts, "Nothing else is needed."]
