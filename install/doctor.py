"""Looks at everything that stands between Claude Code and the narrator, and changes nothing."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from claude_narrator.daemon.client import Client, DaemonDown, Refused
from claude_narrator.daemon.gateway_address import GatewayAddress, read_gateway_address
from claude_narrator.daemon.paths import Paths
from claude_narrator.daemon.protocol import Status
from claude_narrator.daemon.settings import load as load_settings
from claude_narrator.daemon.wire import ProtocolError
from claude_narrator.install.claude_cli import ClaudeFiles, check_version, claude_files, managed_settings
from claude_narrator.install.findings import REPAIR, Finding, Level, document_in, ok, problem
from claude_narrator.install.vehicles import Vehicle
from claude_narrator.install.wired import vehicle_of, wiring_findings, wiring_for
from claude_narrator.install.wiring import PLUGIN_RULE, RULE, Wiring
from claude_narrator.models.errors import NarratorError

_WILDCARD = "__*"


def checks(paths: Paths, files: ClaudeFiles | None = None) -> list[Finding]:
    """Return what was found, from Claude Code's version to the port that answers; never raises for it."""
    files = files or claude_files()
    found = [_version(), *_settings(paths)]
    try:
        address = read_gateway_address(paths)
        if address is None:
            return [*found, problem("Claude Code is not wired to the narrator", REPAIR)]
        wiring = wiring_for(paths, files, address)
        found += wiring_findings(paths, files, wiring)
        found += _files(wiring)
        found += hindrances_for(files, address, vehicle_of(paths, files))
        found += [_daemon(paths), _gateway(address)]
    except NarratorError as error:
        found.append(problem(error.problem, error.hint))
    return found


def hindrances_for(
    files: ClaudeFiles, address: GatewayAddress, vehicle: Vehicle = Vehicle.SETTINGS
) -> list[Finding]:
    """Return the switches, the user's and an administrator's, that keep the narrator from being called.

    :raises BadInput: the user's file is broken.
    """
    user = _hindrances(document_in(files.settings), str(files.settings), address)
    return [*user, *_managed(address, vehicle)]


def _hindrances(settings: dict[str, Any], where: str, address: GatewayAddress) -> list[Finding]:
    found = []
    if settings.get("disableAllHooks") is True:
        found.append(problem(f"{where}: disableAllHooks is true, so no hook runs", "Set it to false."))
    allowed = settings.get("allowedHttpHookUrls")
    if isinstance(allowed, list) and not any(fnmatchcase(address.url, str(pattern)) for pattern in allowed):
        hint = f'Add "http://127.0.0.1:*" or "{address.url}" to it.'
        found.append(problem(f"{where}: allowedHttpHookUrls shuts out the narrator's address", hint))
    permissions = settings.get("permissions")
    denied = permissions.get("deny") if isinstance(permissions, dict) else None
    ours = {form for rule in (RULE, PLUGIN_RULE) for form in (rule, rule.removesuffix(_WILDCARD))}
    if isinstance(denied, list) and any(isinstance(rule, str) and rule in ours for rule in denied):
        found.append(problem(f"{where}: permissions.deny forbids the narrator's tools", "Remove that rule."))
    return found


def _managed(address: GatewayAddress, vehicle: Vehicle) -> list[Finding]:
    path = managed_settings()
    try:
        settings = document_in(path)
    except NarratorError as error:
        return [Finding(Level.NOTE, error.problem)]
    found = _hindrances(settings, str(path), address)
    silencing = {"allowManagedHooksOnly": "Ask your administrator."}
    if vehicle is Vehicle.SETTINGS:
        silencing["strictPluginOnlyCustomization"] = "Ask your administrator, or install the plugin instead."
    for key, hint in silencing.items():
        if settings.get(key) is True:
            found.append(problem(f"{path}: {key} silences your own hooks", hint))
    return found


def _version() -> Finding:
    try:
        line = check_version()
        return Finding(Level.OK if line.startswith("Claude Code 2") else Level.NOTE, line)
    except NarratorError as error:
        return problem(error.problem, error.hint)


def _files(wiring: Wiring) -> Iterator[Finding]:
    for path in (wiring.hook, wiring.slash, wiring.bridge):
        if not Path(path).is_file():
            yield problem(f"{path} does not exist", "Install Claude Narrator again.")
    if not os.access(wiring.python, os.X_OK):
        yield problem(f"{wiring.python} cannot be run", "Install Claude Narrator again.")


def _settings(paths: Paths) -> Iterator[Finding]:
    try:
        load_settings(paths.settings_file)
    except NarratorError as error:
        yield problem(error.problem, error.hint)


def _daemon(paths: Paths) -> Finding:
    try:
        with Client(paths.socket) as client:
            status = client.call(Status())
    except DaemonDown:
        hint = "The next session starts it; `voice daemon start` does now."
        return problem("no daemon runs", hint)
    except Refused as refusal:
        return problem(f"the daemon refuses: {refusal.problem}", refusal.hint)
    except ProtocolError as error:
        return problem(f"the daemon answers nonsense: {error}", "Run `voice daemon stop`.")
    return ok(f"daemon {status.get('version', '')}, pid {status.get('pid', '?')}")


def _gateway(address: GatewayAddress) -> Finding:
    """Ask with a method that the gateway refuses after it has checked the token."""
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=2)
    try:
        connection.request("GET", "/hook", headers={"Authorization": f"Bearer {address.token}"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return problem(f"nothing answers on port {address.port}", "`voice log` says why.")
    finally:
        connection.close()
    if status == http.HTTPStatus.METHOD_NOT_ALLOWED:
        return ok(f"http gateway on port {address.port}")
    hint = "Run `voice daemon stop`, then voice-install."
    return problem(f"port {address.port} is not the narrator's, or has another token", hint)
