"""A real daemon keeps engines within the memory it is given, one copy for all, and says who works and why."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon.protocol import Say, Status
from tests.running_daemon import RunningDaemon

KEPT = "nanotts"
"""A voice that needs no download and is not embedded."""


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon(voices__en=(KEPT,), models__preload=False, models__keep_alive="10m") as daemon:
        yield daemon


def _say(daemon: RunningDaemon, text: str = "The build is green.", language: str = "") -> None:
    with daemon.client() as client:
        client.call(Say(text, language, wait=True))


def _set(daemon: RunningDaemon, key: str, value: str) -> None:
    done = daemon.voice("settings", "set", key, value)
    assert (done.returncode, done.stderr) == (0, "")


def _status(daemon: RunningDaemon) -> dict[str, Any]:
    with daemon.client() as client:
        return client.call(Status())


def _running(daemon: RunningDaemon, name: str = KEPT) -> dict[str, Any]:
    (engine,) = (each for each in _status(daemon)["engines"] if each["name"] == name)
    running: dict[str, Any] = engine["running"]
    return running


def _workers(daemon: RunningDaemon) -> list[str]:
    """The engines in the command lines of the daemon's children."""
    assert daemon.process is not None
    tasks = Path(f"/proc/{daemon.process.pid}/task").glob("*/children")
    pids = [pid for task in tasks for pid in task.read_text().split()]
    lines = [Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0") for pid in pids]
    return sorted(line[-1].rpartition(".")[2] for line in lines if "claude_narrator.models.worker" in line)


def _until_kept(daemon: RunningDaemon) -> None:
    """Speak until the voice that has to be loaded is the one that speaks; another one does meanwhile."""
    while _running(daemon)["status"] != "ready" or _running(daemon)["idle_s"] is None:
        _say(daemon)
    _say(daemon)


def test_the_status_shows_what_an_engine_takes_since_when_and_until_when(daemon: RunningDaemon) -> None:
    _until_kept(daemon)
    running, memory = _running(daemon), _status(daemon)["memory"]
    assert (running["status"], running["device"]) == ("ready", "cpu")
    assert running["precision"]
    assert running["load_ms"] > 0
    assert running["rss_bytes"] > 10**6
    assert 0 <= running["idle_s"] < 60
    assert 500 < running["unloads_in_s"] <= 600
    assert running["rss_bytes"] <= memory["used_bytes"] < memory["limit_bytes"]
    shown = daemon.voice("status").stdout
    assert "memory   engines take" in shown
    assert "leaves" in shown
    assert any(KEPT in line and ("in 9m" in line or "in 10m" in line) for line in shown.splitlines())


def test_a_lower_limit_unloads_what_is_over_it_and_the_embedded_voice_speaks_on(
    daemon: RunningDaemon,
) -> None:
    _until_kept(daemon)
    _set(daemon, "models.memory_limit", "1 MB")
    while _running(daemon)["pid"]:
        pass
    _say(daemon)
    assert _status(daemon)["recent"][-1]["outcome"] == "spoken"
    assert _workers(daemon) == ["hibari:Hibari"]
    shown = daemon.voice("engines", "--why", "--language", "en").stdout.splitlines()
    assert [line.split()[1] for line in shown if "quality" in line][:2] == ["hibari/heart", f"{KEPT}/lh0"]
    (refused,) = (line for line in shown if KEPT in line)
    assert "would not fit: needs" in refused
    assert "and engines may take 1 MB; you named it; lower quality" in refused


def test_sessions_that_speak_at_once_share_one_copy_of_each_engine(daemon: RunningDaemon) -> None:
    sessions = [threading.Thread(target=_say, args=(daemon, f"Session {n}.")) for n in range(4)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    _until_kept(daemon)
    assert _workers(daemon) == ["hibari:Hibari", "nanotts:NanoTTS"]
    assert [_running(daemon, name)["restarts"] for name in ("hibari", KEPT)] == [0, 0]


def test_why_names_every_candidate_in_the_order_in_which_they_are_tried(daemon: RunningDaemon) -> None:
    done = daemon.voice("engines", "--why", "--language", "ja", "--json")
    why = json.loads(done.stdout)
    assert (why["language"], why["source_language"]) == ("ja", "en")
    voices = {each["engine"]: each for each in why["voice"]["candidates"]}
    assert voices["open_jtalk"]["tried"] == 1
    assert voices["open_jtalk"]["reason"] == "chosen: embedded, loaded in a moment"
    assert voices["kokoro"]["tried"] is None
    assert "voice models pull kokoro-82m-int8" in voices["kokoro"]["reason"]
    translators = why["translator"]
    assert "cannot run" in translators["problem"]
    assert {each["tried"] for each in translators["candidates"]} == {None}
    assert not _workers(daemon)


def test_why_says_that_nothing_is_translated_when_nothing_is(daemon: RunningDaemon) -> None:
    shown = daemon.voice("engines", "--why").stdout
    assert shown.startswith("voice of en: auto\n")
    assert "translator: none, en is heard as it is written" in shown
    assert daemon.voice("engines", "--language", "ja").returncode == 1
    assert "no language tag" in daemon.voice("engines", "--why", "--language", "ja!").stderr


def test_a_list_of_engines_is_loaded_at_the_start() -> None:
    with RunningDaemon(models__preload=(KEPT,)) as daemon:
        deadline_s = time.monotonic() + 30
        while (status := _running(daemon)["status"]) in ("idle", "loading") and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert status == "ready"
        assert _workers(daemon) == ["nanotts:NanoTTS"]
