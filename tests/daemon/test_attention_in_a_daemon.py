"""A real daemon with a real voice: what asks for attention is heard over the reply, and the reply whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Hook, Status, Wait
from claude_narrator.daemon.wire import encode
from claude_narrator.hooks.event import send
from tests.daemon.timed_payloads import Claude
from tests.running_daemon import RunningDaemon

REPLY = ("The first part is done.", "The second takes longer.", "The third comes last.")
PUSH = {"tool_name": "Bash", "tool_input": {"command": "git push"}}
ASKED = "Claude wants to run: git push."


@pytest.fixture(scope="module")
def daemon() -> Iterator[RunningDaemon]:
    """One daemon for all of these tests."""
    with RunningDaemon(log__spoken_text=True, speech__rate=2.0, speech__subagents="voice") as running:
        yield running


class Listener:
    """Tells the daemon what Claude Code would, and reads what was heard since the prompt that begins it."""

    def __init__(self, daemon: RunningDaemon, client: Client) -> None:
        self.claude = Claude(cwd="/")
        self._daemon, self._client = daemon, client
        self._before = {each["id"] for each in client.call(Status())["recent"]}
        self._turn = f"p{len(self._before)}"
        self.tell(self.claude.prompt(self._turn))

    def tell(self, event: dict[str, Any]) -> None:
        send(str(self._daemon.paths.socket), encode(Hook(event)))

    def recent(self) -> list[dict[str, Any]]:
        recent = self._client.call(Status())["recent"]
        return [each for each in recent if each["id"] not in self._before]

    def heard(self) -> list[dict[str, Any]]:
        return sorted((each for each in self.recent() if "audible" in each["at_s"]), key=audible_s)

    def wait_heard(self, text: str) -> None:
        until(lambda: text in [each["text"] for each in self.heard()])

    def wait_idle(self) -> None:
        assert self._client.call(Wait(timeout_s=60))["idle"] is True

    def begin_reply(self) -> None:
        self.tell(self.claude.shows(self._turn, self._turn, 0, "\n".join(REPLY) + "\n", final=True))
        self.wait_heard(REPLY[0])


def audible_s(sentence: dict[str, Any]) -> float:
    at: float = sentence["at_s"]["audible"]
    return at


def until(ready: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_permission_prompt_is_heard_over_the_reply_and_the_reply_whole(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        one = Listener(daemon, client)
        one.begin_reply()
        one.tell(one.claude.event("PermissionRequest", **PUSH))
        one.wait_heard(ASKED)
        one.wait_idle()
        texts = [each["text"] for each in one.heard()]
        assert texts.index(ASKED) < texts.index(REPLY[-1])
        spoken = [each["text"] for each in one.heard() if each["outcome"] == "spoken"]
        assert [text for text in spoken if text != ASKED] == list(REPLY)
        assert spoken.count(ASKED) == 1


def test_an_answer_ends_what_is_said_of_the_prompt_and_the_reply_goes_on(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        one = Listener(daemon, client)
        one.begin_reply()
        one.tell(one.claude.event("PermissionRequest", **PUSH))
        one.wait_heard(ASKED)
        one.tell(one.claude.event("PostToolUse", tool_use_id="t", tool_response={}, **PUSH))
        until(lambda: any(each["outcome"] for each in one.recent() if each["text"] == ASKED))
        one.wait_idle()
        outcomes = {each["text"]: each["outcome"] for each in one.recent()}
        assert outcomes == {**dict.fromkeys(REPLY, "spoken"), ASKED: "cut"}


def test_a_subagent_speaks_in_another_voice_when_it_shall_be_heard(daemon: RunningDaemon) -> None:
    agent = {"agent_id": "a1", "agent_type": "general-purpose"}
    with daemon.client() as client:
        one = Listener(daemon, client)
        one.tell(one.claude.event("SubagentStop", last_assistant_message="Two.", **agent))
        one.wait_heard("Two.")
        one.wait_idle()
        assert [(each["text"], each["outcome"]) for each in one.recent()] == [
            ("From the subagent general purpose.", "spoken"),
            ("Two.", "spoken"),
        ]
        engines = client.call(Status())["engines"]
        (other,) = (each["running"] for each in engines if each["name"] == "nanotts")
        assert other["status"] == "ready"  # the only other engine here; Hibari has one voice
