"""A real daemon in languages that no code names: their words come from their files, a user's own included."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Hook, Status, Wait
from claude_narrator.daemon.wire import encode
from claude_narrator.hooks.event import send
from tests.daemon.timed_payloads import Claude
from tests.heard import read_wav, speech_spans
from tests.models.engines.stand_in_server import StandIn, running
from tests.running_daemon import RunningDaemon

REPLY = "**{fine}**\n\n```py\nx = 1\ny = 2\n```\n\n2026-11-20, 35 ms\n"
SAID = {
    "de": ("Der Test läuft.", "Codeblock, python, 2 Zeilen.", "20. November 2026, 35 Millisekunden."),
    "es": (
        "La prueba pasa.",
        "Bloque de código, python, 2 líneas.",
        "20 de noviembre de 2026, 35 milisegundos.",
    ),
}
ASKED = {"de": "Claude möchte ausführen: git push.", "es": "Claude quiere ejecutar: git push."}
HEARD_S = 2.0
"""Far less than the sentences take at three times the usual rate."""
ESPERANTO = """
[phrases]
code_block_in = "Kodo, {lines}."
counts.line = ["1 lino", "{n} linioj"]
"""


class Told:
    """A session of Claude Code, told to a daemon by its hooks."""

    def __init__(self, daemon: RunningDaemon, client: Client) -> None:
        self._daemon, self._client = daemon, client
        self.claude, self.wav = Claude(cwd="/"), daemon.wav
        self.tell(self.claude.prompt("p"))

    def tell(self, event: dict[str, Any]) -> None:
        send(str(self._daemon.paths.socket), encode(Hook(event)))

    def reply(self, text: str) -> None:
        self.tell(self.claude.shows("p", "m", 0, text, final=True))
        self.tell(self.claude.stops("p", text))

    def is_asked(self) -> None:
        self.tell(
            self.claude.event("PermissionRequest", tool_name="Bash", tool_input={"command": "git push"})
        )

    def heard(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many sentences have been heard to their ends, and return all that have."""
        deadline = time.monotonic() + 60
        while len(spoken := self._spoken()) < count:
            assert time.monotonic() < deadline, self._client.call(Status())
            time.sleep(0.02)
        assert self._client.call(Wait(timeout_s=60))["idle"] is True
        return spoken

    def _spoken(self) -> list[dict[str, Any]]:
        return [each for each in self._client.call(Status())["recent"] if each["outcome"] == "spoken"]

    def engines(self) -> set[str]:
        """Return the engines that have been loaded."""
        running = {each["name"]: each["running"] for each in self._client.call(Status())["engines"]}
        return {name for name, state in running.items() if state and state["status"] == "ready"}


@contextmanager
def session(language: str, **changes: object) -> Iterator[Told]:
    """A daemon for somebody to whom Claude writes `language`, and who hears it."""
    speech = {"speech__language": language, "speech__source_language": language, "speech__rate": 3.0}
    with (
        RunningDaemon(log__spoken_text=True, **{**speech, **changes}) as daemon,
        daemon.client() as client,
    ):
        yield Told(daemon, client)


@pytest.mark.parametrize("language", SAID)
def test_a_reply_and_a_question_are_heard_in_the_language_by_a_real_voice(language: str) -> None:
    with session(language) as told:
        told.reply(REPLY.format(fine=SAID[language][0]))
        told.heard(len(SAID[language]))
        told.is_asked()
        heard, (samples, rate) = told.heard(len(SAID[language]) + 1), read_wav(told.wav)
        engines = told.engines()
    assert [each["spoken"] for each in heard] == [*SAID[language], ASKED[language]]
    assert engines == {"nanotts"}
    spans = speech_spans(samples, rate)
    assert sum(end - begin for begin, end in spans) > HEARD_S


def test_what_a_language_has_no_words_for_is_said_in_english() -> None:
    with session("nl") as told:
        told.is_asked()
        spoken = [each["spoken"] for each in told.heard(1)]
    assert "Claude wants to run: git push." in spoken


def test_what_a_language_has_no_words_for_is_translated_where_a_translator_knows_it() -> None:
    with running(StandIn(says=["Claude wil git push uitvoeren."])) as server:
        engines = {
            "engines__llama_server__url": server.url,
            "engines__speech_server__url": server.url,
            "engines__speech_server__voices": "nl:anna",
        }
        with session("nl", **engines) as told:
            told.is_asked()
            (heard,) = told.heard(1)
    assert (heard["text"], heard["spoken"]) == (
        "Claude wants to run: git push.",
        "Claude wil git push uitvoeren.",
    )


def test_a_file_of_the_user_s_brings_a_language_that_the_daemon_speaks() -> None:
    with running(StandIn()) as server:
        daemon = RunningDaemon(
            speech__language="eo",
            speech__source_language="eo",
            log__spoken_text=True,
            engines__speech_server__url=server.url,
            engines__speech_server__voices="eo:ludoviko",
        )
        _own_file(daemon, "eo.toml", ESPERANTO)
        _own_file(daemon, "ca.toml", "[phrases]\nredactd = 'x'\n")
        with daemon, daemon.client() as client:
            told = Told(daemon, client)
            told.reply("Jen.\n\n```py\nx\ny\n```\n")
            assert [each["spoken"] for each in told.heard(2)] == ["Jen.", "Kodo, 2 linioj."]
            assert client.call(Status())["problems"] == [
                f"{daemon.paths.languages}/ca.toml: there is no phrases.redactd (did you mean redacted?). "
                "docs/adding-a-language.md has the keys."
            ]


def _own_file(daemon: RunningDaemon, name: str, text: str) -> None:
    folder: Path = daemon.paths.languages
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
