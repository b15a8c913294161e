"""A real daemon and the voices of the network: asked when allowed and named, and never given a secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.protocol import Say, Status, Wait
from claude_narrator.models.types import Language
from tests.models.engines import stand_in_edge, stand_in_google
from tests.running_daemon import RunningDaemon

SECRET = "AKIAIOSFODNN7EXAMPLE"


@dataclass
class Service:
    """A stand-in for one of the services, and the engine that asks it."""

    engine: str
    voice: str
    peer: stand_in_edge.Edge | stand_in_google.Google

    @property
    def texts(self) -> list[str]:
        """What it was to speak, but for the word with which the engine finds out that it works."""
        asked = (
            self.peer.texts
            if isinstance(self.peer, stand_in_google.Google)
            else [one.text for one in self.peer.asked]
        )
        return [text for text in asked if text != "OK."]


@pytest.fixture(params=["gtts", "edge_tts"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    if request.param == "gtts":
        with stand_in_google.running(stand_in_google.Google()) as google:
            yield Service("gtts", "gtts/google", google)
    else:
        with stand_in_edge.running(stand_in_edge.Edge()) as edge:
            yield Service("edge_tts", "edge_tts/en-US-AriaNeural", edge)


def _daemon(service: Service, **options: str) -> RunningDaemon:
    """A daemon that shall ask the stand-in, and speaks quickly."""
    said = {f"engines__{service.engine}__{name}": value for name, value in options.items()}
    url = {f"engines__{service.engine}__url": service.peer.url}
    return RunningDaemon(log__spoken_text=True, speech__rate=3.0, **url, **said)


def test_before_it_is_allowed_nothing_is_sent_and_the_command_is_told(service: Service) -> None:
    with _daemon(service) as daemon:
        done = daemon.voice("say", "It works.", "--voice", service.voice, "--language", "en", "--wait")
    assert done.returncode == 1
    assert f"{service.engine}.allow is not set" in done.stderr
    assert f"Run: voice settings set engines.{service.engine}.allow yes" in done.stderr
    assert service.texts == []


def test_what_is_sent_holds_no_secret_and_is_sent_only_for_the_voice_that_is_named(
    service: Service,
) -> None:
    with _daemon(service, allow="yes") as daemon, daemon.client() as client:
        client.call(Say("One.", "en", wait=True))
        assert service.texts == []
        client.call(Say(f"The key is {SECRET}. All is well.", "en", service.voice, wait=True))
        recent = client.call(Status())["recent"]
    sent = " ".join(service.texts)
    assert sent.startswith("The key is")
    assert "All is well." in sent
    assert SECRET not in sent
    assert {sentence["outcome"] for sentence in recent} == {"spoken"}


def test_when_the_service_refuses_another_voice_speaks_and_that_is_told_once(service: Service) -> None:
    service.peer.fault = "429"
    with _daemon(service, allow="yes") as daemon, daemon.client() as client:
        for text in ("It works.", "All is well."):
            client.call(Say(text, "en", service.voice, wait=True))
        assert client.call(Wait())["idle"]
        status = client.call(Status())
    told = notices_for(Language("en")).other_voice
    assert [sentence["outcome"] for sentence in status["recent"]] == ["spoken"] * 3
    assert sorted(sentence["spoken"] for sentence in status["recent"]) == ["All is well.", "It works.", told]
    (problem,) = status["problems"]
    assert problem.startswith(f"{service.engine} cannot be used: ")
    assert "(status 429); hibari speaks instead" in problem
