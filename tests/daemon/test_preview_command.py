"""`voice preview`: what would be said, without saying it."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from claude_narrator.daemon import preview_command
from claude_narrator.models.errors import BadInput
from tests.models_home import ensure
from tests.running_daemon import RunningDaemon

_MARKDOWN = "# Done\n\nI changed `queue.py`. See https://example.com/x.\n"


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser(prog="voice")
    preview_command.add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["preview", *arguments])
    return int(parsed.run(parsed))


def test_the_sentences_of_a_file_are_printed_one_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reply.md"
    file.write_text(_MARKDOWN, "utf-8")
    assert _run(str(file)) == 0
    assert capsys.readouterr().out == "Done.\nI changed queue dot py.\nSee example.com.\n"


def test_json_names_the_language_that_the_script_tells(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = io.BytesIO("テストが通りました。次です。\n".encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=given))
    assert _run("--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "language": "ja",
        "sentences": ["テストが通りました。", "次です。"],
    }


def test_another_language_is_translated_by_the_daemon_or_refused_with_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "reply.md"
    file.write_text("Done. See `queue.py`.", "utf-8")
    with RunningDaemon() as daemon:
        refused = daemon.voice("preview", str(file), "--language", "ja")
        same = daemon.voice("preview", str(file), "--language", "en-GB")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "voice models pull qwen2.5-coder-1.5b" in refused.stderr
    assert same.stdout == "Done.\nSee queue dot py.\n"


@pytest.mark.models
def test_with_a_translator_the_translation_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "reply.md"
    file.write_text("The tests pass. I opened a pull request.", "utf-8")
    with RunningDaemon(ensure("qwen2.5-coder-1.5b")) as daemon:
        shown = daemon.voice("preview", str(file), "--language", "ja", "--json")
    sentences = json.loads(shown.stdout)["sentences"]
    assert len(sentences) == 2
    assert "テスト" in sentences[0]
    assert "プルリクエスト" in sentences[1]


@pytest.mark.parametrize("language", ["", "english please", "12"])
def test_what_is_no_language_is_refused(language: str, tmp_path: Path) -> None:
    file = tmp_path / "reply.md"
    file.write_text("Hi.", "utf-8")
    with pytest.raises(BadInput, match="language"):
        _run(str(file), f"--language={language}")


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read .*No such file"):
        _run(str(tmp_path / "missing.md"))
