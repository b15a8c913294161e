"""A real daemon process: start, stop, what it says, what it refuses, what it keeps to itself."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.daemon.client import Refused
from claude_narrator.daemon.protocol import (
    Control,
    Hook,
    Request,
    Say,
    Shutdown,
    Status,
    Stop,
    Translate,
    Wait,
)
from claude_narrator.daemon.wire import encode
from claude_narrator.hooks.event import send
from tests.e2e.narrator import alive
from tests.e2e.terminal import wait_until
from tests.running_daemon import RunningDaemon

SECRET = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon() as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningDaemon]:
    """One daemon for the tests that leave it as it was."""
    with RunningDaemon() as running:
        yield running


def heard(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_a_text_is_said_and_its_stages_are_timed(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        assert client.call(Say("The build is **green**. All tests pass.", wait=True)) == {
            "sentences": 2,
            "note": "",
        }
        recent = client.call(Status())["recent"]
    assert [sentence["outcome"] for sentence in recent] == ["spoken", "spoken"]
    stages = ["arrived", "taken", "translated", "synthesized", "audible", "finished"]
    assert all(list(sentence["at_s"]) == stages for sentence in recent)
    assert np.abs(heard(daemon.wav)).max() > 3000


def test_the_log_and_the_status_hold_no_spoken_text_unless_the_settings_say_so(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.call(Say("Rhubarb is red.", wait=True))
        assert "Rhubarb" not in str(client.call(Status()))
    assert "Rhubarb" not in daemon.log()
    assert stat.S_IMODE(daemon.paths.log.stat().st_mode) == 0o600


def test_a_secret_is_gone_before_anything_else_sees_it() -> None:
    with RunningDaemon(log__spoken_text=True, log__level="debug") as daemon:
        with daemon.client() as client:
            client.call(Say(f"The key is {SECRET} here.", wait=True))
            recent = client.call(Status())["recent"]
        assert SECRET not in str(recent)
        assert "The key is" in str(recent)
        assert SECRET not in daemon.log()


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        (Say(""), "bad_input", "the text is empty"),
        (Say(" \n "), "bad_input", "the text is empty"),
        (Say("🎉 ✅"), "bad_input", "no words"),
        (Say("x" * 300_000), "bad_input", "more than the 200000"),
        (Say("Hello.", voice="nobody"), "unknown_voice", "nobody"),
        (Say("Hello.", voice="../../etc/passwd"), "unknown_voice", "etc/passwd"),
        (Say("Hello.", voice="kokoro/af_heart"), "model_missing", "kokoro"),
        (Say("Hello.", language="klingon!"), "unknown_language", "klingon!"),
        (Say("Hello.", language="tlh"), "unknown_language", "tlh"),
        (Say("Hello.", rate=9.0), "bad_input", "out of range"),
        (Say("Hello.", out="/no/such/folder/a.wav"), "bad_input", "cannot be written"),
        (Translate("", "ja"), "bad_input", "empty"),
        (Translate("Hello.", "ja"), "model_missing", "qwen"),
        (Translate("Hello.", "a;rm -rf"), "unknown_language", "rm -rf"),
    ],
)
def test_what_makes_no_sense_gets_one_clear_line_and_changes_nothing(
    shared: RunningDaemon, request_: Request, code: str, words: str
) -> None:
    with shared.client() as client:
        with pytest.raises(Refused) as caught:
            client.call(request_)
        assert caught.value.code == code
        assert words in caught.value.problem
        assert "\n" not in caught.value.problem
        assert client.call(Status())["recent"] == []
        assert client.call(Wait(timeout_s=5))["idle"] is True


def test_the_command_line_shows_a_refusal_in_two_lines_and_exits_1(shared: RunningDaemon) -> None:
    done = shared.voice("say", "Hello.", "--voice", "hibari/hart")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: there is no voice 'hibari/hart'",
        "Did you mean hibari/heart or kokoro/af_heart?",
    ]


def test_wrong_usage_exits_2(shared: RunningDaemon) -> None:
    assert shared.voice("say").returncode == 2
    assert shared.voice("nonsense").returncode == 2


def test_sigterm_stops_it_in_order_and_leaves_no_worker(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.call(Say("One. Two. Three. Four."))
        workers = [e["running"]["pid"] for e in client.call(Status())["engines"] if e["running"]]
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(10) == 0
    assert not daemon.paths.socket.exists()
    for pid in filter(None, workers):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_request_to_stop_ends_it(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.call(Shutdown())
    assert daemon.process is not None
    assert daemon.process.wait(10) == 0


def test_a_daemon_whose_socket_is_gone_ends_by_itself(daemon: RunningDaemon) -> None:
    daemon.paths.socket.unlink()
    assert daemon.process is not None
    assert daemon.process.wait(20) == 0


def test_a_daemon_whose_home_is_removed_ends_by_itself_and_brings_nothing_back(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.call(Say(" ".join(f"This is the sentence number {n}." for n in range(30))))
        wait_until(lambda: client.call(Status())["player"]["playing"], "nothing is heard")
        workers = [e["running"]["pid"] for e in client.call(Status())["engines"] if e["running"]]
    shutil.rmtree(daemon.home)
    assert daemon.process is not None
    assert daemon.process.wait(20) == 0
    assert not any(alive(pid) for pid in filter(None, workers))
    assert not daemon.home.exists()
    daemon.home.mkdir()  # for the end of the test, which removes it


def test_a_daemon_is_not_started_in_a_home_that_has_gone() -> None:
    daemon = RunningDaemon()
    shutil.rmtree(daemon.home)
    assert daemon.start().wait(20) == 1
    assert not daemon.home.exists()


def test_a_command_makes_the_home_that_it_is_given() -> None:
    daemon = RunningDaemon()
    shutil.rmtree(daemon.home)
    assert daemon.voice("daemon", "start").returncode == 0
    assert daemon.voice("daemon", "stop").returncode == 0
    shutil.rmtree(daemon.home)


def test_of_two_started_at_once_one_wins_and_the_other_exits_0() -> None:
    with RunningDaemon() as daemon:
        others = [daemon.start() for _ in range(3)]
        assert [other.wait(20) for other in others] == [0, 0, 0]
        with daemon.client() as client:
            assert daemon.process is not None
            assert client.call(Status())["pid"] == daemon.process.pid


def test_a_pause_holds_the_speech_and_stop_ends_it(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.call(Say("This is a long sentence that goes on for quite a while, and then some more."))
        client.call(Control("pause"))
        assert client.call(Wait(timeout_s=0.3))["idle"] is False
        assert client.call(Status())["player"]["paused"] is True
        client.call(Control("resume"))
        client.call(Stop())
        assert client.call(Wait(timeout_s=5))["idle"] is True
        client.call(Say("Next.", wait=True))
        assert client.call(Status())["recent"][-1]["outcome"] == "spoken"


def test_stop_drops_the_part_of_a_long_reply_that_was_not_yet_read(daemon: RunningDaemon) -> None:
    event = {
        "hook_event_name": "MessageDisplay",
        "session_id": "s",
        "cwd": "/",
        "transcript_path": "",
        "prompt_id": "p",
        "turn_id": "t",
        "message_id": "m",
        "index": 0,
        "final": False,
        "delta": "This is one of very many lines.\n\n" * 3000,
    }
    send(str(daemon.paths.socket), encode(Hook(event)))
    with daemon.client() as client:
        deadline = time.monotonic() + 10
        while not client.call(Status())["recent"]:
            assert time.monotonic() < deadline
        client.call(Stop())
        assert client.call(Wait(timeout_s=5))["idle"] is True
        sentences = len(client.call(Status())["recent"])
        client.call(Say("Next.", wait=True))
        assert len(client.call(Status())["recent"]) == sentences + 1


def test_an_output_file_is_written_as_fast_as_the_voice_can(daemon: RunningDaemon) -> None:
    out = daemon.home / "out.wav"
    done = daemon.voice("say", "The build is green.", "--out", str(out))
    assert done.returncode == 0
    assert np.abs(heard(out)).max() > 3000
    assert not daemon.wav.exists() or not np.any(heard(daemon.wav))


def test_settings_with_a_mistake_stop_the_start_with_one_line() -> None:
    with RunningDaemon() as daemon:
        assert daemon.voice("daemon", "stop").returncode == 0
        daemon.paths.settings_file.write_text('[speech]\nlangage = "ja"\nrate = 9\n', encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "claude_narrator.daemon.app"],
            env=daemon.environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 1
    assert "Did you mean 'speech.language'?" in done.stderr
    assert "speech.rate is 9" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_change_of_settings_is_in_force_at_once(daemon: RunningDaemon) -> None:
    assert daemon.voice("settings", "set", "speech.rate", "2").returncode == 0
    with daemon.client() as client:
        assert client.call(Status())["speech"]["rate"] == 2.0


def test_events_of_no_known_kind_are_dropped_in_one_line(daemon: RunningDaemon) -> None:
    hook = Path(__file__).resolve().parents[2] / "hooks" / "event.py"
    for payload in (b"not json", b"[]", b"{}", b'{"hook_event_name": 3}', b'{"hook_event_name": "Stop"}'):
        command = [sys.executable, "-I", "-S", str(hook), str(daemon.paths.socket)]
        done = subprocess.run(command, input=payload, capture_output=True, timeout=20, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    deadline = time.monotonic() + 5
    while "dropped an event" not in daemon.log() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "dropped an event" in daemon.log()
    assert "Traceback" not in daemon.log()
    with daemon.client() as client:
        assert client.call(Status())["recent"] == []
