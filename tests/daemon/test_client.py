from __future__ import annotations

import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from claude_narrator.daemon import client as client_module
from claude_narrator.daemon.client import Client, DaemonDown, Refused, connect
from claude_narrator.daemon.detached import start_if_down
from claude_narrator.daemon.protocol import Answer, Say, Status
from claude_narrator.daemon.wire import HEADER, MAX_FRAME, ProtocolError, encode


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cn-") as folder:
        yield Path(folder) / "daemon.sock"


@contextmanager
def listening(path: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """Accept one connection and let `answer` have it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(10)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            thread.join()


def read_request(connection: socket.socket) -> bytes:
    (length,) = HEADER.unpack(connection.recv(HEADER.size, socket.MSG_WAITALL))
    return connection.recv(length, socket.MSG_WAITALL)


def answer_with(data: bytes, connection: socket.socket) -> None:
    """Read the request, then send `data`: who hangs up on a request breaks the sender's pipe."""
    read_request(connection)
    connection.sendall(data)


def test_a_result_comes_back_even_in_single_bytes(path: Path) -> None:
    def answer(connection: socket.socket) -> None:
        assert b'"status"' in read_request(connection)
        for byte in encode(Answer({"speaking": "こんにちは"})):
            connection.sendall(bytes([byte]))

    with listening(path, answer), Client(path) as client:
        assert client.call(Status()) == {"speaking": "こんにちは"}


def test_an_error_of_the_daemon_is_raised_with_its_code_and_hint(path: Path) -> None:
    error = {"code": "unknown_voice", "problem": "no voice 'x'", "hint": "See `voice voices`."}
    with (
        listening(path, partial(answer_with, encode(Answer(error=error)))),
        Client(path) as client,
        pytest.raises(Refused) as caught,
    ):
        client.call(Status())
    assert (caught.value.code, caught.value.problem, caught.value.hint) == tuple(error.values())


def test_a_connection_that_breaks_within_an_answer_is_a_daemon_gone(path: Path) -> None:
    def answer(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(encode(Answer({"a": 1}))[:-1])

    with listening(path, answer), Client(path) as client, pytest.raises(DaemonDown, match="closed"):
        client.call(Status())


@pytest.mark.parametrize("data", [HEADER.pack(MAX_FRAME + 1), HEADER.pack(2) + b"[]", HEADER.pack(0)])
def test_an_answer_that_is_none_is_a_protocol_error(path: Path, data: bytes) -> None:
    with (
        listening(path, partial(answer_with, data)),
        Client(path) as client,
        pytest.raises(ProtocolError),
    ):
        client.call(Status())


def test_a_request_of_more_than_a_frame_is_refused_before_anything_is_sent(path: Path) -> None:
    with (
        listening(path, lambda connection: connection.recv(1)),
        Client(path) as client,
        pytest.raises(ProtocolError, match="allowed"),
    ):
        client.call(Say("x" * MAX_FRAME))


def test_nobody_there_a_dead_socket_and_too_long_a_path_are_a_daemon_down(path: Path) -> None:
    with pytest.raises(DaemonDown, match="no daemon at"):
        Client(path)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(DaemonDown, match="refused"):
        Client(path)
    with pytest.raises(DaemonDown, match="too long"):
        Client(Path("/" + "x" * 200))


def test_a_running_daemon_is_connected_to_and_none_is_started(path: Path) -> None:
    with listening(path, lambda connection: connection.recv(1)), connect(path, path.parent / "log"):
        pass
    assert not (path.parent / "log").exists()


def test_a_daemon_that_dies_at_its_start_is_told_at_once_with_its_log(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module.sys, "executable", "/bin/false")
    log = path.parent / "state" / "daemon.log"
    with pytest.raises(DaemonDown, match=r"daemon\.log says why"):
        connect(path, log, timeout_s=60)
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_daemon_that_gives_up_is_quoted_and_not_one_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies = path.parent / "dies"
    dies.write_text("#!/bin/sh\necho 'error: the disk is full' >&2\necho 'Make room.' >&2\nexit 1\n")
    dies.chmod(0o700)
    monkeypatch.setattr(client_module.sys, "executable", str(dies))
    log = path.parent / "daemon.log"
    log.write_text("error: an old one\n")
    with pytest.raises(DaemonDown, match=r"did not start: the disk is full$"):
        connect(path, log, timeout_s=60)


def test_a_daemon_that_cannot_be_started_is_a_daemon_down(path: Path) -> None:
    (path.parent / "file").write_text("")
    with pytest.raises(DaemonDown, match="cannot be started"):
        connect(path, path.parent / "file" / "daemon.log")


def test_a_home_that_has_gone_is_not_brought_back_for_a_session(path: Path) -> None:
    gone = path.parent / "gone"
    with pytest.raises(DaemonDown, match="has gone; run voice-install again"):
        start_if_down(str(gone), 0.1)
    assert not gone.exists()


def test_the_started_daemon_outlives_the_session_and_reads_nothing_from_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = path.parent / "python"
    script.write_text(
        f"#!{sys.executable}\nimport os, sys\nprint(os.getsid(0), len(sys.stdin.read()), os.getcwd())\n"
    )
    script.chmod(0o700)
    monkeypatch.setattr(client_module.sys, "executable", str(script))
    log = path.parent / "daemon.log"
    process = client_module.start_daemon(log)
    assert process.wait(timeout=10) == 0
    assert log.read_text().split() == [str(process.pid), "0", "/"]
