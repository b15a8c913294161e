"""A server is asked once, read as it answers, let go of at once; what it does wrong is one line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from claude_narrator.models.engines import local_server
from claude_narrator.models.engines.local_server import Server, ServerFailed
from claude_narrator.models.engines.server_settings import find_server, model_name
from claude_narrator.models.errors import EngineUnavailable
from tests.models.engines.stand_in_server import StandIn, running, tone

SPEECH = "/v1/audio/speech"
ASKED = {"input": "The build is green.", "speed": 1.0}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn()) as server:
        yield server


def _server(stand_in: StandIn, **options: str) -> Server:
    return find_server("mine", {"url": stand_in.url, **options})


def _failure(stand_in: StandIn, **how: object) -> ServerFailed:
    with pytest.raises(ServerFailed) as caught:
        _server(stand_in).whole("POST", SPEECH, ASKED, **how)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert ASKED["input"] not in str(caught.value)
    return caught.value


def test_an_answer_comes_whole_and_in_blocks(stand_in: StandIn) -> None:
    blocks = [block for block in _server(stand_in).ask("POST", SPEECH, ASKED) if block]
    assert len(blocks) > 1
    assert b"".join(blocks) == tone(19, 1.0)
    assert stand_in.asked == [(SPEECH, ASKED)]


@pytest.mark.parametrize("prefix", ["", "/team/a"])
@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_an_address_may_end_as_people_write_it_and_have_a_path(prefix: str, end: str) -> None:
    with running(StandIn(prefix=prefix)) as stand_in:
        server = find_server("mine", {"url": stand_in.url + end})
        assert model_name(server, "") == "first"


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8080", "ftp://a", "http://", "http://a:port", "http://a:99999", "http://u:p@a", "http://a?x=1",
     "http://[::1", "http://é", "file:///etc/passwd", "http://a/#b", "http://a/b c", "http://a\x7f/"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"engines\.mine\.url.*http://127\.0\.0\.1:8080"):
        find_server("mine", {"url": url})


def test_an_address_of_the_sixth_version_is_understood() -> None:
    server = find_server("mine", {"url": "http://[::1]:8080"})
    assert (server.host, server.port, server.address) == ("::1", 8080, "[::1]:8080")
    assert find_server("mine", {"url": "https://host"}).port == 443


def test_the_key_is_taken_from_the_environment_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "s3cret")
    with running(StandIn(key="s3cret")) as stand_in:
        server = _server(stand_in, key_variable="MY_KEY")
        assert model_name(server, "") == "first"
        assert "s3cret" not in repr(server)
        with pytest.raises(ServerFailed, match=r"wants another key.*engines\.mine\.key_variable"):
            model_name(_server(stand_in), "")
    for value in ("", "a\nb", "ключ"):
        monkeypatch.setenv("MY_KEY", value)
        with pytest.raises(EngineUnavailable, match="no usable environment variable MY_KEY"):
            find_server("mine", {"url": "http://a", "key_variable": "MY_KEY"})


def test_a_key_in_the_settings_is_refused_and_not_repeated() -> None:
    with pytest.raises(EngineUnavailable, match=r"engines\.mine\.key_variable is no name") as caught:
        find_server("mine", {"url": "http://a", "key_variable": "sk-s3cret"})
    assert "s3cret" not in str(caught.value)


def test_nobody_there_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes the port meanwhile
        port = taken.getsockname()[1]
        with pytest.raises(
            ServerFailed, match=rf"127\.0\.0\.1:{port} cannot be reached.*Check engines\.mine\.url"
        ):
            find_server("mine", {"url": f"http://127.0.0.1:{port}"}).whole("GET", "/")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("401", "wants another key"),
        ("404", "has no such path or model"),
        ("422", "refused the request"),
        ("302", "points elsewhere"),
        ("500", "failed (status 500)"),
        ("503", "failed (status 503). It may still be loading its model"),
        ("garbage", "does not speak HTTP"),
        ("cut", "broke off"),
    ],
)
def test_a_fault_is_told_in_a_line_that_quotes_no_text(stand_in: StandIn, fault: str, says: str) -> None:
    stand_in.fault = fault
    assert says in str(_failure(stand_in))


def test_an_answer_of_text_is_no_sound(stand_in: StandIn) -> None:
    stand_in.fault = "html"
    with pytest.raises(ServerFailed, match="answered text/html, not sound"):
        list(_server(stand_in).ask("POST", SPEECH, ASKED, wants_sound=True))


@pytest.mark.parametrize("fault", ["silent", "stall"])
def test_a_server_that_falls_silent_is_given_up_and_hung_up_on(stand_in: StandIn, fault: str) -> None:
    stand_in.fault = fault
    assert "was silent for 0 s" in str(_failure(stand_in, timeout_s=0.25))
    assert stand_in.hung_up.wait(5)


def test_an_answer_without_end_is_given_up(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "MAX_ANSWER_BYTES", 10_000)
    assert "without end" in str(_failure(stand_in))


@pytest.mark.parametrize("fault", ["silent", "stall"])
def test_closing_hangs_up_at_once(stand_in: StandIn, fault: str) -> None:
    stand_in.fault = fault
    blocks = _server(stand_in).ask("POST", SPEECH, ASKED)
    next(blocks)
    assert stand_in.stalled.wait(5)
    blocks.close()
    assert stand_in.hung_up.wait(5)


def test_no_thread_is_left_behind(stand_in: StandIn) -> None:
    server = _server(stand_in)
    before = threading.active_count()
    for fault in ("", "500", "garbage", "cut"):
        stand_in.fault = fault
        blocks = server.ask("POST", SPEECH, ASKED)
        try:
            next(blocks)
        except ServerFailed:
            continue
        finally:
            blocks.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_pause_of_the_reader_is_no_silence_of_the_server(stand_in: StandIn) -> None:
    received = b""
    for block in _server(stand_in).ask("POST", SPEECH, ASKED, timeout_s=0.15):
        received += block
        time.sleep(0.1)
    assert received == tone(19, 1.0)


def test_the_model_is_the_one_wanted_or_the_first_that_is_listed(stand_in: StandIn) -> None:
    server = _server(stand_in)
    assert model_name(server, "") == "first"
    assert model_name(server, "mine") == "mine"
    stand_in.models = ["text-embedding-nomic-embed-text-v1.5", "qwen2.5-7b-instruct"]
    assert model_name(server, "") == "qwen2.5-7b-instruct"
    stand_in.models = []
    assert model_name(server, "mine") == "mine"
    with pytest.raises(ServerFailed, match=r"lists no model. Set engines\.mine\.model"):
        model_name(server, "")
