"""`voice-install` as a user runs it, from the command line to the sentence at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_narrator.daemon.gateway_address import GatewayAddress, gateway_address
from claude_narrator.daemon.protocol import Reload, Say
from claude_narrator.daemon.settings import load
from claude_narrator.install import doctor
from claude_narrator.install.claude_cli import claude_files
from claude_narrator.install.cli import main
from tests.install.answering_daemon import AnsweringDaemon, answering_gateway
from tests.install.home import Home


def test_it_wires_both_files_and_ends_with_a_sentence(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_text('{"model": "sonnet"}')
    assert main([]) == 0
    assert set(json.loads(home.settings.read_bytes())) == {"model", "hooks", "permissions"}
    server = json.loads(home.account.read_bytes())["mcpServers"]["voice"]
    assert Path(server["command"]).is_file()
    assert Path(server["args"][2]).is_file()
    assert [type(request) for request in daemon.requests[:2]] == [Reload, Say]
    assert isinstance(daemon.requests[1], Say)
    assert daemon.requests[1].wait
    shown = capsys.readouterr()
    assert "add the hook MessageDisplay" in shown.out
    assert shown.err == ""


def test_what_it_installs_it_takes_away_without_a_trace(home: Home, daemon: AnsweringDaemon) -> None:
    home.settings.write_bytes(b'{ "model":"sonnet" }\r\n')
    before = home.files()
    assert main([]) == 0
    assert main(["--uninstall"]) == 0
    after = {path: data for path, data in home.files().items() if not path.startswith("n/")}
    assert after == before
    assert main(["--uninstall"]) == 0


def test_a_dry_run_shows_the_change_and_makes_none(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings.write_text("{}")
    before = home.files()
    assert main(["--dry-run", "--language", "ja"]) == 0
    assert home.files() == before
    shown = capsys.readouterr().out
    assert '+    "MessageDisplay": [' in shown
    assert "speech.language = ja" in shown


def test_a_dry_run_shows_no_token(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    assert main(["--uninstall", "--dry-run"]) == 0
    assert home.settings.exists()
    assert gateway_address(home.paths).token not in capsys.readouterr().out


def test_language_and_voice_become_settings(home: Home, daemon: AnsweringDaemon) -> None:
    assert main(["--language", "ja", "--voice", "kokoro/jf_alpha"]) == 0
    speech = load(home.paths.settings_file).speech
    assert (speech.language, speech.voice) == ("ja", "kokoro/jf_alpha")


def test_a_voice_that_the_settings_list_for_a_server_can_be_chosen(
    home: Home, daemon: AnsweringDaemon
) -> None:
    settings_file = home.paths.settings_file
    settings_file.parent.mkdir(parents=True, exist_ok=True)
    settings_file.write_text('[engines.speech_server]\nurl = "http://a"\nvoices = "en:amy"\n')
    assert main(["--voice", "speech_server/amy"]) == 0
    assert load(settings_file).speech.voice == "speech_server/amy"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--language", "Japanese please"], "is no language tag"),
        (["--language", ""], "is no language tag"),
        (["--voice", "kokoro/jf_alfa"], "Did you mean 'kokoro/jf_alpha'?"),
        (["--voice", "../../etc/passwd"], "there is no voice"),
    ],
)
def test_a_language_or_voice_that_cannot_be_changes_nothing(
    home: Home, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    before = home.files()
    assert main(arguments) == 1
    assert problem in capsys.readouterr().err
    assert home.files() == before


def test_settings_with_a_mistake_are_named_before_anything_changes(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.paths.settings_file.parent.mkdir()
    home.paths.settings_file.write_text("[speech]\nlanguag = 'ja'\n")
    before = home.files()
    assert main([]) == 1
    assert "Did you mean 'speech.language'" in capsys.readouterr().err
    assert home.files() == before


def test_broken_settings_of_claude_code_are_refused_with_line_and_column(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_text('{\n  "model": "sonnet" // mine\n}')
    before = home.files()
    for arguments in ([], ["--plugin"], ["--dry-run"], ["--uninstall"], ["--language", "ja"]):
        assert main(arguments) == 1
        error = capsys.readouterr().err
        assert f"{home.settings} is not valid JSON: line 2, column 21" in error
        assert "Traceback" not in error
    assert home.files() == before


def test_a_claude_code_without_the_event_is_told_so_and_nothing_changes(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.install_claude("2.1.151 (Claude Code)")
    before = home.files()
    assert main([]) == 1
    error = capsys.readouterr().err
    assert "2.1.151" in error
    assert "2.1.152" in error
    assert "claude update" in error
    assert home.files() == before


@pytest.mark.parametrize("says", ["2.1.152 (Claude Code)", "10.0.0", "nothing of the kind"])
def test_a_claude_code_that_is_new_enough_or_silent_is_wired(
    home: Home, daemon: AnsweringDaemon, says: str
) -> None:
    home.install_claude(says)
    assert main([]) == 0
    assert home.settings.exists()


def test_without_claude_code_it_says_so_and_installs(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.commands / "claude").unlink()
    assert main([]) == 0
    assert "not found on PATH" in capsys.readouterr().out
    assert home.settings.exists()


def test_when_it_cannot_speak_it_says_why(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.refusal = {"code": "model_missing", "problem": "no Japanese voice", "hint": "voice models pull x"}
    assert main([]) == 0
    assert "could not speak: no Japanese voice. voice models pull x" in capsys.readouterr().err
    daemon.refusal = None
    daemon.status["player"] = {"sink": "none", "reason": "no sound device"}
    assert main([]) == 0
    assert "could not speak: no sound device" in capsys.readouterr().err
    daemon.status["player"] = {"sink": "device"}
    daemon.status["recent"] = [{"outcome": "failed: the engine crashed"}]
    assert main([]) == 0
    assert "could not speak: failed: the engine crashed" in capsys.readouterr().err


def test_another_folder_of_claude_codes_is_found_by_option_and_by_variable(
    home: Home, daemon: AnsweringDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_option, by_variable = home.folder / "option", home.folder / "variable"
    assert main(["--settings-dir", str(by_option)]) == 0
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(by_variable))
    assert main([]) == 0
    for folder in (by_option, by_variable):
        assert {path.name for path in folder.iterdir()} == {"settings.json", ".claude.json", "commands"}
    assert not home.settings.exists()


def test_a_check_passes_when_all_is_in_place_and_names_what_is_not(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    with answering_gateway(gateway_address(home.paths)):
        assert main(["--check"]) == 0
        capsys.readouterr()
        settings = json.loads(home.settings.read_bytes())
        del settings["hooks"]["Stop"]
        settings["hooks"]["SessionEnd"][0]["hooks"][0]["args"][2] = "/old/hooks/event.py"
        settings["permissions"]["allow"] = []
        home.settings.write_text(json.dumps(settings))
        home.account.write_text("{}")
        assert main(["--check"]) == 1
    problems = [line for line in capsys.readouterr().out.splitlines() if line.startswith("problem")]
    assert len(problems) == 4
    for what in ("hook Stop", "hook SessionEnd", "permission rule", "MCP server"):
        assert any(what in line and "voice-install" in line for line in problems)


def test_a_check_before_the_installation_makes_nothing(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = home.files()
    assert main(["--check"]) == 1
    assert "not wired" in capsys.readouterr().out
    assert home.files() == before


def test_a_check_names_a_daemon_that_is_down_and_a_port_that_is_not_ours(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    address = gateway_address(home.paths)
    assert main(["--check"]) == 1
    assert "no daemon runs" in capsys.readouterr().out
    with answering_gateway(GatewayAddress(address.port, "narrator_another")):
        assert main(["--check"]) == 1
    assert "has another token" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ({"disableAllHooks": True}, "disableAllHooks"),
        ({"allowedHttpHookUrls": []}, "allowedHttpHookUrls"),
        ({"allowedHttpHookUrls": ["https://*"]}, "allowedHttpHookUrls"),
        ({"permissions": {"deny": ["mcp__voice"]}}, "permissions.deny"),
    ],
)
def test_switches_that_silence_the_hooks_are_named(
    home: Home,
    daemon: AnsweringDaemon,
    capsys: pytest.CaptureFixture[str],
    setting: dict[str, object],
    problem: str,
) -> None:
    home.settings.write_text(json.dumps(setting))
    assert main([]) == 0
    assert problem in capsys.readouterr().err
    assert main(["--check"]) == 1
    assert problem in capsys.readouterr().out


def test_an_address_list_that_lets_us_through_is_no_problem(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings.write_text('{"allowedHttpHookUrls": ["http://127.0.0.1:*"]}')
    assert main([]) == 0
    assert capsys.readouterr().err == ""


def test_a_mistake_in_our_own_settings_is_told(
    home: Home, daemon: AnsweringDaemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    capsys.readouterr()
    home.paths.settings_file.write_text("[speech]\nrate = 99\n")
    assert main(["--check"]) == 1
    assert "config.toml: speech.rate is 99" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["allowManagedHooksOnly", "strictPluginOnlyCustomization", "disableAllHooks"])
def test_an_administrators_switches_are_named(
    home: Home, daemon: AnsweringDaemon, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    managed = home.folder / "managed-settings.json"
    managed.write_text(json.dumps({key: True}))
    monkeypatch.setattr(doctor, "managed_settings", lambda: managed)
    found = doctor.hindrances_for(claude_files(), gateway_address(home.paths))
    assert any(key in finding.text for finding in found)


def test_wrong_usage_is_told_and_exits_2(home: Home) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--check", "--uninstall"])
    assert exit_.value.code == 2


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    assert "voice-install --language ja" in capsys.readouterr().out
