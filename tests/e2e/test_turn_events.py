"""Turns of the real terminal UI that do not simply end: blocked, failed, typed over, with a subagent."""

from __future__ import annotations

import json

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Failure, Gate, Text, ToolUse
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

AGENT = {"description": "Count lines", "prompt": "Count the lines.", "subagent_type": "general-purpose"}
BLOCK = json.dumps({"decision": "block", "reason": "Go on."})


def block_the_first_stop(user: User) -> None:
    """Add a hook of the user's own beside the narrator's."""
    settings = json.loads(user.settings_file.read_text(encoding="utf-8"))
    marker = user.folder / "blocked"
    command = f"test -e {marker} || {{ touch {marker}; echo '{BLOCK}'; }}"
    settings["hooks"]["Stop"].append({"hooks": [{"type": "command", "command": command}]})
    user.write_settings(settings)


def test_turns_that_do_not_simply_end_are_heard_in_one_session(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    block_the_first_stop(user)
    narrator.run("voice", "settings", "set", "speech.subagents", "voice")
    with Terminal(user) as terminal:
        api.script([Text("This is not the end.")], [Text("This is the end.")])
        terminal.ask("Be blocked.")
        narrator.wait_ended("This is the end")
        api.script([Text("The running reply begins.\n"), Gate("rest"), Text("The running reply ends.")])
        api.script([Text("The queued prompt is answered.")])
        terminal.ask("Talk.")
        narrator.wait_ended("running reply begins")
        terminal.ask("Talk more.")
        api.open("rest")
        narrator.wait_ended("queued prompt is answered")
        # The main thread and the subagent ask for their replies at the same time, in an order of their own.
        api.script([Text("I ask a helper.\n"), ToolUse("Agent", AGENT)], *[[Text("All is well.")]] * 3)
        terminal.ask("Ask a helper.")
        narrator.wait_ended("From the subagent")
        api.wait_ended(8)
        api.script(*[[Failure(400, "invalid_request_error", "a scripted refusal")]] * 12)
        terminal.ask("Fail.")
        narrator.wait_ended("Claude stopped")
    texts = narrator.texts()
    assert texts[:3] == ["This is not the end.", "This is the end.", "The running reply begins."]
    assert "The queued prompt is answered." in texts
    assert texts.count("From the subagent general purpose.") == 1
    assert texts[-1].startswith("Claude stopped")
    assert not any("scripted refusal" in text or "API" in text for text in texts)
    once = [text for text in texts if text != "All is well."]
    assert len(once) == len(set(once))
