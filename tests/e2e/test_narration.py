"""Prose between tool calls that the real Claude Code shows, and of which no hook tells."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Narrate, Text, ToolUse
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

LOOK = {"command": "echo seven", "description": "Look"}


def test_narration_is_heard_in_its_place_and_once(api: MessagesApi, user: User, narrator: Narrator) -> None:
    api.script(
        [Text("I will look first.\n"), ToolUse("Bash", LOOK)],
        [Narrate("There are seven of them."), ToolUse("Bash", LOOK)],
        [Narrate("The sizes are checked now."), ToolUse("Bash", LOOK)],
        [Text("Nothing else is needed.")],
    )
    with Terminal(user, "--allowedTools", "Bash") as terminal:
        terminal.ask("How many?")
        narrator.wait_ended("Nothing else")
        assert narrator.texts() == [
            "I will look first.",
            "There are seven of them.",
            "The sizes are checked now.",
            "Nothing else is needed.",
        ]
