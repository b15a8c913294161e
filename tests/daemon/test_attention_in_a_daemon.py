"""A real daemon with a real voice: what asks for attention is heard over the reply, and the reply whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Hook, Status, Wait, encode
from claude_narrator.hooks.event import send
from tests.daemon.timed_payloads import Claude
from tests.running_daemon import RunningDaemon

claude = Claude(cwd="/")
REPLY = ("The first part is done.", "The second takes longer.", "The third comes last.")
PUSH = {"tool_name": "Bash", "tool_input": {"command": "git push"}}
ASKED = "Claude wants to run: git push."


def recent(client: Client) -> list[dict[str, Any]]:
    sentences: list[dict[str, Any]] = client.call(Status())["recent"]
    return sentences


def audible_s(sentence: dict[str, Any]) -> float:
    at: float = sentence["at_s"].get("audible", float("inf"))
    return at


def until(ready: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_heard(client: Client, text: str) -> bool:
    return any(each["text"] == text and audible_s(each) < float("inf") for each in recent(client))


def tell(daemon: RunningDaemon, event: dict[str, Any]) -> None:
    send(str(daemon.paths.socket), encode(Hook(event)))


def begin_reply(daemon: RunningDaemon, client: Client) -> None:
    tell(daemon, claude.shows("p", "m", 0, "\n".join(REPLY) + "\n", final=True))
    until(lambda: is_heard(client, REPLY[0]))


def test_a_permission_prompt_is_heard_over_the_reply_and_the_reply_whole() -> None:
    with RunningDaemon(log__spoken_text=True, speech__rate=2.0) as daemon, daemon.client() as client:
        begin_reply(daemon, client)
        tell(daemon, claude.event("PermissionRequest", prompt_id="p", **PUSH))
        until(lambda: is_heard(client, ASKED))
        assert client.call(Wait(timeout_s=60))["idle"] is True
        heard = sorted((each for each in recent(client) if audible_s(each) < float("inf")), key=audible_s)
        texts = [each["text"] for each in heard]
        assert texts.index(ASKED) < texts.index(REPLY[-1])
        spoken = [each["text"] for each in heard if each["outcome"] == "spoken"]
        assert [text for text in spoken if text != ASKED] == list(REPLY)
        assert spoken.count(ASKED) == 1


def test_an_answer_ends_what_is_said_of_the_prompt_and_the_reply_goes_on() -> None:
    with RunningDaemon(log__spoken_text=True, speech__rate=2.0) as daemon, daemon.client() as client:
        begin_reply(daemon, client)
        tell(daemon, claude.event("PermissionRequest", prompt_id="p", **PUSH))
        until(lambda: is_heard(client, ASKED))
        tell(daemon, claude.event("PostToolUse", prompt_id="p", tool_use_id="t", tool_response={}, **PUSH))
        until(lambda: any(each["outcome"] for each in recent(client) if each["text"] == ASKED))
        assert client.call(Wait(timeout_s=60))["idle"] is True
        outcomes = {each["text"]: each["outcome"] for each in recent(client)}
        assert outcomes == {**dict.fromkeys(REPLY, "spoken"), ASKED: "cut"}


def test_a_subagent_speaks_in_another_voice_when_it_shall_be_heard() -> None:
    ended = claude.event(
        "SubagentStop", agent_id="a1", agent_type="general-purpose", last_assistant_message="Two."
    )
    with RunningDaemon(log__spoken_text=True, speech__subagents="voice") as daemon, daemon.client() as client:
        tell(daemon, ended)
        until(lambda: is_heard(client, "Two."))
        assert client.call(Wait(timeout_s=60))["idle"] is True
        assert [(each["text"], each["outcome"]) for each in recent(client)] == [
            ("From the subagent general purpose.", "spoken"),
            ("Two.", "spoken"),
        ]
        running = {
            each["name"]: each["running"] for each in client.call(Status())["engines"] if each["running"]
        }
        assert running["nanotts"]["status"] == "ready"  # the only other engine here; Hibari has one voice
