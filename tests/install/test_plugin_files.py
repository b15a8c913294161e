"""The plugin says the same as the settings do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from claude_narrator.install.command_files import command_files
from claude_narrator.install.plugin_files import MARKETPLACE, plugin_files
from tests.install.wirings import wiring

ROOT = "plugins/voice"


def written(name: str) -> Any:
    return json.loads(plugin_files(wiring(), "1.2.3")[f"{ROOT}/{name}"])


def test_the_marketplace_leads_to_the_plugin() -> None:
    files = plugin_files(wiring(), "1.2.3")
    marketplace = json.loads(files[".claude-plugin/marketplace.json"])
    (entry,) = marketplace["plugins"]
    assert (marketplace["name"], entry["name"], entry["source"]) == (MARKETPLACE, "voice", f"./{ROOT}")
    assert written(".claude-plugin/plugin.json")["version"] == "1.2.3"


def test_hooks_and_server_are_those_of_the_settings() -> None:
    assert written("hooks/hooks.json")["hooks"] == {e: [group] for e, group in wiring().hooks().items()}
    assert written(".mcp.json") == {"mcpServers": {"voice": wiring().server()}}


def test_each_slash_command_has_a_file_that_the_model_does_not_call() -> None:
    files = plugin_files(wiring(), "1.2.3")
    commands = {path: text for path, text in files.items() if "/commands/" in path}
    assert set(commands) == {f"{ROOT}/commands/stop.md", f"{ROOT}/commands/mute.md"}
    for text in commands.values():
        _, front, body = text.split("---\n")
        assert "disable-model-invocation: true" in front
        assert "voice doctor" in body


def test_the_argument_of_a_command_is_hinted_at() -> None:
    files = command_files(("mute", "stop"))
    assert 'argument-hint: "[5m]' in files["mute.md"]
    assert "argument-hint" not in files["stop.md"]


def test_a_command_that_is_not_ours_to_answer_has_no_file() -> None:
    own = replace(wiring(), commands=("stop",))
    assert set(command_files(own.commands)) == {"stop.md"}
    assert [path for path in plugin_files(own, "1") if "/commands/" in path] == [f"{ROOT}/commands/stop.md"]
