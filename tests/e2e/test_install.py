"""`voice-install` against the real CLI: it works, and it leaves no trace."""

from __future__ import annotations

import json

import pytest

from tests.e2e.claude_cli import User, ask
from tests.e2e.hook_recorder import HookRecorder
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Text

pytestmark = pytest.mark.e2e


def odd_settings(hooks: HookRecorder) -> str:
    """Return settings as people leave them: foreign hooks, odd blanks, an unknown key, no last newline."""
    foreign = json.dumps(hooks.settings()["hooks"])
    return (
        '{\t"model" :"sonnet",\n\n   "hooks":  '
        + foreign
        + ',\r\n"permissions": {"allow": [ "Bash(ls:*)"]},\n'
        '      "someday": {"caf\\u00e9": "naïve ☕"}\n }'
    )


def test_uninstalling_gives_back_the_same_bytes_and_foreign_hooks_work_throughout(
    api: MessagesApi, user: User
) -> None:
    with HookRecorder() as foreign, Narrator(user) as narrator:
        before = odd_settings(foreign).encode()
        user.settings_file.parent.mkdir()
        user.settings_file.write_bytes(before)
        narrator.install()
        assert user.settings_file.read_bytes() != before
        api.script([Text("Both of us hear it.")])
        assert ask(user, "Hello.").returncode == 0
        narrator.wait_heard("Both of us")
        foreign.wait_shown("Both of us")
        narrator.run("voice-install", "--uninstall")
        assert user.settings_file.read_bytes() == before
        assert "voice" not in json.loads(user.account_file.read_text(encoding="utf-8")).get("mcpServers", {})


def test_the_cli_finds_nothing_wrong_with_the_wiring(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    listed = narrator.run(str(user.claude), "mcp", "list")
    assert "voice" in listed.stdout
    assert "Connected" in listed.stdout
    assert narrator.run("voice-install", "--check").returncode == 0


def test_installing_where_there_was_nothing_leaves_nothing(user: User) -> None:
    with Narrator(user) as narrator:
        narrator.install()
        assert user.settings_file.is_file()
        narrator.run("voice-install", "--uninstall")
        assert not user.settings_file.exists()


def test_after_uninstalling_a_session_does_not_start_the_daemon(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    narrator.run("voice-install", "--uninstall")
    if narrator.is_up():
        narrator.stop_daemon()
    api.script([Text("Nobody hears it.")])
    assert ask(user, "Hello.").returncode == 0
    assert not narrator.is_up()
