"""Claude writes of names, and a translator that loses every word it is not told to keep is asked."""

from __future__ import annotations

import re

from claude_narrator.daemon.protocol import Hook, Status, Wait
from tests.models.engines.stand_in_server import StandIn, running
from tests.running_daemon import RunningDaemon

REPLY = (
    "I moved `get_user` behind `queue.put_nowait`.\n\n"
    "- Get user input, then call `get_user`.\n"
    "- The `worker` reads it.\n"
)


def forgetful(question: str) -> str:
    """Return a sentence of masks, and of nothing else that was asked for."""
    asked = question.splitlines()[-1]
    return "ここでは" + "と".join(re.findall(r"\b[XZQVJ]\d+", asked)) + "のことを言っています。"


def test_every_name_that_claude_writes_as_code_is_heard_again() -> None:
    with (
        running(StandIn(answers=forgetful)) as server,
        RunningDaemon(speech__language="ja", log__spoken_text=True) as daemon,
    ):
        done = daemon.voice("settings", "set", "engines.llama_server.url", server.url)
        assert (done.returncode, done.stderr) == (0, "")
        with daemon.client() as client:
            client.send(_displayed(REPLY))
            assert client.call(Wait(timeout_s=60))["idle"]
            recent = client.call(Status())["recent"]
    assert [each["spoken"] for each in recent] == [
        "ここではget userとqueueドットput nowaitのことを言っています。",
        "ここではget userのことを言っています。",
        "ここではworkerのことを言っています。",
    ]
    questions = [body["messages"][-1]["content"] for body in server.bodies("/v1/chat/completions")]
    asked = [text for each in questions for text in re.findall(r'"(.+)"\Z', each)]  # not the warming
    assert list(dict.fromkeys(asked)) == [
        "I moved X1 behind X2.",
        "Get user input, then call X1.",
        "The X1 reads it.",
    ]


def _displayed(text: str) -> Hook:
    common = {"session_id": "s", "cwd": "/", "transcript_path": "", "prompt_id": "p", "turn_id": "t"}
    shown = {"message_id": "m", "index": 0, "final": True, "delta": text}
    return Hook({"hook_event_name": "MessageDisplay", **common, **shown})
