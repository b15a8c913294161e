"""`voice-install --plugin` as a user runs it, with a stand-in for Claude Code's own command."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon.gateway_address import gateway_address
from claude_narrator.install.cli import main
from claude_narrator.install.plugin import marketplace_folder
from claude_narrator.install.plugin_files import MARKETPLACE, PLUGIN_ID
from claude_narrator.install.wiring import PLUGIN_RULE, RULE
from tests.install.answering_daemon import AnsweringDaemon, answering_gateway
from tests.install.home import Home

ODD = b'{ "model":"sonnet",\t"permissions" : {"allow":[]} }\r\n'


def without_narrator(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not path.startswith("n/")}


def settings_of(home: Home) -> Any:
    return json.loads(home.settings.read_bytes())


def test_it_has_claude_code_install_the_plugin_and_allows_its_tools(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_bytes(ODD)
    assert main(["--plugin"]) == 0
    settings = settings_of(home)
    assert settings["enabledPlugins"] == {PLUGIN_ID: True}
    assert settings["permissions"]["allow"] == [PLUGIN_RULE]
    assert "hooks" not in settings
    assert not home.account.exists()
    folder = marketplace_folder(home.paths)
    assert settings["extraKnownMarketplaces"][MARKETPLACE]["source"]["path"] == str(folder)
    assert "/reload-plugins" in capsys.readouterr().out


@pytest.mark.parametrize(
    "before", [ODD, b"{}", b'{"enabledPlugins": {}}', b'{"enabledPlugins": {"x@y": true}}', None]
)
def test_what_the_plugin_took_it_gives_back(
    home: Home, daemon: AnsweringDaemon, before: bytes | None
) -> None:
    if before is not None:
        home.settings.write_bytes(before)
    files = home.files()
    assert main(["--plugin"]) == 0
    assert main(["--uninstall"]) == 0
    assert without_narrator(home.files()) == files
    assert not marketplace_folder(home.paths).exists()
    assert main(["--uninstall"]) == 0


def test_what_the_user_has_changed_since_stays(home: Home, daemon: AnsweringDaemon) -> None:
    home.settings.write_bytes(ODD)
    assert main(["--plugin"]) == 0
    changed = settings_of(home) | {"theme": "dark"}
    changed["enabledPlugins"]["x@y"] = True
    home.settings.write_text(json.dumps(changed))
    assert main(["--uninstall"]) == 0
    expected = {
        "model": "sonnet",
        "permissions": {"allow": []},
        "theme": "dark",
        "enabledPlugins": {"x@y": True},
    }
    assert settings_of(home) == expected


def test_only_the_user_may_read_the_token(home: Home, daemon: AnsweringDaemon) -> None:
    assert main(["--plugin"]) == 0
    token = gateway_address(home.paths).token.encode()
    holders = [path for path, data in home.files().items() if token in data]
    assert len(holders) == 3
    assert all(stat.S_IMODE((home.folder / path).stat().st_mode) == 0o600 for path in holders)


def test_a_second_time_changes_nothing(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--plugin"]) == 0
    files = home.files()
    assert main(["--plugin"]) == 0
    assert home.files() == files
    assert "in place already" in capsys.readouterr().out


def test_an_upgrade_writes_what_is_new_and_removes_what_is_no_more(
    home: Home, daemon: AnsweringDaemon
) -> None:
    home.settings.write_bytes(ODD)
    assert main(["--plugin"]) == 0
    root = marketplace_folder(home.paths) / "plugins" / "voice"
    (root / ".mcp.json").write_text("{}")
    (root / "commands" / "old.md").write_text("old")
    assert main(["--plugin"]) == 0
    assert "voice" in json.loads((root / ".mcp.json").read_text())["mcpServers"]
    assert not (root / "commands" / "old.md").exists()
    assert main(["--uninstall"]) == 0
    assert home.settings.read_bytes() == ODD


def test_a_dry_run_shows_files_and_commands_and_makes_none(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = home.files()
    assert main(["--plugin", "--dry-run"]) == 0
    assert home.files() == before
    shown = capsys.readouterr().out
    assert '+  "name": "claude-narrator"' in shown
    assert f"claude plugin install {PLUGIN_ID}" in shown
    assert PLUGIN_RULE in shown


def test_a_dry_run_of_the_removal_shows_no_token(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--plugin"]) == 0
    files = home.files()
    capsys.readouterr()
    assert main(["--uninstall", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert home.files() == files
    assert f"claude plugin uninstall {PLUGIN_ID}" in shown
    assert gateway_address(home.paths).token not in shown


@pytest.mark.parametrize("refused", ["marketplace add", "install"])
def test_when_claude_code_refuses_nothing_is_left(
    home: Home, capsys: pytest.CaptureFixture[str], refused: str
) -> None:
    home.settings.write_bytes(ODD)
    (home.settings.parent / "refuses").write_text(f"plugin {refused}")
    before = home.files()
    assert main(["--plugin"]) == 1
    assert "The stand-in refuses" in capsys.readouterr().err
    assert without_narrator(home.files()) == before
    assert not marketplace_folder(home.paths).exists()


def test_when_claude_code_cannot_remove_it_the_settings_are_freed_all_the_same(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_bytes(ODD)
    assert main(["--plugin"]) == 0
    (home.settings.parent / "refuses").write_text("plugin")
    assert main(["--uninstall"]) == 0
    assert "The stand-in refuses" in capsys.readouterr().err
    assert home.settings.read_bytes() == ODD


def test_without_claude_code_there_is_no_plugin(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (home.commands / "claude").unlink()
    before = home.files()
    assert main(["--plugin"]) == 1
    assert "not found on PATH" in capsys.readouterr().err
    assert without_narrator(home.files()) == before


def test_another_folder_of_claude_codes_is_told_to_its_command(home: Home, daemon: AnsweringDaemon) -> None:
    other = home.folder / "other"
    assert main(["--plugin", "--settings-dir", str(other)]) == 0
    assert json.loads((other / "settings.json").read_bytes())["enabledPlugins"] == {PLUGIN_ID: True}
    assert not home.settings.exists()


@pytest.mark.parametrize(("first", "second"), [([], ["--plugin"]), (["--plugin"], [])])
def test_the_second_way_is_refused_with_the_fix_and_changes_nothing(
    home: Home,
    daemon: AnsweringDaemon,
    capsys: pytest.CaptureFixture[str],
    first: list[str],
    second: list[str],
) -> None:
    assert main(first) == 0
    before = home.files()
    for arguments in (second, [*second, "--dry-run"], [*second, "--language", "ja"]):
        capsys.readouterr()
        assert main(arguments) == 1
        error = capsys.readouterr().err
        assert str(home.settings) in error
        assert "voice-install --uninstall" in error
        assert home.files() == before
    assert main(["--uninstall"]) == 0
    assert main(second) == 0


def test_a_check_knows_the_plugin_and_names_what_is_wrong_with_it(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--plugin"]) == 0
    with answering_gateway(gateway_address(home.paths)):
        assert main(["--check"]) == 0
        assert PLUGIN_ID in capsys.readouterr().out
        settings = settings_of(home)
        settings["enabledPlugins"][PLUGIN_ID] = False
        settings["permissions"]["allow"] = []
        home.settings.write_text(json.dumps(settings))
        (marketplace_folder(home.paths) / "plugins" / "voice" / ".mcp.json").unlink()
        assert main(["--check"]) == 1
    problems = [line for line in capsys.readouterr().out.splitlines() if line.startswith("problem")]
    assert len(problems) == 3
    for what in (".mcp.json", "not enabled", "permission rule"):
        assert any(what in line and "voice-install --plugin" in line for line in problems)
    assert main(["--plugin"]) == 0
    assert settings_of(home)["enabledPlugins"][PLUGIN_ID] is True


def test_a_check_names_a_plugin_that_was_switched_on_by_hand_beside_the_hooks(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    home.settings.write_text(json.dumps({**settings_of(home), "enabledPlugins": {PLUGIN_ID: True}}))
    with answering_gateway(gateway_address(home.paths)):
        capsys.readouterr()
        assert main(["--check"]) == 1
    (problem,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("problem")]
    assert PLUGIN_ID in problem
    assert "voice-install --uninstall" in problem
    assert main(["--uninstall"]) == 0
    assert not home.settings.exists()


def test_the_slash_commands_come_and_go_with_the_settings(home: Home, daemon: AnsweringDaemon) -> None:
    commands = home.settings.parent / "commands" / "voice"
    assert main([]) == 0
    assert "description" in (commands / "stop.md").read_text()
    assert main(["--uninstall"]) == 0
    assert not commands.parent.exists()


def test_a_command_of_the_users_own_stays_and_is_his_to_answer(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = home.settings.parent / "commands" / "voice" / "stop.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("Stop the build.")
    assert main([]) == 0
    assert f"{mine} is yours" in capsys.readouterr().err
    (group,) = settings_of(home)["hooks"]["UserPromptExpansion"]
    assert "stop" not in group["matcher"]
    assert "mute" in group["matcher"]
    assert main(["--uninstall"]) == 0
    assert mine.read_text() == "Stop the build."
    assert [path.name for path in mine.parent.iterdir()] == ["stop.md"]


def test_a_command_of_ours_that_the_user_has_changed_stays(home: Home, daemon: AnsweringDaemon) -> None:
    assert main([]) == 0
    stop = home.settings.parent / "commands" / "voice" / "stop.md"
    stop.write_text(stop.read_text() + "And go home.")
    assert main(["--uninstall"]) == 0
    assert stop.exists()
    assert not stop.with_name("mute.md").exists()


def test_a_command_of_an_older_version_goes_when_there_is_none_of_the_name_any_more(
    home: Home, daemon: AnsweringDaemon
) -> None:
    from claude_narrator.install.originals import keep

    assert main([]) == 0
    old: Path = home.settings.parent / "commands" / "voice" / "older.md"
    old.write_bytes(b"older")
    keep(home.paths, old, None, b"older")
    assert main([]) == 0
    assert not old.exists()
    assert RULE in settings_of(home)["permissions"]["allow"]
