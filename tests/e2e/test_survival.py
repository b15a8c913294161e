"""Processes die, and neither Claude Code nor the listener is left alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.claude_cli import Headless, HeadlessRun, User, ask
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import COMMANDS, Narrator, alive
from tests.e2e.scenario import Gate, Text, ToolUse
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

LOOK = {"command": "echo seven", "description": "Look"}
TROUBLE = re.compile(r"hook (error|failed)|ECONNREFUSED|Traceback|failed with", re.IGNORECASE)
NOT_MUCH_LONGER = 4.0
"""How many times as long as without a narrator a turn may take whose narrator has died."""


def test_claude_code_shows_nothing_when_the_daemon_dies_in_mid_reply(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [Text("The first line.\n"), Gate("death"), Text("The second line.\n"), ToolUse("Bash", LOOK)],
        [Text("The end of it.")],
    )
    with Terminal(user, "--allowedTools", "Bash") as terminal:
        terminal.ask("Talk.")
        api.wait_reached("death")
        narrator.wait_heard("first line")
        narrator.kill_daemon()
        api.open("death")
        terminal.wait_for("The end of it")
        api.script([Text("Still well.")])
        terminal.ask("And now?")
        terminal.wait_for("Still well")
        assert not TROUBLE.search(terminal.screen()), terminal.screen()


@pytest.mark.alone
def test_a_turn_with_a_dead_daemon_takes_hardly_longer_than_one_without_a_narrator(
    api: MessagesApi, user: User, tmp_path: Path
) -> None:
    without_s = _second_half_s(api, user, None)
    with Narrator(user) as narrator:
        narrator.install()
        with_s = _second_half_s(api, user, narrator)
    assert with_s < without_s * NOT_MUCH_LONGER


def test_a_session_starts_the_daemon_and_is_heard_from_its_first_sentence_on(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    narrator.stop_daemon()
    assert not narrator.is_up()
    api.script([Text("The first sentence.\nThe second sentence.")])
    assert ask(user, "Hello.").returncode == 0
    narrator.wait_ended("second sentence")
    assert narrator.texts() == ["The first sentence.", "The second sentence."]


def test_the_next_session_starts_a_dead_daemon_again(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text("The first session.")], [Text("The second session.")])
    ask(user, "Hello.")
    narrator.wait_heard("first session")
    workers = narrator.children()
    dead = narrator.kill_daemon()
    wait_until(lambda: not any(alive(worker) for worker in workers), "workers outlive their daemon", 5.0)
    ask(user, "Hello again.")
    narrator.wait_heard("second session")
    assert narrator.pid() != dead


def test_the_next_hook_of_the_same_session_starts_a_dead_daemon_again(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([Text("The first line.\n")], [Text("The second reply.")])
    with Terminal(user) as terminal:
        terminal.ask("Talk.")
        narrator.wait_heard("first line")
        dead = narrator.kill_daemon()
        terminal.ask("Go on.")
        narrator.wait_heard("second reply")
        assert narrator.pid() != dead


def test_a_worker_killed_in_mid_sentence_costs_at_most_that_sentence(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [
            Text("This sentence is cut by the death of its engine, long as it is.\n"),
            Gate("rest"),
            Text("Next."),
        ]
    )
    with Terminal(user) as terminal:
        terminal.ask("Talk.")
        narrator.wait_heard("death of its engine")
        daemon, workers = narrator.pid(), narrator.children()
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        api.open("rest")
        assert narrator.wait_ended("Next.").outcome == "spoken"
        assert narrator.pid() == daemon
        assert alive(daemon)
        assert not set(narrator.children()) & set(workers)


def test_of_two_daemons_started_at_once_exactly_one_stays_and_the_other_exits_0(narrator: Narrator) -> None:
    narrator.stop_daemon()
    command = str(COMMANDS / "voice-daemon")
    environment = narrator.user.environment()
    both = [subprocess.Popen([command], env=environment) for _ in range(2)]
    try:
        wait_until(lambda: any(process.poll() is not None for process in both), "both stay", 10.0)
        wait_until(narrator.is_up, "none answers", 10.0)
        (loser,) = [process for process in both if process.poll() is not None]
        (winner,) = [process for process in both if process.poll() is None]
        assert loser.returncode == 0
        assert narrator.pid() == narrator.status()["pid"] == winner.pid
    finally:
        for process in both:
            process.kill()
            process.wait()


def _second_half_s(api: MessagesApi, user: User, narrator: Narrator | None) -> float:
    """Return the seconds from the middle of a reply, where the daemon is killed, to the end of the CLI."""
    api.script(
        [Text("A first line.\n"), Gate(f"half-{narrator}"), ToolUse("Bash", LOOK)],
        [Text("A second line.\n"), ToolUse("Bash", LOOK)],
        [Text("The end.")],
    )
    with Headless(user, "Talk.") as run:
        api.wait_reached(f"half-{narrator}")
        if narrator is not None:
            narrator.kill_daemon()
        began_s = time.monotonic()
        api.open(f"half-{narrator}")
        done: HeadlessRun = run.finish()
        took_s = time.monotonic() - began_s
    assert done.returncode == 0
    assert not TROUBLE.search(done.stderr), done.stderr
    return took_s
