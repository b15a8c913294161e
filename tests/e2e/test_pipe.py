"""`claude -p … | voice pipe` with the real Claude Code, with and without the narrator's hooks in it."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import COMMANDS, Narrator
from tests.e2e.scenario import Gate, Text, ToolUse

pytestmark = pytest.mark.e2e

STREAM = "--output-format stream-json --verbose --include-partial-messages --allowedTools Bash </dev/null"
LOOK = {"command": "echo seven", "description": "Look"}


def test_a_real_stream_is_heard_once_and_before_its_line_ends(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    first = [Text("I will look first. It is but", delay_s=0.02, piece=5), Text(" a short look around.")]
    api.script(
        [*first, Gate("rest"), ToolUse("Bash", LOOK)],
        [Text("There are seven of them.", delay_s=0.02, piece=5)],
    )
    command = f"{user.claude} -p 'How many?' {STREAM} | {COMMANDS / 'voice'} pipe --tee"
    with subprocess.Popen(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env=user.environment(),
        cwd=user.project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        api.wait_reached("rest")
        narrator.wait_heard("I will look first")
        api.open("rest")
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, ""), shlex.quote(command)
    assert '"type":"result"' in out
    assert narrator.texts() == [
        "I will look first.",
        "It is but a short look around.",
        "There are seven of them.",
    ]
    assert {sentence.outcome for sentence in narrator.heard()} == {"spoken"}
