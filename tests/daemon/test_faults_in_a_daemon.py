"""A real daemon with a queue, and an engine of it that is hurt: every sentence is heard, in its order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Engines, Say, Status, Wait
from tests.models.broken_files import broken_models, has_other_bytes
from tests.models.engines.stand_in_server import StandIn, running
from tests.runnable_engines import RECORDS, prepared
from tests.running_daemon import RunningDaemon

TEXTS = ["One is green.", "Two is red.", "Three is done."]
TRANSLATION = "できました。"


@pytest.fixture
def translated() -> Iterator[RunningDaemon]:
    """A daemon that is heard in Japanese, translated by a server."""
    options = {"speech__language": "ja", "speech__notices": "off", "log__spoken_text": True}
    with running(StandIn(says=[TRANSLATION])) as server, RunningDaemon(**options) as daemon:
        done = daemon.voice("settings", "set", "engines.llama_server.url", server.url)
        assert (done.returncode, done.stderr) == (0, "")
        yield daemon


def _pid(client: Client, engine: str) -> int:
    (found,) = (e for e in client.call(Engines())["engines"] if e["name"] == engine)
    assert found["running"]["pid"] > 0
    return int(found["running"]["pid"])


def _said(client: Client) -> list[dict[str, Any]]:
    """Wait until the queue has run dry, and return the last three sentences."""
    assert client.call(Wait(timeout_s=60))["idle"] is True
    recent: list[dict[str, Any]] = client.call(Status())["recent"]
    return recent[-len(TEXTS) :]


def test_a_voice_that_freezes_is_replaced_for_its_sentence_and_those_behind_it() -> None:
    with RunningDaemon(speech__notices="off", log__spoken_text=True) as daemon, daemon.client() as client:
        client.call(Say("Ready.", wait=True))
        os.kill(_pid(client, "hibari"), signal.SIGSTOP)
        client.call(Say(" ".join(TEXTS)))
        said = _said(client)
        assert [sentence["text"] for sentence in said] == TEXTS
        assert [sentence["outcome"] for sentence in said] == ["spoken"] * 3
        assert "hibari did not answer in time and was restarted" in daemon.log()
        client.call(Say("Ready again.", wait=True))
        assert client.call(Status())["problems"] == []


def test_a_voice_that_is_killed_says_its_sentence_to_the_end() -> None:
    with RunningDaemon(log__spoken_text=True) as daemon, daemon.client() as client:
        client.call(Say("Ready.", wait=True))
        client.call(Say(" ".join(TEXTS)))
        os.kill(_pid(client, "hibari"), signal.SIGKILL)
        said = _said(client)
        assert [sentence["text"] for sentence in said] == TEXTS
        assert [sentence["outcome"] for sentence in said] == ["spoken"] * 3
        assert client.call(Status())["problems"] == []


def test_a_translator_that_is_killed_translates_every_sentence(translated: RunningDaemon) -> None:
    with translated.client() as client:
        client.call(Say("Ready now.", wait=True))
        client.call(Say(" ".join(TEXTS)))
        os.kill(_pid(client, "llama_server"), signal.SIGKILL)
        said = _said(client)
        assert [sentence["text"] for sentence in said] == TEXTS
        assert [sentence["outcome"] for sentence in said] == ["spoken"] * 3
        assert [sentence["spoken"] for sentence in said] == [TRANSLATION] * 3
        assert client.call(Status())["problems"] == []


@pytest.mark.models
def test_weights_with_another_hash_are_refused_and_the_embedded_voice_is_kept(tmp_path: Path) -> None:
    (kokoro,) = (record for record in RECORDS if record.name == "kokoro")
    broken = broken_models(prepared(kokoro), has_other_bytes, tmp_path / "models")
    with RunningDaemon(broken, speech__language="ja") as daemon, daemon.client() as client:
        client.call(Say("一つ目です。二つ目です。三つ目です。", language="ja"))
        assert [sentence["outcome"] for sentence in _said(client)] == ["spoken"] * 3
        problems = client.call(Status())["problems"]
        assert any("kokoro.int8.onnx of kokoro-82m-int8 has another SHA-256" in line for line in problems)
        assert daemon.voice("models", "verify", "kokoro-82m-int8").returncode == 1
