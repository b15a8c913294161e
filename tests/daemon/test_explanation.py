"""Every value in force is told with its origin: session, line of the project, line of the user, default."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon import settings
from claude_narrator.daemon.explanation import Explained, explain, lines_of
from claude_narrator.daemon.settings import PROJECT_FILE, Speech
from tests.daemon.commands_here import empty_home, voice

USER = """\
# A comment with speech = 1 in it.
[speech]
rate = 1.5
voice = "auto"

[models]
sources = [
    "/a",   # one = two
    "/b",
]
threads = 2

[glossary]
worker = 'Worker'
"""
PROJECT = '[speech]\nlanguage = "ja"\nrate = 2\n[glossary.ja]\n"pull request" = "PR"\n'


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_home(monkeypatch) as home:
        (home / "config.toml").write_text(USER, encoding="utf-8")
        yield home.resolve()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".claude").mkdir()
    (tmp_path / PROJECT_FILE).write_text(PROJECT, encoding="utf-8")
    return tmp_path


def explained(home: Path, project: Path | None = None, **changes: object) -> dict[str, Explained]:
    own = {name: {"value": value, "by": "MCP"} for name, value in changes.items()}
    return {each.key: each for each in explain(home / "config.toml", project, own)}


def test_the_session_comes_before_the_project_before_the_user_before_the_default(
    home: Path, project: Path
) -> None:
    user, ours = home / "config.toml", project / PROJECT_FILE
    rate = "speech.rate"
    assert explained(home)["speech.language"] == Explained("speech.language", "en", "default")
    assert explained(home)[rate] == Explained(rate, 1.5, "user", f"{user}:3")
    assert explained(home, project)[rate] == Explained(rate, 2.0, "project", f"{ours}:3")
    assert explained(home, project, rate=0.7)[rate] == Explained(rate, 0.7, "session", "MCP")


def test_every_field_of_speech_can_be_set_at_every_level(home: Path, project: Path) -> None:
    for field in dataclasses.fields(Speech):
        key = f"speech.{field.name}"
        assert explained(home)[key].origin in ("user", "default")
        assert explained(home, project, **{field.name: "x"})[key].origin == "session"


def test_every_key_is_told_once_with_the_value_in_force(home: Path, project: Path) -> None:
    rows = explain(home / "config.toml", project, {})
    in_force = settings.load_project(project, settings.load(home / "config.toml"))
    told = [row.key for row in rows]
    assert len(told) == len(set(told))
    assert set(settings.keys()) | {"glossary.worker", "glossary.ja.'pull request'"} <= set(told)
    ours = [row for row in rows if not row.key.startswith("engines.")]
    assert all(row.value == settings.value_of(in_force, row.key) for row in ours)
    origins = {row.key: str(row) for row in rows}
    assert origins["glossary.ja.'pull request'"] == f"{project / PROJECT_FILE}:5"
    assert origins["models.sources"] == f"{home / 'config.toml'}:7"
    assert origins["models.threads"] == f"{home / 'config.toml'}:11"
    assert origins["speech.voice"] == f"{home / 'config.toml'}:4"
    assert origins["log.level"] == "default"


def test_an_option_of_an_engine_is_told_with_its_default_and_its_line(home: Path) -> None:
    file = home / "config.toml"
    settings.set_value(file, "engines.voicevox.url", "http://127.0.0.1:10101")
    settings.set_value(file, "engines.qwen.keep_alive", "5m")
    rows = explained(home)
    assert rows["engines.voicevox.url"].value == "http://127.0.0.1:10101"
    assert rows["engines.voicevox.url"].where == f"{file}:17"
    assert rows["engines.qwen.keep_alive"].value == "5m"
    assert rows["engines.say.voices"].origin == "default"


def test_lines_are_those_on_which_values_begin() -> None:
    text = 'a = 1\n\nb.c = """\nx = 2\n"""\n[d]\n"e f" = [\n1,\n]\n# g = 1\n[h]\ni = {j = 1}'
    assert lines_of(text) == {("a",): 1, ("b", "c"): 3, ("d", "e f"): 7, ("h", "i", "j"): 12}


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(), max_size=8), st.data())
def test_keys_between_comments_and_blank_lines_keep_their_line(
    keys: dict[str, int], data: st.DataObject
) -> None:
    rows, expected = [], {}
    for key, value in keys.items():
        rows += data.draw(st.lists(st.sampled_from(["", "# x = 1", "  "]), max_size=3))
        rows.append(f"{key} = {value}")
        expected[(key,)] = len(rows)
    assert lines_of("\n".join(rows)) == expected


def test_a_file_without_end_is_not_read_without_end() -> None:
    assert lines_of('a = 1\nb = """\n' + "=\n" * 100_000) == {("a",): 1}
    assert lines_of("# a = 0\n" * 2000 + "a = 1") == {("a",): 2001}


def test_the_command_prints_the_order_and_every_origin(
    home: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert voice("settings", "--explain", "--project", str(project)) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("# A session comes before its project")
    lines = dict(row.rsplit("  ", 1) for row in rows)
    told = {key.strip(): origin for key, origin in lines.items()}
    assert told["speech.rate = 2.0"] == f"{project / PROJECT_FILE}:3"
    assert told["models.threads = 2"] == f"{home / 'config.toml'}:11"
    assert told["log.level = 'info'"] == "default"


def test_one_key_is_explained_alone_and_as_json(
    home: Path, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert voice("settings", "--explain", "speech.language") == 0
    assert capsys.readouterr().out == f"speech.language = 'ja'  {project / PROJECT_FILE}:2\n"
    assert voice("settings", "--explain", "speech.language", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    where = f"{project / PROJECT_FILE}:2"
    assert row == {"key": "speech.language", "value": "ja", "from": "project", "where": where}
    assert voice("settings", "get", "speech.language", "--project") == 0
    assert capsys.readouterr().out == "ja\n"
    assert voice("settings", "get", "speech.language") == 0
    assert capsys.readouterr().out == "en\n"
    assert voice("settings", "--explain", "glossary.fr.nothing") == 0
    assert capsys.readouterr().out == "glossary.fr.nothing = ''  default\n"


def test_a_project_is_set_where_one_stands(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert voice("settings", "set", "speech.rate", "1.2", "--project") == 0
    assert capsys.readouterr().out == f"speech.rate is set in {tmp_path / PROJECT_FILE}\n"
    assert (tmp_path / PROJECT_FILE).read_text(encoding="utf-8") == "[speech]\nrate = 1.2\n"
    assert voice("settings", "get", "speech.rate", "--project", str(tmp_path)) == 0
    assert capsys.readouterr().out == "1.2\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("set", "audio.sink", "device", "--project"), "'audio.sink' may not be set here, only speech"),
        (("set", "speech.rate", "9", "--project"), "speech.rate is 9"),
        (("set", "speech.rate", "1", "--project", "/no/such"), "there is no folder '/no/such'"),
        (("--explain", "speech.rat"), "Did you mean 'speech.rate'?"),
        (("--explain", "--session", "x"), "no session is known: the daemon does not run"),
        (("set", "speech.rate", "1", "--session", "x"), "no session is known: the daemon does not run"),
        (("set", "speech.rate"), "Write: voice settings set KEY VALUE"),
        (("set", "sessions.others", "loud"), "must be one of chime, silent, all"),
        (("set", "sessions.expire", "0"), "write a span such as 10m"),
        (("set", "sessions.expire", "soon"), "'soon' is no span of time"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_and_nothing_changes(
    home: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert voice("settings", *arguments) == 1
    assert says in capsys.readouterr().err
    assert (home / "config.toml").read_text(encoding="utf-8") == USER
    assert not (tmp_path / PROJECT_FILE).exists()


def test_a_project_file_with_a_mistake_is_told(
    home: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / PROJECT_FILE).write_text("[speech]\nrate = 9\n", encoding="utf-8")
    assert voice("settings", "--explain", "--project", str(project)) == 1
    assert f"{project / PROJECT_FILE}: speech.rate is 9" in capsys.readouterr().err
