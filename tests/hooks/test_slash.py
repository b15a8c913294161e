"""The slash command's hook: the daemon's answer ends the prompt, and nothing can hurt Claude Code."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.hook_events import decode_event
from claude_narrator.daemon.protocol import Control, Say, Status, Wait
from claude_narrator.daemon.slash_commands import PREFIX, SLASH_COMMANDS, is_slash_command
from claude_narrator.daemon.wire import HEADER, decode_request
from claude_narrator.hooks import slash
from tests.hooks.other_venv import ROOT
from tests.hooks.test_event import imports
from tests.running_daemon import RunningDaemon

SCRIPT = str(ROOT / "hooks" / "slash.py")
RECORDED = sorted((ROOT / "tests" / "data" / "claude-code").glob("**/hook-payloads/UserPromptExpansion.json"))


@pytest.fixture(scope="module")
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon() as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cn-", dir="/tmp") as made:
        yield Path(made)


def run(path: object, payload: bytes) -> str:
    """Run the hook as Claude Code does, and return what it prints; it must exit 0 in silence otherwise."""
    command = [sys.executable, "-I", "-S", SCRIPT, str(path)]
    done = subprocess.run(command, input=payload, capture_output=True, timeout=10, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def reason(path: object, name: str, words: str = "", **more: str) -> str:
    payload = {"hook_event_name": "UserPromptExpansion", "command_name": name, "command_args": words, **more}
    printed = json.loads(run(path, json.dumps(payload).encode()))
    assert printed["decision"] == "block"
    return str(printed["reason"])


def status(daemon: RunningDaemon) -> dict[str, Any]:
    with daemon.client() as client:
        return client.call(Status())


def test_a_recorded_event_mutes_the_voice_and_the_user_reads_so(daemon: RunningDaemon) -> None:
    assert len(RECORDED) == 2
    for path in RECORDED:
        printed = json.loads(run(daemon.paths.socket, path.read_bytes()))
        assert printed == {"decision": "block", "reason": "Voice muted for 5 minutes."}
        assert status(daemon)["muted"][0]["session"] == ""
        assert reason(daemon.paths.socket, "voice:unmute") == "Voice unmuted."
    assert status(daemon)["muted"] == []


def test_the_session_that_types_it_is_the_one_that_is_meant(daemon: RunningDaemon) -> None:
    said = reason(daemon.paths.socket, "voice:mute", "1h session", session_id="the session")
    assert said == "Voice of this session muted for 1 hour."
    assert [each["session"] for each in status(daemon)["muted"]] == ["the session"]
    reason(daemon.paths.socket, "voice:unmute")
    assert reason(daemon.paths.socket, "voice:faster", session_id="another") == "Rate 1.1."


def test_a_command_is_heard_to_work(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.call(Say("Green.", wait=True))
        assert reason(daemon.paths.socket, "voice:back") == "Back by a sentence."
        assert client.call(Wait(timeout_s=20))["idle"]


def test_what_the_daemon_refuses_is_the_reason(daemon: RunningDaemon) -> None:
    assert "is no span of time" in reason(daemon.paths.socket, "voice:mute", "soon")
    assert "tlh" in reason(daemon.paths.socket, "voice:language", "tlh", session_id="s")


@pytest.mark.parametrize("name", ["stop", "mute", "back"])
def test_a_command_may_be_named_without_the_prefix(daemon: RunningDaemon, name: str) -> None:
    assert reason(daemon.paths.socket, name)
    reason(daemon.paths.socket, "unmute")


def test_without_a_daemon_the_user_reads_that_it_does_not_run(folder: Path) -> None:
    assert reason(folder / "none", "voice:stop") == slash.NOT_RUNNING
    assert reason(folder / ("x" * 300), "voice:stop") == slash.NOT_RUNNING
    assert reason("", "voice:stop") == slash.NOT_RUNNING


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"nonsense", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000,
        b'{"command_name": 3}', b'{"command_name": "voice:sing"}', b'{"command_name": "deploy"}',
        b'{"command_name": "resume"}', b'{"command_name": "voice:stop", "command_args": 1}',
    ],
)  # fmt: skip
def test_what_is_not_ours_or_makes_no_sense_is_left_alone(daemon: RunningDaemon, payload: bytes) -> None:
    assert run(daemon.paths.socket, payload) == ""


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x00",
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x04null",
        b"\xff\xff\xff\xff{",
        b"\x00\x00\x00\x02[]",
    ],
)
def test_an_answer_that_is_none_is_told_in_time(folder: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "daemon.sock"))
        listener.listen()
        payload = json.dumps({"command_name": "voice:stop"}).encode()
        command = [sys.executable, "-I", "-S", SCRIPT, str(folder / "daemon.sock")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            process.stdin.write(payload)
            process.stdin.close()
            connection, _ = listener.accept()
            with connection:
                connection.sendall(answer)
                assert process.stdout is not None
                assert json.loads(process.stdout.read())["reason"] == slash.NO_ANSWER
            assert process.wait(10) == 0


def test_an_event_that_never_ends_does_not_hold_claude_code(folder: Path) -> None:
    command = [sys.executable, "-I", "-S", SCRIPT, str(folder / "none")]
    began = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.wait(10) == 0
    assert time.monotonic() - began >= slash.LIFETIME_S


def test_the_request_is_one_that_the_daemon_understands() -> None:
    event = {"command_name": "voice:mute", "command_args": "5m", "session_id": "s", "cwd": "/project"}
    request = slash.request_for(event)
    assert request is not None
    assert decode_request(request) == Control("mute", "5m", "s", "/project")
    odd = slash.request_for({**event, "command_args": 'a "b" \\ é \n', "session_id": 3})
    assert odd is not None
    assert decode_request(odd) == Control("mute", 'a "b" \\ é \n', "", "/project")
    assert HEADER.size == 4


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    assert slash.parse(json.dumps(value)) == value
    assert slash.parse(" " + json.dumps(value, ensure_ascii=False, indent=1) + "\n") == value


@given(st.text())
def test_a_text_that_is_no_json_is_refused_as_there(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises((ValueError, StopIteration)):
            slash.parse(text)
    else:
        assert slash.parse(text) == expected or expected != expected


def test_the_names_are_those_of_the_table() -> None:
    assert tuple(command.name for command in SLASH_COMMANDS) == slash.NAMES
    assert slash.PREFIX == PREFIX


def test_it_imports_nothing_that_is_not_c_before_the_daemon_has_acted(folder: Path) -> None:
    more = imports(SCRIPT, str(folder / "none")) - imports("-c", "pass")
    assert more <= {"_socket", "_signal", "_json", "posix"}


def test_a_prompt_that_is_such_a_command_does_not_end_the_speech() -> None:
    prompt = {"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": "/voice:back"}
    assert decode_event(prompt) is None
    assert decode_event({**prompt, "prompt": "/voice:mute 5m"}) is None
    assert decode_event({**prompt, "prompt": "/deploy"}) is not None
    assert not is_slash_command("/voice:sing")
    assert not is_slash_command("What does /voice:back do?")


def test_every_command_is_an_action_of_the_daemon(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        for command in SLASH_COMMANDS:
            assert "there is no action" not in reason(daemon.paths.socket, PREFIX + command.name)
        client.call(Control("unmute"))
