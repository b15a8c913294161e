"""Looks at the way by which Claude Code is wired, its settings or the plugin, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from claude_narrator.daemon.gateway_address import GatewayAddress
from claude_narrator.daemon.paths import Paths, working_folder
from claude_narrator.install import plugin
from claude_narrator.install.claude_cli import ClaudeFiles
from claude_narrator.install.command_edits import foreign_commands, own_commands
from claude_narrator.install.command_files import command_files
from claude_narrator.install.findings import REPAIR, Finding, Level, document_in, ok, problem
from claude_narrator.install.plugin_files import PLUGIN_ID, plugin_files
from claude_narrator.install.settings_file import read
from claude_narrator.install.vehicles import BothWays, Vehicle, check_alone, plugin_is_enabled, traces
from claude_narrator.install.wiring import PLUGIN_RULE, RULE, SERVER, Wiring, this_wiring

_REPAIR_PLUGIN = "Run voice-install --plugin."


def vehicle_of(paths: Paths, files: ClaudeFiles) -> Vehicle:
    """Return how Claude Code is wired: by the plugin if that alone is there, else by its settings.

    :raises BadInput: the user's settings are broken.
    """
    used = {trace.vehicle for trace in traces(files, here())}
    is_plugin = Vehicle.PLUGIN in used or plugin.is_present(paths, files)
    return Vehicle.PLUGIN if is_plugin and Vehicle.SETTINGS not in used else Vehicle.SETTINGS


def wiring_findings(paths: Paths, files: ClaudeFiles, wiring: Wiring) -> Iterator[Finding]:
    """Yield how hooks, MCP server, permission rule and slash commands are.

    :raises BadInput: one of the user's files is broken.
    """
    settings, vehicle = document_in(files.settings), vehicle_of(paths, files)
    yield from _both(vehicle, files)
    yield from foreign_findings(paths, files)
    if vehicle is Vehicle.PLUGIN:
        yield from _plugin(paths, settings, wiring)
        return
    yield from _hooks(settings, wiring)
    yield _rule(settings, RULE, REPAIR)
    yield _server(document_in(files.account), wiring)
    yield from _commands(paths, files)


def here() -> Path:
    """Return the folder of the project that is looked at: the working folder, or home when it is gone."""
    return Path(working_folder() or Path.home())


def _both(vehicle: Vehicle, files: ClaudeFiles) -> Iterator[Finding]:
    try:
        check_alone(vehicle, files, here())
    except BothWays as both:
        yield problem(both.problem, both.hint)


def _plugin(paths: Paths, settings: dict[str, Any], wiring: Wiring) -> Iterator[Finding]:
    folder = plugin.marketplace_folder(paths)
    wanted = plugin_files(wiring, version("claude-narrator"))
    wrong = [name for name, text in wanted.items() if read(folder / name).data != text.encode()]
    if wrong:
        yield problem(f"{folder / wrong[0]} is missing or says something else", _REPAIR_PLUGIN)
    else:
        yield ok(f"plugin in {folder}: hooks, MCP server {SERVER}, slash commands")
    if plugin_is_enabled(settings):
        yield ok(f"plugin {PLUGIN_ID} is enabled")
    else:
        yield problem(f"the plugin {PLUGIN_ID} is not enabled", _REPAIR_PLUGIN)
    yield _rule(settings, PLUGIN_RULE, _REPAIR_PLUGIN)


def _hooks(settings: dict[str, Any], wiring: Wiring) -> Iterator[Finding]:
    hooks = settings.get("hooks")
    for event, group in wiring.hooks().items():
        groups = hooks.get(event) if isinstance(hooks, dict) else None
        if isinstance(groups, list) and any(_contains(found, group) for found in groups):
            yield ok(f"hook {event}")
        else:
            yield problem(f"hook {event} is missing or points elsewhere", REPAIR)


def _contains(found: Any, group: dict[str, Any]) -> bool:
    same_matcher = isinstance(found, dict) and found.get("matcher") == group.get("matcher")
    return same_matcher and isinstance(found.get("hooks"), list) and group["hooks"][0] in found["hooks"]


def _rule(settings: dict[str, Any], rule: str, repair: str) -> Finding:
    permissions = settings.get("permissions")
    allowed = permissions.get("allow") if isinstance(permissions, dict) else None
    if isinstance(allowed, list) and rule in allowed:
        return ok(f"permission rule {rule}")
    return problem(f"permission rule {rule} is missing", repair)


def _server(account: dict[str, Any], wiring: Wiring) -> Finding:
    servers = account.get("mcpServers")
    if isinstance(servers, dict) and servers.get(SERVER) == wiring.server():
        return ok(f"MCP server {SERVER}")
    return problem(f"MCP server {SERVER} is missing or points elsewhere", REPAIR)


def _commands(paths: Paths, files: ClaudeFiles) -> Iterator[Finding]:
    wanted = command_files(own_commands(paths, files))
    wrong = [name for name, text in wanted.items() if read(files.commands / name).data != text.encode()]
    if wrong:
        yield problem(f"{files.commands / wrong[0]} is missing or out of date", REPAIR)
    else:
        yield ok(f"slash commands in {files.commands}")


def foreign_findings(paths: Paths, files: ClaudeFiles) -> list[Finding]:
    """Return the files of the user's own that stand in the place of slash commands of ours.

    :raises NarratorError: one cannot be read.
    """
    hint = "Rename it if you want the narrator's."
    return [
        Finding(Level.NOTE, f"{path} is yours, so /voice:{path.stem} is not the narrator's", hint)
        for path in foreign_commands(paths, files)
    ]


def wiring_for(paths: Paths, files: ClaudeFiles, address: GatewayAddress) -> Wiring:
    """Return the wiring of this installation for this user.

    :raises BadInput: the path of the socket is too long.
    :raises NarratorError: a file of a slash command cannot be read.
    """
    return replace(this_wiring(paths, address), commands=own_commands(paths, files))
