"""A real daemon with a chat server that translates badly: what is heard, read and told."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.protocol import Say, Status, Wait
from claude_narrator.models.types import Language
from tests.models.engines.stand_in_server import StandIn, running
from tests.running_daemon import RunningDaemon

REFUSAL = "申し訳ありませんが、お手伝いできません。"
GOOD = "できました。"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with running(StandIn(says=[REFUSAL])) as server:
        yield server


@contextmanager
def _daemon(server: StandIn, **options: object) -> Iterator[RunningDaemon]:
    with RunningDaemon(speech__language="ja", log__spoken_text=True, **options) as daemon:
        done = daemon.voice("settings", "set", "engines.llama_server.url", server.url)
        assert (done.returncode, done.stderr) == (0, "")
        yield daemon


def test_the_original_is_heard_and_told_once_and_the_problem_goes_when_a_translation_passes(
    server: StandIn,
) -> None:
    with _daemon(server) as daemon, daemon.client() as client:
        client.call(Say("The build is green. The tests pass."))
        assert client.call(Wait(timeout_s=60))["idle"]
        recent = client.call(Status())["recent"]
        spoken = [each["spoken"] for each in recent]
        assert sorted(spoken) == sorted(
            ["The build is green.", "The tests pass.", notices_for(Language("ja")).unfit]
        )
        assert ["no translation passed" in line for line in client.call(Status())["problems"]] == [True]
        server.says = [GOOD]
        client.call(Say("It is ready.", wait=True))
        assert client.call(Status())["recent"][-1]["spoken"] == GOOD
        assert client.call(Status())["problems"] == []


def test_each_sentence_is_asked_for_once_more_and_strictly(server: StandIn) -> None:
    with _daemon(server, speech__notices="off") as daemon:
        done = daemon.voice("translate", "Delete app.py.", "--to", "ja")
    assert (done.returncode, done.stdout) == (0, "Delete app.py.\n")
    assert "line 1" in done.stderr
    asked = [body["messages"][-1]["content"] for body in server.bodies("/v1/chat/completions")][-2:]
    assert [each.splitlines()[-1] for each in asked] == ['Translate into Japanese: "Delete X1."'] * 2
    assert [len(each.splitlines()) for each in asked] == [1, 2]


def test_a_text_that_is_in_the_language_already_is_not_translated(server: StandIn) -> None:
    with _daemon(server) as daemon:
        done = daemon.voice("translate", "できました。\nDone now.\n次です。", "--to", "ja")
    assert done.stdout == "できました。\nDone now.\n次です。\n"
    assert "line 2" in done.stderr
    assert "line 1" not in done.stderr


def test_a_preview_and_a_recording_tell_what_stands_as_it_was_written(
    server: StandIn, tmp_path: Path
) -> None:
    reply, out = tmp_path / "reply.md", tmp_path / "out.wav"
    reply.write_text("The tests pass.", "utf-8")
    with _daemon(server) as daemon:
        preview = daemon.voice("preview", str(reply), "--language", "ja")
        recording = daemon.voice("say", "The tests pass.", "--language", "ja", "--out", str(out))
        server.says = [GOOD]
        good = daemon.voice("preview", str(reply), "--language", "ja")
    assert preview.stdout == "The tests pass.\n"
    assert "said as written: The tests pass." in preview.stderr
    assert "line 1" in recording.stderr
    assert (good.stdout, good.stderr) == (f"{GOOD}\n", "")
    with wave.open(str(out)) as file:
        assert file.getnframes() > 0
