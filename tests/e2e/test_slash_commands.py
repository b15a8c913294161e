"""`/voice:stop` typed into the real CLI, either way it was wired: the speech ends, and no model is asked.

2.1.197 has the command answered before it reports a prompt, and then reports none; 2.1.328 reports it first.
"""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import NEW, OLD, User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Gate, Text
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

SENTENCES = 12
LONG = "".join(f"The old story has a sentence with the number {n}.\n" for n in "abcdefghijkl"[:SENTENCES])


@pytest.mark.parametrize(
    ("cli_version", "way"), [(OLD, ("--plugin",)), (NEW, ())], ids=["plugin", "settings"]
)
def test_a_slash_command_does_its_work_and_no_more_and_asks_no_model(
    api: MessagesApi, user: User, way: tuple[str, ...]
) -> None:
    api.script([Text(LONG), Gate("end"), Text("It ends.")], [Text("A new reply.")])
    with Narrator(user) as narrator:
        narrator.install(*way)
        with Terminal(user) as terminal:
            terminal.ask("Tell me a story.")
            narrator.wait_heard("number b")  # before Stop: by MessageDisplay
            api.open("end")
            api.wait_ended(1)
            asked = len(api.exchanges)
            terminal.ask("/voice:louder")
            terminal.wait_for("Original prompt: /voice:louder")
            assert not narrator.status()["idle"]
            assert {heard.outcome for heard in narrator.heard()} <= {"spoken", ""}
            terminal.ask("/voice:stop")
            wait_until(lambda: bool(narrator.status()["idle"]), "it goes on speaking")
            stopped = narrator.heard()
            assert len(stopped) < SENTENCES
            assert stopped[-1].outcome == "cut"
            assert len(api.exchanges) == asked
            terminal.ask("Something else.")
            assert narrator.wait_ended("A new reply").outcome == "spoken"
            assert len(api.scripted) == 2
