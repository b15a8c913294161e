"""What `voice engines install` and `remove` say of names that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.commands_here import empty_home, voice


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_home(monkeypatch) as home:
        yield home


@pytest.mark.parametrize("action", ["install", "remove"])
@pytest.mark.parametrize(
    ("names", "problem", "hint"),
    [
        ([], "which engine to ", "There is cosyvoice, nllb, piper, xtts."),
        (["pipper"], "there is no engine 'pipper'", "Did you mean 'piper'?"),
        (["hibari"], "hibari needs no environment of its own", "These do: cosyvoice, nllb, piper, xtts."),
        (["piper", "../piper"], "there is no engine '../piper'", "Did you mean 'piper'?"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_those_that_can_and_nothing_is_done(
    home: Path, capsys: pytest.CaptureFixture[str], action: str, names: list[str], problem: str, hint: str
) -> None:
    assert voice("engines", action, *names) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(f"error: {problem}")
    assert told[1] == hint
    assert len(told) == 2
    assert not (home / "environments").exists()


def test_what_was_not_installed_is_not_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert voice("engines", "remove", "piper") == 0
    assert capsys.readouterr().out == "piper was not installed\n"
