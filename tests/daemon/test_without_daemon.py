"""Controls where no daemon runs: a line each, the next daemon knows, and none is started."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.daemon.controls import CONTROLS
from claude_narrator.daemon.mute_file import KeptMute
from claude_narrator.daemon.paths import HOME_VARIABLE, find_paths
from claude_narrator.daemon.protocol import Sessions, Status
from tests.daemon.commands_here import empty_home, voice
from tests.running_daemon import RunningDaemon


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_home(monkeypatch) as folder:
        yield folder


def muted(home: Path) -> list[str]:
    return [each.session for each in KeptMute(find_paths({HOME_VARIABLE: str(home)}).mute).state()]


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_says_one_line_and_starts_no_daemon(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = voice(name)
    told = capsys.readouterr()
    if code == 0:
        assert len(told.out.splitlines()) == 1
        assert told.err == ""
    else:
        assert (code, told.out) == (1, "")
        assert told.err.splitlines()[0].startswith(
            "error: the daemon is not running, so there is nothing to "
        )
        assert told.err.splitlines()[1:] == ["It starts with Claude Code, or by: voice daemon start"]
    assert code == (name in ("pause", "skip", "back", "replay", "faster", "slower"))
    assert not (home / "run").exists()


def test_a_mute_is_kept_for_the_daemon_that_comes_and_can_be_taken_back(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("mute", "--for", "1h") == 0
    assert muted(home) == [""]
    assert voice("unmute") == 0
    assert voice("unmute") == 0
    assert capsys.readouterr().out.splitlines() == [
        "Voice muted for 1 hour.",
        "Voice unmuted.",
        "Voice was not muted.",
    ]
    assert muted(home) == []


def test_what_was_muted_and_turned_down_before_it_started_holds_in_a_daemon() -> None:
    daemon = RunningDaemon()
    assert daemon.voice("mute").returncode == 0
    assert daemon.voice("quieter").stdout == "Volume -3 dB.\n"
    assert not daemon.paths.socket.exists()
    with daemon, daemon.client() as client:
        assert [each["session"] for each in client.call(Status())["muted"]] == [""]
        assert client.call(Sessions())["sessions"] == []
        settings = tomllib.loads(daemon.paths.settings_file.read_text(encoding="utf-8"))
        assert settings["audio"]["volume"] == -3.0


def test_a_mute_that_cannot_be_written_is_an_error_and_no_promise(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "mute.new").mkdir()
    assert voice("mute") == 1
    assert "the mute cannot be kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("mute", "0"), "--for 5m"),
        (("mute", "5m"), "--for 5m"),
        (("mute", "-5"), "--for 5m"),
        (("mute", "forever"), "--for forever"),
        (("stop", "now"), "Write nothing behind it"),
        (("unmute", "5m"), "Write nothing behind it"),
    ],
)
def test_a_word_behind_a_control_is_wrong_usage_and_says_what_to_write(
    home: Path, given: tuple[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        voice(*given)
    assert caught.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"does not know '{given[1]}'" in last
    assert told in last
    assert muted(home) == []


def test_a_session_that_was_muted_can_be_unmuted_and_none_that_nobody_knows_muted(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    KeptMute(home / "mute.json").mute("session-1", 60.0)
    assert voice("mute", "--session", "nosuch") == 1
    assert voice("unmute", "--session", "sess") == 0
    told = capsys.readouterr()
    assert told.out == "Voice of this session unmuted.\n"
    assert told.err.startswith("error: there is no session 'nosuch'")
    assert muted(home) == []


def test_there_is_nothing_to_wait_for(home: Path) -> None:
    assert voice("wait") == 0
    assert not (home / "run").exists()


@pytest.mark.parametrize(
    "given",
    [("wait", "--timeout", "-1"), ("wait", "--timeout", "nan"), ("say", "Hi", "--rate", "inf")]
    + [("log", "--lines", lines) for lines in ("0", "-3", "some")],
)
def test_a_number_that_makes_no_sense_is_wrong_usage(
    home: Path, given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        voice(*given)
    assert caught.value.code == 2
    assert f"{given[-1]!r} is not a" in capsys.readouterr().err


@pytest.mark.parametrize("span", ["0", "-5", "soon", "999999999d"])
def test_a_span_that_makes_no_sense_mutes_nobody(
    home: Path, span: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("mute", "--for", span) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert muted(home) == []
