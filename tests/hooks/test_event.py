"""The command hook: cheap, silent, exit 0, and no event is lost while the daemon is down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.daemon.paths import HOME_VARIABLE, find_paths
from claude_narrator.daemon.protocol import Hook
from claude_narrator.daemon.wire import HEADER, MAX_FRAME, decode_request
from claude_narrator.hooks import event as hook
from tests.hooks.other_venv import ROOT, OtherVenv, eventually

PAYLOADS = sorted((ROOT / "tests" / "data" / "claude-code").glob("**/hook-payloads/*.json"))
SCRIPT = "hooks/event.py"


@pytest.fixture
def venv() -> Iterator[OtherVenv]:
    with OtherVenv() as environment:
        yield environment


@pytest.fixture
def running(venv: OtherVenv) -> OtherVenv:
    """An environment whose daemon listens already."""
    fire(venv, b'{"hook_event_name": "SessionStart"}')
    eventually(venv.events, "the daemon did not start")
    return venv


def fire(venv: OtherVenv, payload: bytes) -> None:
    """Run the hook as Claude Code does; it must say nothing and exit 0."""
    assert_silent(subprocess.run(venv.command(SCRIPT), input=payload, capture_output=True, timeout=10))


def assert_silent(done: subprocess.CompletedProcess[bytes]) -> None:
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def started_with(name: str, **more: object) -> bytes:
    return json.dumps({"hook_event_name": name, **more}).encode()


def test_every_recorded_payload_arrives_as_it_was(running: OtherVenv) -> None:
    assert PAYLOADS
    for path in PAYLOADS:
        fire(running, path.read_bytes())
    wanted = [json.loads(path.read_bytes()) for path in PAYLOADS]
    eventually(lambda: len(running.events()) > len(wanted), "not all arrived")
    assert all(event in running.events() for event in wanted)


def test_the_frame_is_one_that_the_daemon_understands(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[bytes] = []
    monkeypatch.setattr(hook, "send", lambda path, frame: frames.append(frame))
    monkeypatch.setattr(hook, "read_event", lambda *_: '{"hook_event_name": "Stop", "x": "é\\n"}'.encode())
    hook._deliver(["/socket"])
    (length,) = HEADER.unpack(frames[0][: HEADER.size])
    body = frames[0][HEADER.size :]
    assert length == len(body)
    assert decode_request(body) == Hook({"hook_event_name": "Stop", "x": "é\n"}, os.getppid(), False)
    assert hook.MAX_FRAME == MAX_FRAME


@pytest.mark.parametrize(
    "payload",
    [b"", b" \n", b"[]", b'"text"', b"nonsense", b'{"hook_event_name": "Stop"', b"\x00\xff\xfe", b"}{"],
    ids=["empty", "blank", "list", "string", "nonsense", "cut off", "binary", "backwards"],
)
def test_what_is_no_event_starts_nothing_and_is_passed_over_in_silence(
    venv: OtherVenv, payload: bytes
) -> None:
    fire(venv, payload)
    assert not venv.paths.run.exists()


@pytest.mark.parametrize("size", [MAX_FRAME, 10 << 20])
def test_an_event_too_large_for_a_frame_is_read_to_its_end_and_dropped(venv: OtherVenv, size: int) -> None:
    fire(venv, started_with("Stop", text="x" * size))
    assert not venv.paths.run.exists()


def test_the_largest_event_that_fits_arrives_whole(running: OtherVenv) -> None:
    envelope = len(hook.HEAD % (os.getpid(), b"false") + hook.TAIL + started_with("Stop", text=""))
    fire(running, started_with("Stop", text="x" * (MAX_FRAME - envelope)))
    eventually(lambda: running.events()[1:], "it did not arrive")
    assert len(running.events()[1]["text"]) == MAX_FRAME - envelope


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "</dev/null"])
def test_closed_streams_are_no_error(venv: OtherVenv, closed: str) -> None:
    line = f'"$0" "$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", line, *venv.command(SCRIPT)], capture_output=True, input=b"", timeout=10
    )
    assert_silent(done)


@pytest.mark.parametrize("arguments", [[], ["--home"], ["--home", "/nowhere/at/all"], ["a", "b", "--home"]])
def test_wrong_arguments_are_no_error(arguments: list[str]) -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / SCRIPT), *arguments]
    assert_silent(subprocess.run(command, input=started_with("SessionEnd"), capture_output=True, timeout=10))


@pytest.mark.parametrize("place", ["folder", "file", "x" * 300])
def test_a_place_that_is_no_socket_is_no_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    command = [sys.executable, "-I", "-S", str(ROOT / SCRIPT), str(tmp_path / place)]
    assert_silent(subprocess.run(command, input=started_with("SessionEnd"), capture_output=True, timeout=10))


def test_an_event_that_finds_no_daemon_starts_one_and_is_delivered(venv: OtherVenv) -> None:
    (venv.home / "hold").touch()
    fire(venv, started_with("UserPromptSubmit", prompt="Hello."))  # returns although nobody listens yet
    eventually(venv.started, "no daemon was started")
    assert not venv.events()
    (venv.home / "hold").unlink()
    eventually(venv.events, "the event was lost")
    assert venv.events()[0]["prompt"] == "Hello."


def test_events_at_once_start_one_daemon_and_all_arrive(venv: OtherVenv) -> None:
    hooks = [
        subprocess.Popen(venv.command(SCRIPT), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(8)
    ]
    for number, process in enumerate(hooks):
        assert process.communicate(started_with("Notification", number=number)) == (b"", None)
        assert process.returncode == 0
    eventually(lambda: len(venv.events()) == len(hooks), "events were lost")
    assert sorted(event["number"] for event in venv.events()) == list(range(8))
    assert len(venv.started()) == 1


def test_a_killed_daemon_is_started_again_by_the_next_event(running: OtherVenv) -> None:
    dead = running.kill()
    fire(running, started_with("Stop"))
    eventually(lambda: len(running.events()) == 2, "the event was lost")
    assert running.started()[-1] != dead


def test_the_end_of_a_session_starts_no_daemon(venv: OtherVenv) -> None:
    for payload in (
        started_with("SessionEnd"),
        b'{"hook_event_name":"SessionEnd"}',
        b'{"a":1,"hook_event_name"\n:\t"SessionEnd"}',
    ):
        fire(venv, payload)
    assert not venv.paths.run.exists()


def test_a_prompt_that_speaks_of_the_end_of_a_session_starts_the_daemon(venv: OtherVenv) -> None:
    fire(venv, json.dumps({"prompt": '"hook_event_name": "SessionEnd"', "hook_event_name": "Stop"}).encode())
    eventually(venv.events, "the event was lost")


def test_a_daemon_that_cannot_start_costs_the_session_nothing_and_says_why_in_the_log(
    venv: OtherVenv,
) -> None:
    (venv.home / "broken").touch()
    fire(venv, started_with("Stop"))
    eventually(lambda: venv.paths.log.is_file() and venv.paths.log.read_text(), "the log is empty")
    assert "broken on purpose" in venv.paths.log.read_text()


def test_a_home_that_was_removed_is_not_brought_back_by_a_late_event(venv: OtherVenv, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    command = [str(venv.python), "-I", "-S", str(ROOT / SCRIPT), str(gone / "run" / "daemon.sock"), "--home"]
    with subprocess.Popen([*command, str(gone)], stdin=subprocess.PIPE, start_new_session=True) as process:
        assert process.communicate(started_with("Stop"), timeout=10) == (None, None)
    late = (str(gone).encode(), SCRIPT.encode())
    eventually(lambda: not any(all(p in c for p in late) for c in command_lines()), "its child does not end")
    assert not gone.exists()


def command_lines() -> list[bytes]:
    """Return the command line of every process."""
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, check=True)
    return listed.stdout.splitlines()


def test_the_daemon_inherits_nothing_of_the_session_that_started_it(venv: OtherVenv) -> None:
    session = {
        "CLAUDE_CODE_MESSAGING_TOKEN": "secret",
        "CLAUDE_PROJECT_DIR": "/project",
        "ANTHROPIC_API_KEY": "secret",
        "PYTHONPATH": "/project",
        HOME_VARIABLE: "/elsewhere",
        "XDG_RUNTIME_DIR": "/run/user/1",
    }
    subprocess.run(venv.command(SCRIPT), input=started_with("Stop"), env=os.environ | session, timeout=10)
    eventually(venv.events, "the event was lost")
    environment = venv.daemon_environment()
    assert environment[HOME_VARIABLE] == str(venv.home)
    assert environment["XDG_RUNTIME_DIR"] == "/run/user/1"
    assert not {"CLAUDE_CODE_MESSAGING_TOKEN", "CLAUDE_PROJECT_DIR", "ANTHROPIC_API_KEY", "PYTHONPATH"} & set(
        environment
    )


def test_without_a_socket_in_its_arguments_it_finds_the_place_itself(running: OtherVenv) -> None:
    command = [str(running.python), "-I", "-S", str(ROOT / SCRIPT), "--home", str(running.home)]
    assert_silent(subprocess.run(command, input=started_with("Stop"), capture_output=True, timeout=10))
    eventually(lambda: len(running.events()) == 2, "the event was lost")


def test_it_imports_two_modules_more_than_an_empty_program(tmp_path: Path) -> None:
    assert imports(str(ROOT / SCRIPT), str(tmp_path / "none")) - imports("-c", "pass") <= {"_socket", "posix"}


def test_help_says_what_it_is_for() -> None:
    done = subprocess.run([sys.executable, str(ROOT / SCRIPT), "--help"], capture_output=True, timeout=10)
    assert done.returncode == 0
    assert b"voice-hook" in done.stdout


def test_the_places_of_the_session_and_of_the_daemon_agree(venv: OtherVenv) -> None:
    assert find_paths({HOME_VARIABLE: str(venv.home)}).socket == venv.paths.socket


def imports(*arguments: str) -> set[str]:
    """Return the modules that an isolated interpreter imports for a program."""
    command = [sys.executable, "-I", "-S", "-X", "importtime", *arguments]
    report = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10
    ).stderr
    return {
        line.rpartition("|")[2].strip() for line in report.splitlines() if line.startswith("import time:")
    }
