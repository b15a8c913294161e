"""A real daemon translates and speaks by servers that the user points it at, while it runs."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator

import pytest

from claude_narrator.daemon.protocol import Engines, Say, Status, Translate, Voices
from tests.models.engines.stand_in_server import StandIn, running
from tests.running_daemon import RunningDaemon

SECRET = "AKIAIOSFODNN7EXAMPLE"
CHAT, SPEECH = "/v1/chat/completions", "/v1/audio/speech"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn(key="team-key")) as server:
        yield server


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon(environment={"TEAM_KEY": "team-key"}) as daemon:
        yield daemon


def _point(daemon: RunningDaemon, **options: str) -> None:
    for key, value in options.items():
        done = daemon.voice("settings", "set", f"engines.{key.replace('__', '.')}", value)
        assert (done.returncode, done.stderr) == (0, "")


def test_an_unset_server_is_listed_with_the_command_and_used_by_nobody(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        engines = {engine["name"]: engine for engine in client.call(Engines())["engines"]}
        voices = client.call(Voices())["voices"]
    for name in ("llama_server", "speech_server", "voicevox"):
        assert engines[name]["status"] == "not configured"
        assert f"voice settings set engines.{name}.url http://" in engines[name]["reason"]
        assert engines[name]["running"] is None
    assert not any(voice["id"].startswith("speech_server/") for voice in voices)
    shown = daemon.voice("engines").stdout.splitlines()
    assert (
        "llama_server: engines.llama_server.url is not set: "
        "voice settings set engines.llama_server.url http://127.0.0.1:8080"
    ) in shown


def test_a_server_set_while_the_daemon_runs_translates_and_speaks(
    daemon: RunningDaemon, stand_in: StandIn
) -> None:
    url, stand_in.says = stand_in.url, ["鍵は秘密の値です。ビルドは成功しています。"]
    _point(daemon, llama_server__url=url, llama_server__key_variable="TEAM_KEY")
    _point(
        daemon, speech_server__url=url, speech_server__key_variable="TEAM_KEY", speech_server__voices="ja:rin"
    )
    out = daemon.home / "said.wav"
    with daemon.client() as client:
        translated = client.call(Translate(f"The key is {SECRET}.", "ja", "en"))["text"]
        client.call(Say("The build is green.", "ja", "speech_server/rin", 0.0, str(out), True))
        engines = {engine["name"]: engine for engine in client.call(Engines())["engines"]}
    assert translated == stand_in.says[0]
    with wave.open(str(out)) as file:
        assert file.getnframes() / file.getframerate() > 1
    assert stand_in.bodies(SPEECH)[-1]["voice"] == "rin"
    assert SECRET not in json.dumps(stand_in.asked)
    assert engines["llama_server"]["running"]["precision"] == "first"
    assert engines["llama_server"]["options"]["url"] == url
    assert "team-key" not in json.dumps(engines) + daemon.log()
    assert f"llama_server: url={url} key_variable=TEAM_KEY" in daemon.voice("engines").stdout.splitlines()


def test_another_address_is_used_from_the_next_sentence_on(daemon: RunningDaemon, stand_in: StandIn) -> None:
    _point(daemon, llama_server__url=stand_in.url, llama_server__key_variable="TEAM_KEY")
    with daemon.client() as client:
        client.call(Translate("One.", "ja", "en"))
        with running(StandIn()) as other:
            _point(daemon, llama_server__url=other.url)
            client.call(Translate("Two.", "ja", "en"))
            assert "Two." in json.dumps(other.asked)
    assert "Two." not in json.dumps(stand_in.asked)


def test_a_server_that_is_down_costs_no_sentence(daemon: RunningDaemon) -> None:
    with running(StandIn()) as gone:
        url = gone.url
    _point(daemon, speech_server__url=url, speech_server__voices="en:amy", llama_server__url=url)
    with daemon.client() as client:
        client.call(Say("The build is green.", "en", "speech_server/amy", wait=True))
        recent = json.loads(daemon.voice("status", "--json").stdout)["recent"]
    assert recent[0]["outcome"] == "spoken"


def test_a_server_that_is_gone_is_a_problem_until_nobody_is_to_ask_it(daemon: RunningDaemon) -> None:
    with running(StandIn()) as gone:
        url = gone.url

    def problems() -> list[str]:
        return [line for line in client.call(Status())["problems"] if "cannot be reached" in line]

    _point(daemon, speech_server__url=url, speech_server__voices="en:amy")
    with daemon.client() as client:
        client.call(Say("The build is green.", "en", "speech_server/amy", wait=True))
        assert len(problems()) == 1
        _point(daemon, speech_server__url="")
        assert problems() == []


def test_one_reason_is_one_problem_though_a_sentence_met_it_and_the_engine_is_left_alone(
    daemon: RunningDaemon,
) -> None:
    with running(StandIn()) as gone:
        url = gone.url
    _point(daemon, llama_server__url=url)
    with daemon.client() as client:
        client.call(Say("The build is green.", "ja", wait=True))
        problems = [line for line in client.call(Status())["problems"] if "cannot be reached" in line]
    assert len(problems) == 1


def test_an_unknown_option_is_refused_with_what_was_meant(daemon: RunningDaemon) -> None:
    done = daemon.voice("settings", "set", "engines.voicevox.ulr", "http://a")
    assert done.returncode == 1
    assert "Did you mean 'engines.voicevox.url'?" in done.stderr
