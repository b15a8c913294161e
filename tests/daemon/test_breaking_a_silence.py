"""A real daemon with a quick translator and a better one: who breaks a silence, and who goes on."""

from __future__ import annotations

import json
import time

from claude_narrator.daemon.protocol import Engines, Say, Status, Why
from tests.models.engines.stand_in_server import StandIn, running
from tests.running_daemon import RunningDaemon

GOOD = "Todos os testes passam agora."
CHAT = "/v1/chat/completions"


def _wait_until_ready(daemon: RunningDaemon, engine: str) -> None:
    deadline_s = time.monotonic() + 30
    with daemon.client() as client:
        while True:
            found = {each["name"]: each["running"] for each in client.call(Engines())["engines"]}
            if (found[engine] or {}).get("status") == "ready":
                return
            assert time.monotonic() < deadline_s, found[engine]


def test_bergamot_breaks_the_silence_and_the_better_translator_goes_on() -> None:
    with running(StandIn(says=[GOOD])) as server, RunningDaemon(log__spoken_text=True) as daemon:
        for key, value in {
            "engines.llama_server.url": server.url,
            "engines.speech_server.url": server.url,
            "engines.speech_server.voices": "pt-BR:rin",
            "speech.language": "pt-BR",
        }.items():
            assert daemon.voice("settings", "set", key, value).returncode == 0
        with daemon.client() as client:
            client.call(Say("Wait for it.", wait=True))
            _wait_until_ready(daemon, "llama_server")
            server.asked.clear()
            client.call(Say("The build is green. All tests pass now. Every test is quick.", wait=True))
            first, *others = [each["spoken"] for each in client.call(Status())["recent"]][-3:]
            told = client.call(Why(""))["translator"]["candidates"]
    assert first != GOOD
    assert others == [GOOD, GOOD]
    assert "The build is green" not in json.dumps(server.bodies(CHAT)[0]["messages"][-1])
    assert [each["engine"] for each in told][:2] == ["llama_server", "bergamot"]
    assert "quick: a first sentence is its" in told[1]["reason"]
