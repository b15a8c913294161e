"""`voice pipe` as a process, with a real daemon behind it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from claude_narrator.daemon.protocol import Hook, Status
from tests.daemon.test_reply_stream import BEGIN, INIT, TOUR, assistant, result, token
from tests.daemon.timed_payloads import VERSIONS, Claude
from tests.running_daemon import RunningDaemon

LIMIT_S = 30
LONG = "".join(f"The old story has a sentence with the number {n}. " for n in "abcdefgh")


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon(log__spoken_text=True, speech__rate=3.0) as running:
        yield running


def recent(daemon: RunningDaemon) -> list[dict[str, Any]]:
    with daemon.client() as client:
        sentences: list[dict[str, Any]] = client.call(Status())["recent"]
    return sentences


def wait_until(ready: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    while not ready():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def start(daemon: RunningDaemon, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "claude_narrator.daemon.cli", "pipe", *arguments],
        env=daemon.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def pipe(daemon: RunningDaemon, stream: bytes, *arguments: str) -> tuple[int, bytes, str]:
    with start(daemon, *arguments) as process:
        out, err = process.communicate(stream, timeout=60)
    return process.returncode, out, err.decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_recorded_stream_is_heard_to_its_end_and_passed_on_unchanged(
    daemon: RunningDaemon, version: str
) -> None:
    stream = (VERSIONS[version] / "stream-partial.jsonl").read_bytes()
    assert pipe(daemon, stream, "--tee") == (0, stream, "")
    assert [sentence["text"] for sentence in recent(daemon)] == TOUR
    assert {sentence["outcome"] for sentence in recent(daemon)} == {"spoken"}


def test_an_api_error_is_an_error(daemon: RunningDaemon) -> None:
    stream = (VERSIONS["2.1.328"] / "stream-error.jsonl").read_bytes()
    code, out, err = pipe(daemon, stream)
    assert (code, out) == (1, b"")
    assert err == "error: Claude failed: API Error: 400 scripted bad request\n"
    assert len(recent(daemon)) == 1


def test_the_first_sentence_sounds_while_the_stream_is_open(daemon: RunningDaemon) -> None:
    with start(daemon) as process:
        assert process.stdin
        process.stdin.write(INIT + BEGIN + token("The build is green. The tests are still running"))
        process.stdin.flush()
        wait_until(lambda: any("audible" in sentence["at_s"] for sentence in recent(daemon)))
        out, err = process.communicate(token(" here.") + result("x"), timeout=LIMIT_S)
    assert (process.returncode, out, err) == (0, b"", b"")
    texts = [sentence["text"] for sentence in recent(daemon)]
    assert texts == ["The build is green.", "The tests are still running here."]


def test_a_stream_that_breaks_off_is_silenced(daemon: RunningDaemon) -> None:
    code, _, err = pipe(daemon, INIT + assistant(LONG))
    assert code == 1
    assert "before its result" in err
    assert "spoken" not in {sentence["outcome"] for sentence in recent(daemon)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_silences(daemon: RunningDaemon, number: signal.Signals) -> None:
    with start(daemon) as process:
        assert process.stdin
        process.stdin.write(INIT + assistant(LONG) + result("x"))
        process.stdin.close()
        wait_until(lambda: any("audible" in sentence["at_s"] for sentence in recent(daemon)))
        process.send_signal(number)
        assert process.wait(LIMIT_S) == 130
        assert process.stderr
        assert process.stderr.read() == b""
        assert process.stdout
        process.stdout.close()
    with daemon.client() as client:
        assert client.call(Status())["idle"]
    assert len(recent(daemon)) < 8


def test_what_the_hooks_of_a_piped_session_report_is_not_said_again(daemon: RunningDaemon) -> None:
    claude = Claude("s")
    with start(daemon) as process, daemon.client() as client:
        assert process.stdin
        process.stdin.write(INIT + assistant("Said once."))
        process.stdin.flush()
        wait_until(lambda: bool(recent(daemon)))
        client.send(Hook(claude.shows("p", "m", 0, "Said once.", final=True)))
        client.send(Hook(claude.stops("p", "Said once.")))
        process.communicate(result("Said once."), timeout=LIMIT_S)
    assert [sentence["text"] for sentence in recent(daemon)] == ["Said once."]
    with daemon.client() as client:
        client.send(Hook(claude.shows("q", "n", 0, "On its own again.", final=True)))
    wait_until(lambda: len(recent(daemon)) == 2)


def test_a_voice_and_a_language_are_checked(daemon: RunningDaemon) -> None:
    stream = INIT + assistant("Said.") + result("Said.")
    code, _, err = pipe(daemon, stream, "--language", "no language")
    assert code == 1
    assert "language" in err
    code, _, err = pipe(daemon, stream, "--voice", "nobody/none")
    assert code == 1
    assert "nobody" in err
    assert pipe(daemon, stream, "--language", "en") == (0, b"", "")


def test_plain_text_is_refused_with_the_command_to_use(daemon: RunningDaemon) -> None:
    code, _, err = pipe(daemon, b"Hello there.\n")
    assert code == 1
    assert "--output-format stream-json" in err
    assert "Traceback" not in err


def test_a_line_too_long_to_read_is_passed_on_whole(daemon: RunningDaemon) -> None:
    long = b'{"type":"new","x":"' + b"x" * (17 << 20) + b'"}\n'
    stream = INIT + long + assistant("Said.") + result("Said.")
    assert pipe(daemon, stream, "--tee") == (0, stream, "")
    assert [sentence["text"] for sentence in recent(daemon)] == ["Said."]


def test_a_reader_who_leaves_silences(daemon: RunningDaemon) -> None:
    with start(daemon, "--tee") as process:
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.write(INIT + assistant(LONG) + result("x"))
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0
    with daemon.client() as client:
        assert client.call(Status())["idle"]
