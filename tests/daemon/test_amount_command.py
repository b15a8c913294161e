"""`voice amount` in a home without a daemon, and with one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.daemon import settings
from claude_narrator.daemon.amount_command import SESSION_VARIABLE
from claude_narrator.daemon.protocol import Hook, Status
from tests.daemon.commands_here import empty_home, voice
from tests.daemon.timed_payloads import Claude
from tests.running_daemon import RunningDaemon

Shown = pytest.CaptureFixture[str]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(SESSION_VARIABLE, raising=False)
    with empty_home(monkeypatch) as folder:
        yield folder


def test_without_a_level_it_tells_what_holds(home: Path, capsys: Shown) -> None:
    assert voice("amount") == 0
    assert capsys.readouterr().out == "all (everywhere)\n"
    assert not list(home.iterdir())


def test_a_level_is_set_everywhere(home: Path, capsys: Shown) -> None:
    assert voice("amount", "brief") == 0
    assert capsys.readouterr().out == "brief (everywhere)\n"
    assert settings.load(home / "config.toml").speech.amount == "brief"


def test_a_project_has_its_own_which_is_told_beside_the_users(
    home: Path, tmp_path: Path, capsys: Shown
) -> None:
    assert voice("amount", "final", "--project") == 0
    assert capsys.readouterr().out == "final (project)\n"
    assert settings.load_project(tmp_path, settings.Settings()).speech.amount == "final"
    voice("amount", "alerts", "--everywhere")
    assert capsys.readouterr().out == "alerts (everywhere)\nfinal (project)\n"
    voice("amount", "--json")
    assert json.loads(capsys.readouterr().out) == {"amount": "final", "scope": "project"}


def test_a_session_must_be_known(home: Path, capsys: Shown) -> None:
    assert voice("amount", "off", "--session") == 1
    assert "no session is known here" in capsys.readouterr().err


def test_a_level_that_is_none_is_a_usage_error(home: Path) -> None:
    with pytest.raises(SystemExit) as left:
        voice("amount", "loud")
    assert left.value.code == 2


def test_a_session_is_changed_alone(tmp_path: Path) -> None:
    with RunningDaemon() as daemon:
        with daemon.client() as client:
            for session in ("one", "two"):
                client.send(Hook(Claude(session).event("SessionStart", source="startup")))
            client.call(Status())
        set_one = daemon.voice("amount", "off", "--session", "one")
        assert (set_one.returncode, set_one.stdout) == (0, "off (session one)\n")
        assert daemon.voice("amount", "--session", "two").stdout == "all (session two)\n"
        assert daemon.voice("amount", "--session", "one").stdout == "off (session one)\n"
        unknown = daemon.voice("amount", "off", "--session", "three")
        assert unknown.returncode == 1
        assert "there is no session 'three'" in unknown.stderr
