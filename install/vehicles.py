"""The two ways to wire Claude Code, its settings or a plugin: which of them are there, and never both.

With both, each event would reach the daemon twice: Claude Code runs identical hooks of several files once,
but not those of a plugin. A file of a project counts too, for its hooks run beside the user's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from claude_narrator.install.claude_cli import ClaudeFiles
from claude_narrator.install.findings import document_in
from claude_narrator.install.plugin_files import PLUGIN_ID
from claude_narrator.install.wiring import SERVER, is_our_server, is_ours
from claude_narrator.models.errors import NarratorError


class Vehicle(StrEnum):
    """What carries the hooks and the MCP server into Claude Code."""

    SETTINGS = "settings"
    PLUGIN = "plugin"


@dataclass(frozen=True, slots=True)
class Trace:
    """That a vehicle is in use: `what` was found in `path`, and how to take it out."""

    vehicle: Vehicle
    path: Path
    what: str
    removal: str


class BothWays(NarratorError):
    """Claude Code is wired the other way already."""

    code = "both_ways"


def check_alone(vehicle: Vehicle, files: ClaudeFiles, folder: Path) -> None:
    """Make sure that only `vehicle` is or will be in use, for the user and in `folder`.

    :raises BothWays: the other is; says where, and how to remove it.
    """
    for trace in traces(files, folder):
        if trace.vehicle is not vehicle:
            raise BothWays(
                f"{trace.path} has {trace.what}, and with both ways everything would be said twice",
                f"{trace.removal}, then run this again; nothing was changed.",
            )


def traces(files: ClaudeFiles, folder: Path) -> list[Trace]:
    """Return what is in use: of the user, and of `folder` and the projects that Claude Code knows.

    A file that cannot be read has nothing in use.
    """
    removal = "Run voice-install --uninstall"
    found = list(_in_settings(files.settings, removal, removal))
    account = _document(files.account)
    found += _in_account(account, files.account)
    for project in dict.fromkeys([str(folder), *_mapping(account.get("projects"))]):
        found += _in_project(Path(project), files)
    return found


def plugin_is_enabled(settings: Mapping[str, Any]) -> bool:
    """Whether a `settings.json` switches the plugin on."""
    return _mapping(settings.get("enabledPlugins")).get(PLUGIN_ID) is True


def has_our_hooks(settings: Mapping[str, Any]) -> bool:
    """Whether a `settings.json` holds a hook of ours."""
    groups = [
        group
        for each in _mapping(settings.get("hooks")).values()
        for group in (each if isinstance(each, list) else [])
    ]
    handlers = [_mapping(group).get("hooks") for group in groups]
    return any(is_ours(handler) for each in handlers if isinstance(each, list) for handler in each)


def _in_account(account: Mapping[str, Any], path: Path) -> Iterator[Trace]:
    if is_our_server(_mapping(account.get("mcpServers")).get(SERVER)):
        yield Trace(Vehicle.SETTINGS, path, f"the MCP server {SERVER}", "Run voice-install --uninstall")
    for name, project in _mapping(account.get("projects")).items():
        if is_our_server(_mapping(_mapping(project).get("mcpServers")).get(SERVER)):
            removal = f"Run `claude mcp remove -s local {SERVER}` in {name}"
            yield Trace(Vehicle.SETTINGS, path, f"the MCP server {SERVER} for {name}", removal)


def _in_project(project: Path, files: ClaudeFiles) -> Iterator[Trace]:
    for name, scope in (("settings.json", "project"), ("settings.local.json", "local")):
        path = project / ".claude" / name
        if not _same(path, files.settings):
            disable = f"Run `claude plugin uninstall {PLUGIN_ID} -s {scope}` in {project}"
            yield from _in_settings(path, "Take the narrator's hooks out of it", disable)
    servers = _mapping(_document(project / ".mcp.json").get("mcpServers"))
    if is_our_server(servers.get(SERVER)):
        removal = f"Run `claude mcp remove -s project {SERVER}` in {project}"
        yield Trace(Vehicle.SETTINGS, project / ".mcp.json", f"the MCP server {SERVER}", removal)


def _in_settings(path: Path, without_hooks: str, without_plugin: str) -> Iterator[Trace]:
    settings = _document(path)
    if has_our_hooks(settings):
        yield Trace(Vehicle.SETTINGS, path, "the narrator's hooks", without_hooks)
    if plugin_is_enabled(settings):
        yield Trace(Vehicle.PLUGIN, path, f"the plugin {PLUGIN_ID} enabled", without_plugin)


def _document(path: Path) -> dict[str, Any]:
    try:
        return document_in(path)
    except (NarratorError, OSError, ValueError):  # a project may be named by what is no path here
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return one == other
