"""The bridge: lines on one side, frames on the other, and a daemon that may die at any moment."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from claude_narrator.daemon.wire import MAX_FRAME
from claude_narrator.mcp_server import bridge
from tests.hooks.other_venv import ROOT, OtherVenv, eventually, is_alive

SCRIPT = "mcp_server/bridge.py"
TIMEOUT_S = 15.0


class Session:
    """Claude Code's end of a bridge."""

    def __init__(self, venv: OtherVenv) -> None:
        environment = os.environ | {"CLAUDE_CODE_SESSION_ID": "session-1", "CLAUDE_PROJECT_DIR": "/pröject"}
        self.process = subprocess.Popen(
            venv.command(SCRIPT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream
            stream.close()

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, method: str, key: object = None, **params: object) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        self.write(json.dumps(message if key is None else message | {"id": key}).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        return self.answers.get(timeout=TIMEOUT_S)

    def ask(self, method: str, key: object, **params: object) -> dict[str, Any]:
        """Send a request and return the next message, which must be its answer."""
        self.send(method, key, **params)
        answer = self.receive()
        assert answer["id"] == key
        return answer

    def shake_hands(self) -> int:
        """Open the MCP session; return the process id of the daemon that answers."""
        daemon = int(self.ask("initialize", 0)["result"]["pid"])
        self.send("notifications/initialized")
        return daemon

    def leave(self) -> int:
        """Close standard input and return the exit code."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(TIMEOUT_S)

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.answers.put(json.loads(line))


@pytest.fixture
def venv() -> Iterator[OtherVenv]:
    with OtherVenv() as environment:
        yield environment


@pytest.fixture
def session(venv: OtherVenv) -> Iterator[Session]:
    with Session(venv) as opened:
        yield opened


def test_it_starts_the_daemon_and_says_which_session_and_project_it_speaks_for(
    venv: OtherVenv, session: Session
) -> None:
    session.shake_hands()
    hello = venv.messages()[0]
    assert hello == {"v": 1, "op": "mcp", "session": "session-1", "project": "/pröject"}


def test_the_first_frame_is_one_that_the_daemon_understands() -> None:
    assert bridge.MAX_FRAME == MAX_FRAME


def test_messages_arrive_whole_and_in_order_however_they_are_cut(venv: OtherVenv, session: Session) -> None:
    lines = [json.dumps({"jsonrpc": "2.0", "id": n, "method": "ping", "params": {}}) for n in range(20)]
    stream = "\r\n".join([*lines, ""]).encode()
    for start in range(0, len(stream), 7):
        session.write(stream[start : start + 7])
    assert [session.receive()["id"] for _ in lines] == list(range(20))


def test_a_message_just_small_enough_for_a_frame_passes_both_ways(session: Session) -> None:
    text = "x" * (MAX_FRAME - 500)
    assert session.ask("tools/call", "big", arguments={"text": text})["result"]["echo"]["text"] == text


def test_the_discovery_of_newer_clients_passes_through(session: Session) -> None:
    assert "result" in session.ask("server/discover", "server-discover-probe-1")


def test_after_the_daemon_was_killed_a_new_one_answers_and_knows_the_session(
    venv: OtherVenv, session: Session
) -> None:
    dead = session.shake_hands()
    session.ask("ping", 1)
    venv.kill()
    answer = session.ask("tools/call", 2, name="speak", arguments={"text": "Hello."})
    assert answer["result"]["pid"] != dead
    assert answer["result"]["echo"] == {"text": "Hello."}
    methods = [message.get("method", message.get("op")) for message in venv.messages()]
    again = methods.index("mcp", 1)
    assert methods[again:] == ["mcp", "initialize", "notifications/initialized", "tools/call"]


def test_a_tool_call_that_dies_with_the_daemon_is_answered_with_an_error(
    venv: OtherVenv, session: Session
) -> None:
    session.shake_hands()
    session.send("tools/call", "call", name="speak", arguments={"wait": True})
    eventually(lambda: venv.messages()[-1].get("method") == "tools/call", "the call did not arrive")
    venv.kill()
    answer = session.receive()
    assert answer["id"] == "call"
    assert "restarted" in answer["error"]["message"]
    assert "result" in session.ask("ping", 2)


def test_a_question_that_dies_with_the_daemon_is_asked_again(venv: OtherVenv, session: Session) -> None:
    session.shake_hands()
    session.send("tools/list", 1, arguments={"wait": True})
    eventually(lambda: venv.messages()[-1].get("method") == "tools/list", "the question did not arrive")
    venv.kill()
    eventually(lambda: [m.get("id") for m in venv.messages()].count(1) == 2, "it was not asked again")
    assert len(venv.started()) == 2


def test_a_question_that_kills_every_daemon_is_given_up(venv: OtherVenv, session: Session) -> None:
    session.shake_hands()
    session.send("tools/list", 1, arguments={"wait": True})
    for times in range(1, bridge.MAX_TRIES + 1):
        eventually(lambda n=times: [m.get("id") for m in venv.messages()].count(1) == n, "not asked again")
        venv.kill()
    assert "error" in session.receive()
    assert "result" in session.ask("ping", 2)


def test_a_cancelled_call_gets_no_answer_of_any_kind(venv: OtherVenv, session: Session) -> None:
    session.shake_hands()
    session.send("tools/call", 1, arguments={"wait": True})
    session.send("notifications/cancelled", requestId=1)
    eventually(lambda: "cancelled" in str(venv.messages()[-1].get("method")), "it did not arrive")
    venv.kill()
    assert "result" in session.ask("ping", 2)


def test_a_subscription_outlives_the_daemon(venv: OtherVenv, session: Session) -> None:
    session.send("subscriptions/listen", "listen:0")
    assert session.receive()["method"] == "notifications/acknowledged"
    venv.kill()
    session.send("ping", 1)
    received = [session.receive(), session.receive()]
    assert received[0]["method"] == "notifications/acknowledged"
    assert received[1]["id"] == 1


def test_when_the_daemon_cannot_start_every_request_gets_one_clear_line(venv: OtherVenv) -> None:
    (venv.home / "broken").touch()
    with Session(venv) as session:
        for key in (1, "two"):
            error = session.ask("tools/list", key)["error"]
            assert str(venv.paths.log) in error["message"]
            assert "\n" not in error["message"]
        (venv.home / "broken").unlink()
        assert "result" in session.ask("tools/list", 3)


def test_a_daemon_that_turns_the_session_away_is_quoted(venv: OtherVenv) -> None:
    (venv.home / "refuse").touch()
    with Session(venv) as session:
        assert session.ask("initialize", 0)["error"]["message"] == (
            "Claude Narrator: too old. Run voice-install again."
        )
        (venv.home / "refuse").unlink()
        assert "result" in session.ask("initialize", 1)


@pytest.mark.parametrize(
    ("line", "code"),
    [(b"{nonsense", -32700), (b"\xff", -32700), (b"[" * 100_000, -32700), (b"[]", -32600), (b"7", -32600)],
    ids=["nonsense", "not UTF-8", "too deep", "a list", "a number"],
)
def test_what_is_no_message_is_refused_and_the_session_goes_on(
    venv: OtherVenv, session: Session, line: bytes, code: int
) -> None:
    session.write(line + b"\n")
    answer = session.receive()
    assert (answer["id"], answer["error"]["code"]) == (None, code)
    assert "result" in session.ask("ping", 1)
    assert len(venv.messages()) == 2


@pytest.mark.parametrize(("size", "key"), [(MAX_FRAME, "big"), (bridge.MAX_LINE + (1 << 18), None)])
def test_a_message_too_large_for_a_frame_is_refused_and_the_session_goes_on(
    session: Session, size: int, key: str | None
) -> None:
    message = {"jsonrpc": "2.0", "method": "tools/call", "params": {"text": "x" * size}, "id": "big"}
    session.write(json.dumps(message).encode() + b"\n")
    answer = session.receive()
    assert (answer["id"], answer["error"]["code"]) == (key, -32600)
    assert "result" in session.ask("ping", 1)


def test_it_ends_when_the_client_closes_its_input(session: Session) -> None:
    session.shake_hands()
    assert session.leave() == 0


def test_it_ends_when_nobody_reads_its_output(venv: OtherVenv) -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen(venv.command(SCRIPT), stdin=subprocess.PIPE, stdout=writing)
    os.close(writing)
    os.close(reading)
    assert process.stdin
    process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    assert process.wait(TIMEOUT_S) == 0
    process.stdin.close()


def test_it_ends_with_its_parent_even_when_its_input_stays_open(venv: OtherVenv) -> None:
    shell = ["sh", "-c", '"$0" "$@" <&3 & echo $!; exec 3<&- ; read line', *venv.command(SCRIPT)]
    reading, writing = os.pipe()
    parent = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[reading])
    os.close(reading)
    try:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
        eventually(lambda: not is_alive(child), "an orphan was left", bridge.PARENT_CHECK_S + 5)
    finally:
        os.close(writing)
        parent.communicate()


def test_the_daemon_it_starts_outlives_it(venv: OtherVenv, session: Session) -> None:
    daemon = session.shake_hands()
    session.leave()
    with Session(venv) as second:
        assert second.shake_hands() == daemon


def test_it_imports_json_and_built_in_modules_alone() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'mcp_server')!r}); import bridge; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"socket", "subprocess", "typing", "dataclasses", "asyncio", "logging"} & set(
        done.stdout.split()
    )


def test_help_says_what_it_is_for() -> None:
    done = subprocess.run([sys.executable, str(ROOT / SCRIPT), "--help"], capture_output=True, timeout=10)
    assert done.returncode == 0
    assert b"voice-mcp" in done.stdout
