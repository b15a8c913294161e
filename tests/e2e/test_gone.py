"""The real Claude Code is killed, or its terminal closed, while it is heard."""

from __future__ import annotations

import os
import signal
import time

import pytest

from claude_narrator.daemon.claude_processes import BETWEEN_S
from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Sessions
from tests.e2e.claude_cli import NEW, OLD, User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Gate, Text
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

LONG = "".join(f"The old story has a sentence with the number {n}.\n" for n in "abcdefghijkl")


def open_sessions(narrator: Narrator) -> list[str]:
    with Client(narrator.paths.socket) as client:
        return [row["id"] for row in client.call(Sessions())["sessions"] if not row["closed"]]


@pytest.mark.parametrize(
    ("cli_version", "end"), [(NEW, signal.SIGKILL), (OLD, signal.SIGKILL), (NEW, signal.SIGHUP)]
)
def test_a_session_whose_process_is_gone_is_silent_and_not_listed(
    api: MessagesApi, user: User, narrator: Narrator, end: signal.Signals
) -> None:
    api.script([Text(LONG), Gate("rest"), Text("The rest.\n")])
    with Terminal(user) as terminal:
        process = int(terminal._run("list-panes", "-F", "#{pane_pid}"))
        begun_s = time.monotonic()
        terminal.ask("Tell me a story.")
        narrator.wait_heard("number b")
        wait_until(lambda: time.monotonic() - begun_s > BETWEEN_S, "time stands still")
        assert len(open_sessions(narrator)) == 1
        os.kill(process, end)
        wait_until(lambda: open_sessions(narrator) == [], "it is still listed")
        assert narrator.status()["idle"]
        api.open("rest")
    assert not any("number l" in text for text in narrator.texts())
