"""How much is read out: chosen by the user or a project, in force from the next message on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from claude_narrator.daemon import settings
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.protocol import Say
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.text_style import DEFAULT_STYLE, VALUES, TextStyle
from claude_narrator.daemon.turns import Speak, Turns
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Language, Seconds
from tests.daemon.timed_payloads import Claude
from tests.running_daemon import RunningDaemon

ENGLISH = Language("en")
TABLE = "| Name | Age |\n|---|---|\n| Ada | 36 |\n"
ANNOUNCED = ("A table of 1 row: Name, Age.",)
READ = (*ANNOUNCED, "Ada: 36.")


@pytest.mark.parametrize("key", VALUES)
def test_a_setting_takes_its_values_and_no_others(key: str) -> None:
    for value in VALUES[key]:
        parsed = settings.parse(f"[text]\n{key} = '{value}'\n", "x")
        assert getattr(parsed.text, key) == value
    with pytest.raises(BadInput, match=f"text.{key} is 'loud'; it must be one of {', '.join(VALUES[key])}"):
        settings.parse(f"[text]\n{key} = 'loud'\n", "x")


def test_the_defaults_are_values_that_may_be_set() -> None:
    assert all(getattr(DEFAULT_STYLE, key) in values for key, values in VALUES.items())


def test_a_project_chooses_for_its_sessions_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[text]\nlinks = 'short'\n")
    project = tmp_path / "project"
    (project / ".claude").mkdir(parents=True)
    (project / ".claude" / "voice.toml").write_text("[text]\ntables = 'announced'\n")
    choices = Choices(tmp_path / "config.toml")
    choices.open_session("there", project)
    assert choices.text_for("there") == TextStyle(tables="announced", links="short")
    assert choices.text_for("elsewhere") == TextStyle(links="short")


def test_a_session_is_read_as_it_wants_from_the_next_message_on() -> None:
    styles = {"s1": TextStyle(tables="announced")}
    turns, claude = Turns(ENGLISH, lambda session: styles[session]), Claude()
    said: list[str] = []

    def show(message: str, at: float) -> tuple[str, ...]:
        actions = turns.feed(claude.shows("p", message, 0, TABLE, final=True), Seconds(at))
        actions += turns.due(Seconds(at + 1))
        said[:] = [s for each in actions if isinstance(each, Speak) for s in each.utterance.sentences]
        return tuple(said)

    assert show("m", 0.0) == ANNOUNCED
    styles["s1"] = TextStyle()
    assert show("n", 2.0)[-2:] == READ


def test_preview_reads_as_this_folder_wants(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "voice.toml").write_text("[text]\ntables = 'announced'\n")
    (tmp_path / "reply.md").write_text(TABLE)
    done = subprocess.run(
        [sys.executable, "-m", "claude_narrator.daemon.cli", "preview", "reply.md", "--json"],
        cwd=tmp_path,
        env={**os.environ, "CLAUDE_NARRATOR_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["sentences"] == list(ANNOUNCED)


def test_what_is_said_on_request_is_read_as_the_settings_want() -> None:
    with RunningDaemon(text__tables="announced", speech__rate=3.0) as daemon, daemon.client() as client:
        assert client.call(Say(TABLE)) == {"sentences": 1, "note": ""}
        out = str(daemon.home / "out.wav")
        assert client.call(Say(TABLE, out=out))["sentences"] == 1


@pytest.mark.parametrize("value", VALUES["inline_code"])
@pytest.mark.parametrize("code", ["`a.b()`", "`()`", "`-v`", "`x`", "`git`", "`a.b.c`", "`()()`", "`.`"])
def test_inline_code_is_never_silence(code: str, value: str) -> None:
    assert speakable_sentences(f"{code} here", ENGLISH, TextStyle(inline_code=value))[0] != "here."
