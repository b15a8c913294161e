"""A real daemon whose English voice cannot be loaded: another engine speaks, and the status says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Say, Status
from tests.running_daemon import RunningDaemon

REASON = "the Hibari voice could not be loaded: its weights are torn"


@pytest.fixture
def torn(tmp_path: Path) -> dict[str, str]:
    """An environment in which the package of the voice is there and cannot be imported."""
    (tmp_path / "hibari").mkdir()
    (tmp_path / "hibari" / "__init__.py").write_text('raise ImportError("its weights are torn")\n')
    return {"PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize("preload", [True, False])
def test_another_engine_speaks_and_the_status_says_why(torn: dict[str, str], preload: bool) -> None:
    with RunningDaemon(environment=torn, models__preload=preload) as daemon, daemon.client() as client:
        client.call(Say("The build is green.", wait=True))
        status = client.call(Status())
        assert status["recent"][0]["outcome"] == "spoken"
        assert _running(client, "nanotts")["status"] == "ready"
        (problem,) = status["problems"]
        assert problem.startswith(REASON)


@pytest.mark.parametrize(
    ("notices", "told"),
    [("spoken", ["The voice failed. Another one speaks for now."]), ("chime", [CHIME]), ("off", [])],
)
def test_the_stand_in_is_told_once_as_the_listener_wants(
    torn: dict[str, str], notices: str, told: list[str]
) -> None:
    with RunningDaemon(
        environment=torn, models__preload=False, log__spoken_text=True, speech__notices=notices
    ) as daemon:
        with daemon.client() as client:
            client.call(Say("The build is green. All tests pass. It is done.", wait=True))
            status = client.call(Status())
        spoken = [sentence["text"] for sentence in status["recent"]]
        said = ["The build is green.", "All tests pass.", "It is done."]
        assert [text for text in spoken if text not in said] == told
        assert [s["outcome"] for s in status["recent"]] == ["spoken"] * len(spoken)
        assert status["problems"] == [
            f"{REASON}; nanotts speaks instead. Run: pip install --force-reinstall hibari-tts"
        ]


def _running(client: Client, name: str) -> dict[str, object]:
    (engine,) = (engine for engine in client.call(Status())["engines"] if engine["name"] == name)
    running: dict[str, object] = engine["running"]
    return running
