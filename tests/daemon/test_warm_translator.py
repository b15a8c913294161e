"""A real daemon has its translator warm: at the start, with other options, for a prompt after it died."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon.protocol import Hook, SetVoice, Status
from tests.running_daemon import RunningDaemon

_ENGINE = """
import os
from claude_narrator.models.base import Loaded

ENGINE = {
    "kind": "translator",
    "summary": "writes down what it is asked",
    "languages": ["en", "ja", "fr"],
    "options": {"tone": {"comment": "How.", "default": ""}},
    "quality": 99,
}


class Noting:
    def load(self, context):
        return Loaded("cpu", "fp32")

    def translate(self, text, source, target, hints):
        with open(os.environ["NOTES"], "a") as file:
            print(f"{source}-{target} {text or 'warm'}", file=file)
        yield ""

    def close(self):
        pass
"""


class Bench:
    """A daemon with a translator that writes down what it is asked."""

    def __init__(self, daemon: RunningDaemon, notes: Path) -> None:
        self.daemon, self._notes = daemon, notes

    def until_asked(self, *lines: str) -> None:
        deadline_s = time.monotonic() + 30
        while (asked := self.asked()) != list(lines):
            assert time.monotonic() < deadline_s, asked
            time.sleep(0.02)

    def until_gone(self) -> None:
        deadline_s = time.monotonic() + 30
        while (running := self.running())["pid"]:
            assert time.monotonic() < deadline_s, running
            time.sleep(0.02)
        assert running["status"] == "idle"

    def asked(self) -> list[str]:
        return self._notes.read_text().splitlines() if self._notes.exists() else []

    def running(self) -> dict[str, Any]:
        with self.daemon.client() as client:
            (engine,) = (each for each in client.call(Status())["engines"] if each["name"] == "noting")
        running: dict[str, Any] = engine["running"]
        return running

    def hook(self, event: str, **more: str) -> None:
        """Tell of an event; return when the daemon has heard of it."""
        with self.daemon.client() as client:
            client.send(Hook({"hook_event_name": event, "session_id": "s", "cwd": "/", **more}))
            client.call(Status())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    info, notes = tmp_path / "noting_engine-1.0.dist-info", tmp_path / "notes"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: noting-engine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[claude_narrator.engines]\nnoting = noting_engine:Noting\n")
    (tmp_path / "noting_engine.py").write_text(_ENGINE)
    environment = {"PYTHONPATH": str(tmp_path), "NOTES": str(notes)}
    with RunningDaemon(environment=environment, speech__language="ja") as daemon:
        yield Bench(daemon, notes)


def test_it_is_warm_at_the_start_and_again_when_its_options_change(bench: Bench) -> None:
    bench.until_asked("en-ja warm")
    done = bench.daemon.voice("settings", "set", "engines.noting.tone", "calm")
    assert (done.returncode, done.stderr) == (0, "")
    bench.until_asked("en-ja warm", "en-ja warm")


def test_a_prompt_has_it_back_after_it_died_and_a_session_that_is_not_heard_does_not(bench: Bench) -> None:
    bench.until_asked("en-ja warm")
    bench.hook("SessionStart", source="startup")
    os.kill(bench.running()["pid"], signal.SIGKILL)
    assert bench.daemon.voice("mute").returncode == 0
    bench.hook("UserPromptSubmit", prompt="hello")
    bench.until_gone()
    assert bench.daemon.voice("unmute").returncode == 0
    bench.hook("UserPromptSubmit", prompt="hello")
    bench.until_asked("en-ja warm", "en-ja warm")


def test_a_language_that_is_chosen_is_warm_before_anything_is_said_in_it(bench: Bench) -> None:
    bench.until_asked("en-ja warm")
    with bench.daemon.client() as client:
        client.call(SetVoice("session", session="s", language="fr"))
    bench.until_asked("en-ja warm", "en-fr warm")
