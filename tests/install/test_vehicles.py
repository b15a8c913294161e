"""Claude Code is wired one way or the other, never both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.install.claude_cli import ClaudeFiles, claude_files
from claude_narrator.install.plan import wire_account, wire_settings
from claude_narrator.install.plugin_files import PLUGIN_ID
from claude_narrator.install.vehicles import BothWays, Vehicle, check_alone, traces
from tests.install.wirings import FOREIGN, wiring

PLUGIN = json.dumps({"enabledPlugins": {PLUGIN_ID: True}})
HOOKS = wire_settings(b"", "", wiring()).text
SERVER = wire_account(b"", "", wiring()).text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / ".claude").mkdir(parents=True)
    return tmp_path / "project"


@pytest.fixture
def files(tmp_path: Path) -> ClaudeFiles:
    (tmp_path / "claude").mkdir()
    return claude_files({}, tmp_path / "claude")


def account(**fields: Any) -> str:
    return json.dumps(fields)


def test_where_nothing_of_ours_is_both_ways_are_free(files: ClaudeFiles, project: Path) -> None:
    files.settings.write_text(
        json.dumps({"hooks": {"Stop": [{"hooks": [FOREIGN]}]}, "enabledPlugins": {"x@y": True}})
    )
    assert traces(files, project) == []
    for vehicle in Vehicle:
        check_alone(vehicle, files, project)


def test_a_plugin_that_is_switched_off_is_not_in_use(files: ClaudeFiles, project: Path) -> None:
    files.settings.write_text(json.dumps({"enabledPlugins": {PLUGIN_ID: False}}))
    check_alone(Vehicle.SETTINGS, files, project)


@pytest.mark.parametrize(
    ("place", "content", "there", "fix"),
    [
        ("claude/settings.json", PLUGIN, Vehicle.PLUGIN, "voice-install --uninstall"),
        ("claude/settings.json", HOOKS, Vehicle.SETTINGS, "voice-install --uninstall"),
        ("claude/.claude.json", SERVER, Vehicle.SETTINGS, "voice-install --uninstall"),
        ("project/.claude/settings.json", PLUGIN, Vehicle.PLUGIN, "-s project"),
        ("project/.claude/settings.local.json", PLUGIN, Vehicle.PLUGIN, "-s local"),
        ("project/.claude/settings.json", HOOKS, Vehicle.SETTINGS, "Take the narrator's hooks out"),
        ("project/.claude/settings.local.json", HOOKS, Vehicle.SETTINGS, "Take the narrator's hooks out"),
        ("project/.mcp.json", SERVER, Vehicle.SETTINGS, "claude mcp remove -s project voice"),
    ],
)
def test_the_other_way_is_refused_in_one_line_that_says_where_it_is_and_what_to_do(
    files: ClaudeFiles, project: Path, place: str, content: str, there: Vehicle, fix: str
) -> None:
    path = project.parent / place
    path.write_text(content)
    (other,) = (vehicle for vehicle in Vehicle if vehicle is not there)
    check_alone(there, files, project)
    with pytest.raises(BothWays) as refusal:
        check_alone(other, files, project)
    assert str(path) in refusal.value.problem
    assert fix in refusal.value.hint
    assert "nothing was changed" in refusal.value.hint
    assert "\n" not in str(refusal.value)


def test_a_project_that_claude_code_knows_is_looked_at_from_anywhere(
    files: ClaudeFiles, project: Path
) -> None:
    files.account.write_text(account(projects={str(project): {"hasTrustDialogAccepted": True}}))
    (project / ".claude" / "settings.json").write_text(HOOKS)
    with pytest.raises(BothWays, match=str(project)):
        check_alone(Vehicle.PLUGIN, files, project.parent)


def test_a_project_whose_folder_cannot_be_looked_at_is_passed_over(files: ClaudeFiles, project: Path) -> None:
    files.account.write_text(account(projects={"/" + "x" * 5000: {}, "/a\0b": {}, "": 7, str(project): {}}))
    (project / ".claude" / "settings.json").write_text(PLUGIN)
    assert [trace.vehicle for trace in traces(files, project.parent)] == [Vehicle.PLUGIN]


def test_a_server_of_one_project_alone_counts(files: ClaudeFiles, project: Path) -> None:
    files.account.write_text(account(projects={str(project): json.loads(SERVER)}))
    with pytest.raises(BothWays) as refusal:
        check_alone(Vehicle.PLUGIN, files, project.parent)
    assert f"-s local voice` in {project}" in refusal.value.hint


def test_in_the_home_folder_the_users_own_settings_are_counted_once(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    files = ClaudeFiles(tmp_path / ".claude" / "settings.json", tmp_path / ".claude.json")
    files.settings.write_text(HOOKS)
    assert [trace.path for trace in traces(files, tmp_path)] == [files.settings]


@pytest.mark.parametrize("content", ["[]", '{"hooks": 7}', '{"hooks": {"Stop": [null, {"hooks": 1}]}}', "{,"])
def test_a_project_file_that_makes_no_sense_is_none_of_our_business(
    files: ClaudeFiles, project: Path, content: str
) -> None:
    (project / ".claude" / "settings.json").write_text(content)
    (project / ".mcp.json").write_text(content)
    assert traces(files, project) == []
