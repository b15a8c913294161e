"""A real daemon says as much as it was told to, from the next sentence on."""

from __future__ import annotations

from typing import Any

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Hook, Say, SetVoice, Status, Wait
from tests.daemon.timed_payloads import Claude
from tests.running_daemon import RunningDaemon

claude = Claude("the-session")


def test_a_session_says_as_much_as_it_was_told_to() -> None:
    settings = {"log__spoken_text": True, "speech__amount": "final", "speech__rate": 2.0}
    with RunningDaemon(**settings) as daemon, daemon.client() as client:
        turn(client, "p", "I look.\n", "It works. All of it does.")
        client.call(SetVoice("session", "the-session", amount="brief"))
        turn(client, "q", "I write. There it is.\n", "It is done. It has two lines.")
        client.call(SetVoice("session", "the-session", amount="off"))
        turn(client, "r", "Nobody.\n", "Hears this.")
        client.call(Say("Still here.", wait=True))
        assert spoken(client) == [
            "It works.",
            "All of it does.",
            "I write.",
            "It is done.",
            "Still here.",
        ]


def turn(client: Client, prompt_id: str, *messages: str) -> None:
    """Let a turn of these messages begin, end and be heard."""
    client.send(Hook(claude.prompt(prompt_id)))
    for number, text in enumerate(messages):
        client.send(Hook(claude.shows(prompt_id, f"{prompt_id}-{number}", 0, text, final=True)))
    client.send(Hook(claude.stops(prompt_id, messages[-1])))
    assert client.call(Wait(30.0)) == {"idle": True}


def spoken(client: Client) -> list[str]:
    recent: list[dict[str, Any]] = client.call(Status())["recent"]
    return [each["text"] for each in recent if each["outcome"] == "spoken"]
