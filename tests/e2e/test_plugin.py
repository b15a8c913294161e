"""`voice-install --plugin` against the real CLI in both versions: it works, alone, and leaves no trace."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from claude_narrator.daemon.gateway_address import gateway_address
from claude_narrator.install.plugin import marketplace_folder
from claude_narrator.install.plugin_files import PLUGIN_ID
from tests.e2e.claude_cli import User, ask, both_versions
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Text, ToolUse

pytestmark = pytest.mark.e2e

BEFORE = b'{\t"model" :"sonnet",\n\n "permissions": {"allow": [ "Read(x)"]},\r\n "someday": "caf\\u00e9"\n }'


@both_versions
def test_a_turn_is_heard_by_the_plugin_and_nothing_is_left_of_it_afterwards(
    api: MessagesApi, user: User
) -> None:
    api.script(
        [
            Text("I will look first.\n"),
            ToolUse("mcp__plugin_voice_voice__speak", {"text": "Lunch is ready."}),
        ],
        [Text("Nothing else is needed.")],
    )
    user.settings_file.parent.mkdir()
    user.settings_file.write_bytes(BEFORE)
    with Narrator(user) as narrator:
        narrator.install("--plugin")
        check_files(user, narrator)
        done = ask(user, "Hello.")
        assert done.returncode == 0, done.stderr
        narrator.wait_ended("Nothing else")
        texts = narrator.texts()
        assert sorted(texts) == ["I will look first.", "Lunch is ready.", "Nothing else is needed."]
        assert {heard.session for heard in narrator.heard()} == {done.result["session_id"]}
        narrator.run("voice-install", "--uninstall")
        assert user.settings_file.read_bytes() == BEFORE
        assert not marketplace_folder(narrator.paths).exists()
        assert files_with_token(user, narrator) == []
        assert PLUGIN_ID not in narrator.run(str(user.claude), "plugin", "list").stdout


def check_files(user: User, narrator: Narrator) -> None:
    """Claude Code finds nothing wrong with what was written, nor do we, and the token is the user's alone."""
    folder = marketplace_folder(narrator.paths)
    for path in (folder, folder / "plugins" / "voice"):
        narrator.run(str(user.claude), "plugin", "validate", "--strict", str(path))
    assert PLUGIN_ID in narrator.run("voice", "doctor").stdout
    holders = files_with_token(user, narrator)
    assert holders
    assert [path for path in holders if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def files_with_token(user: User, narrator: Narrator) -> list[Path]:
    """Return the files of user and narrator that hold the token, but for the one it is kept in."""
    token = gateway_address(narrator.paths).token.encode()
    files = (path for folder in (user.folder, narrator.home) for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path != narrator.paths.gateway and token in path.read_bytes()]


def test_installing_both_ways_is_refused_with_the_fix(user: User, narrator: Narrator) -> None:
    before = user.settings_file.read_bytes(), user.account_file.read_bytes()
    refused = narrator.run("voice-install", "--plugin", check=False)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "voice-install --uninstall" in refused.stderr
    assert (user.settings_file.read_bytes(), user.account_file.read_bytes()) == before
    assert not marketplace_folder(narrator.paths).exists()
    narrator.run("voice-install", "--uninstall")
    narrator.install("--plugin")
    with_plugin = user.settings_file.read_bytes()
    refused = narrator.run("voice-install", check=False)
    assert refused.returncode == 1
    assert PLUGIN_ID in refused.stderr
    assert user.settings_file.read_bytes() == with_plugin
