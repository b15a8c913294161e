"""Looks at everything that stands between Claude Code and the narrator, and changes nothing."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from claude_narrator.daemon.client import Client, DaemonDown, Refused
from claude_narrator.daemon.gateway_address import GatewayAddress, read_gateway_address
from claude_narrator.daemon.paths import Paths
from claude_narrator.daemon.protocol import ProtocolError, Status
from claude_narrator.install import json_text
from claude_narrator.install.claude_cli import ClaudeFiles, check_version, claude_files, managed_settings
from claude_narrator.install.settings_file import read
from claude_narrator.install.wiring import RULE, SERVER, Wiring, this_wiring
from claude_narrator.models.errors import BadInput, NarratorError

_REPAIR = "Run voice-install."


class Level(StrEnum):
    """How much a finding matters; only a problem keeps the narrator from being heard."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `text` says how it is, `hint` what to do about it, or nothing."""

    level: Level
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.level:<8} {self.text}{'. ' + self.hint if self.hint else ''}"


def checks(paths: Paths, files: ClaudeFiles | None = None) -> list[Finding]:
    """Return what was found, from Claude Code's version to the port that answers; never raises for it."""
    files = files or claude_files()
    found = [_version()]
    try:
        address = read_gateway_address(paths)
        if address is None:
            return [*found, _problem("Claude Code is not wired to the narrator", _REPAIR)]
        wiring = this_wiring(paths, address)
        settings = _document(files.settings)
        found += [*_hooks(settings, wiring), _rule(settings), _server(_document(files.account), wiring)]
        found += _files(wiring)
        found += hindrances_for(files, address)
        found += [_daemon(paths), _gateway(address)]
    except NarratorError as error:
        found.append(_problem(error.problem, error.hint))
    return found


def hindrances_for(files: ClaudeFiles, address: GatewayAddress) -> list[Finding]:
    """Return the switches, the user's and an administrator's, that keep the narrator from being called.

    :raises BadInput: the user's file is broken.
    """
    return [*_hindrances(_document(files.settings), str(files.settings), address), *_managed(address)]


def _hindrances(settings: Any, where: str, address: GatewayAddress) -> list[Finding]:
    found = []
    if settings.get("disableAllHooks") is True:
        found.append(_problem(f"{where}: disableAllHooks is true, so no hook runs", "Set it to false."))
    allowed = settings.get("allowedHttpHookUrls")
    if isinstance(allowed, list) and not any(fnmatchcase(address.url, str(pattern)) for pattern in allowed):
        hint = f'Add "http://127.0.0.1:*" or "{address.url}" to it.'
        found.append(_problem(f"{where}: allowedHttpHookUrls shuts out the narrator's address", hint))
    permissions = settings.get("permissions")
    denied = permissions.get("deny") if isinstance(permissions, dict) else None
    ours = {RULE, f"mcp__{SERVER}"}
    if isinstance(denied, list) and any(isinstance(rule, str) and rule in ours for rule in denied):
        found.append(_problem(f"{where}: permissions.deny forbids the narrator's tools", "Remove that rule."))
    return found


def _managed(address: GatewayAddress) -> list[Finding]:
    path = managed_settings()
    try:
        settings = _document(path)
    except NarratorError as error:
        return [Finding(Level.NOTE, error.problem)]
    found = _hindrances(settings, str(path), address)
    for key in ("allowManagedHooksOnly", "strictPluginOnlyCustomization"):
        if settings.get(key) is True:
            found.append(_problem(f"{path}: {key} silences your own hooks", "Ask your administrator."))
    return found


def _version() -> Finding:
    try:
        line = check_version()
        return Finding(Level.OK if line.startswith("Claude Code 2") else Level.NOTE, line)
    except NarratorError as error:
        return _problem(error.problem, error.hint)


def _hooks(settings: Any, wiring: Wiring) -> Iterator[Finding]:
    hooks = settings.get("hooks")
    for event, group in wiring.hooks().items():
        groups = hooks.get(event) if isinstance(hooks, dict) else None
        if isinstance(groups, list) and any(_contains(found, group) for found in groups):
            yield Finding(Level.OK, f"hook {event}")
        else:
            yield _problem(f"hook {event} is missing or points elsewhere", _REPAIR)


def _contains(found: Any, group: dict[str, Any]) -> bool:
    same_matcher = isinstance(found, dict) and found.get("matcher") == group.get("matcher")
    return same_matcher and isinstance(found.get("hooks"), list) and group["hooks"][0] in found["hooks"]


def _rule(settings: Any) -> Finding:
    permissions = settings.get("permissions")
    allowed = permissions.get("allow") if isinstance(permissions, dict) else None
    if isinstance(allowed, list) and RULE in allowed:
        return Finding(Level.OK, f"permission rule {RULE}")
    return _problem(f"permission rule {RULE} is missing", _REPAIR)


def _server(account: Any, wiring: Wiring) -> Finding:
    servers = account.get("mcpServers")
    if isinstance(servers, dict) and servers.get(SERVER) == wiring.server():
        return Finding(Level.OK, f"MCP server {SERVER}")
    return _problem(f"MCP server {SERVER} is missing or points elsewhere", _REPAIR)


def _files(wiring: Wiring) -> Iterator[Finding]:
    for path in (wiring.hook, wiring.bridge):
        if not Path(path).is_file():
            yield _problem(f"{path} does not exist", "Install Claude Narrator again.")
    if not os.access(wiring.python, os.X_OK):
        yield _problem(f"{wiring.python} cannot be run", "Install Claude Narrator again.")


def _daemon(paths: Paths) -> Finding:
    try:
        with Client(paths.socket) as client:
            status = client.call(Status())
    except DaemonDown:
        hint = "The next session starts it; `voice daemon start` does now."
        return _problem("no daemon runs", hint)
    except Refused as refusal:
        return _problem(f"the daemon refuses: {refusal.problem}", refusal.hint)
    except ProtocolError as error:
        return _problem(f"the daemon answers nonsense: {error}", "Run `voice daemon stop`.")
    return Finding(Level.OK, f"daemon {status.get('version', '')}, pid {status.get('pid', '?')}")


def _gateway(address: GatewayAddress) -> Finding:
    """Ask with a method that the gateway refuses after it has checked the token."""
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=2)
    try:
        connection.request("GET", "/hook", headers={"Authorization": f"Bearer {address.token}"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return _problem(f"nothing answers on port {address.port}", "`voice log` says why.")
    finally:
        connection.close()
    if status == http.HTTPStatus.METHOD_NOT_ALLOWED:
        return Finding(Level.OK, f"http gateway on port {address.port}")
    hint = "Run `voice daemon stop`, then voice-install."
    return _problem(f"port {address.port} is not the narrator's, or has another token", hint)


def _document(path: Path) -> Any:
    data = read(path).data
    document = json_text.parse(data, str(path))[1] if data is not None else {}
    if not isinstance(document, dict):
        raise BadInput(f"{path} holds no JSON object", "Repair it.")
    return document


def _problem(text: str, hint: str) -> Finding:
    return Finding(Level.PROBLEM, text, hint)


def to_json(findings: list[Finding]) -> str:
    """Return the findings as a JSON list of objects with `level`, `text` and `hint`."""
    return json.dumps([{"level": f.level, "text": f.text, "hint": f.hint} for f in findings], indent=2)
