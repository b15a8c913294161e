"""A Claude Code that is killed while it is heard: the real hook, and a process that stands in for the CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from claude_narrator.daemon.claude_processes import BETWEEN_S
from claude_narrator.daemon.protocol import Hook, Sessions, Status
from claude_narrator.hooks import event as hook
from tests.e2e.terminal import wait_until
from tests.running_daemon import RunningDaemon

LIMIT_S = 30.0
STAND_IN = """
import subprocess, sys
for line in sys.stdin:
    subprocess.run(sys.argv[1:], input=line.encode(), check=True)
    print("delivered", flush=True)
"""
"""Starts the hook as Claude Code does, once for every line that it reads."""
LINES = "".join(f"This is the sentence number {n} of a long reply.\n" for n in range(1, 9))


class Claude:
    """One that has a terminal, or was started with `-p`."""

    def __init__(self, daemon: RunningDaemon, entrypoint: str) -> None:
        command = [sys.executable, "-I", "-S", hook.__file__, str(daemon.paths.socket)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", STAND_IN, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "CLAUDE_CODE_ENTRYPOINT": entrypoint},
        )

    def hook(self, name: str, session: str, **fields: Any) -> None:
        payload = {"hook_event_name": name, "session_id": session, "cwd": "/tmp", "prompt_id": "p", **fields}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(payload).encode() + b"\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"delivered\n"

    def talk(self, session: str) -> None:
        """Begin a session, and stop with a long reply that no MessageDisplay has told."""
        self.hook("SessionStart", session, source="startup")
        self.hook("UserPromptSubmit", session, prompt="Talk.")
        self.hook("Stop", session, last_assistant_message=LINES)


@contextmanager
def claude(daemon: RunningDaemon, entrypoint: str) -> Iterator[Claude]:
    started = Claude(daemon, entrypoint)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.communicate()


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon(speech__rate=3.0, log__spoken_text=True) as running:
        yield running


def ids(daemon: RunningDaemon) -> list[str]:
    with daemon.client() as client:
        return [row["id"] for row in client.call(Sessions())["sessions"] if not row["closed"]]


def outcomes(daemon: RunningDaemon) -> list[str]:
    with daemon.client() as client:
        return [each["outcome"] for each in client.call(Status())["recent"]]


def sounds(daemon: RunningDaemon) -> bool:
    with daemon.client() as client:
        return bool(client.call(Status())["player"]["playing"])


def goes_on(daemon: RunningDaemon) -> None:
    """Another sentence than those that have been heard by now is heard to its end, and none is cut."""
    spoken = outcomes(daemon).count("spoken")
    wait_until(lambda: outcomes(daemon).count("spoken") > spoken, "it does not speak on", LIMIT_S)
    assert "cut" not in outcomes(daemon)


def until_believed() -> None:
    """Return when a process that the daemon knows by now is no shell between Claude Code and the hook."""
    known_s = time.monotonic()
    wait_until(lambda: time.monotonic() - known_s > BETWEEN_S, "time stands still")


def test_a_killed_session_is_silent_at_once_and_gone_from_the_list(daemon: RunningDaemon) -> None:
    with claude(daemon, "cli") as killed:
        killed.talk("killed")
        wait_until(lambda: sounds(daemon), "it was not heard", LIMIT_S)
        until_believed()
        killed.process.kill()
        wait_until(lambda: ids(daemon) == [], "it is still listed", LIMIT_S)
        assert not sounds(daemon)
        assert "cut" in outcomes(daemon)
        with daemon.client() as client:
            assert client.call(Status())["idle"]


def test_a_killed_print_mode_is_heard_to_its_end_and_gone_from_the_list(daemon: RunningDaemon) -> None:
    with claude(daemon, "sdk-cli") as killed:
        killed.talk("printed")
        wait_until(lambda: sounds(daemon), "it was not heard", LIMIT_S)
        until_believed()
        killed.process.kill()
        wait_until(lambda: ids(daemon) == [], "it is still listed", LIMIT_S)
        goes_on(daemon)


def test_a_killed_session_leaves_another_one_alone(daemon: RunningDaemon) -> None:
    with claude(daemon, "cli") as killed, claude(daemon, "cli") as other:
        killed.hook("SessionStart", "killed", source="startup")
        other.talk("other")
        wait_until(lambda: sounds(daemon), "it was not heard", LIMIT_S)
        until_believed()
        killed.process.kill()
        wait_until(lambda: ids(daemon) == ["other"], "the wrong ones are listed", LIMIT_S)
        goes_on(daemon)


def test_a_closed_terminal_is_silent_though_claude_code_gives_the_reason_of_print_mode(
    daemon: RunningDaemon,
) -> None:
    with claude(daemon, "cli") as closed:
        closed.talk("closed")
        wait_until(lambda: sounds(daemon), "it was not heard", LIMIT_S)
        closed.hook("SessionEnd", "closed", reason="other")
        wait_until(lambda: "cut" in outcomes(daemon), "it speaks on", LIMIT_S)
        assert ids(daemon) == []


def test_an_event_of_an_older_hook_is_taken_as_ever(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.send(Hook({"hook_event_name": "SessionStart", "session_id": "a"}))
    wait_until(lambda: ids(daemon) == ["a"], "it is not listed", LIMIT_S)
