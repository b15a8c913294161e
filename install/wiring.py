"""What Claude Code must be told so that it calls the narrator, and how to know again that we told it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.daemon.gateway_address import TOKEN_PREFIX, GatewayAddress
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths
from claude_narrator.daemon.slash_commands import SLASH_COMMANDS

SERVER = "voice"
RULE = f"mcp__{SERVER}__*"
PLUGIN_RULE = f"mcp__plugin_{SERVER}_{SERVER}__*"
"""The same tools when a plugin called `voice` brings the server."""
_COMMAND_EVENTS = (
    "SessionStart",
    "UserPromptSubmit",
    "Stop",
    "StopFailure",
    "Notification",
    "SessionEnd",
    "SubagentStop",
    "PermissionRequest",
)
_CALLED = f"mcp__(plugin_{SERVER}_)?{SERVER}__.*|AskUserQuestion|ExitPlanMode"
"""A matcher is a regular expression; the bare server name matches no tool."""
_ASKED_FOR = (
    "Bash|PowerShell|Edit|MultiEdit|Write|NotebookEdit|WebFetch|WebSearch|"
    "AskUserQuestion|ExitPlanMode|mcp__.*"
)
"""Tools whose end answers the question whether they may run."""
_MATCHERS = {"PreToolUse": _CALLED, "PostToolUse": _ASKED_FOR, "PostToolUseFailure": _ASKED_FOR}
COMMAND_NAMES = tuple(command.name for command in SLASH_COMMANDS)
_ISOLATED = ["-I", "-S"]
_HOOK_TIMEOUT_S, _HTTP_TIMEOUT_S = 5, 2
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Wiring:
    """The absolute paths and the address that go into Claude Code's files.

    `commands` are the slash commands that are ours to answer; the user may have files of these names.
    """

    python: str
    hook: str
    slash: str
    bridge: str
    socket: str
    home: str
    address: GatewayAddress
    commands: tuple[str, ...] = COMMAND_NAMES

    def hooks(self) -> dict[str, dict[str, Any]]:
        """Return the group of hooks for each event."""
        command = self._command(self.hook)
        http = {
            "type": "http",
            "url": self.address.url,
            "timeout": _HTTP_TIMEOUT_S,
            "headers": {"Authorization": f"Bearer {self.address.token}"},
        }
        groups = {event: {"hooks": [command]} for event in _COMMAND_EVENTS}
        unwaited = {**command, "async": True}
        tools = {
            event: {"matcher": matcher, "hooks": [command if event == "PreToolUse" else unwaited]}
            for event, matcher in _MATCHERS.items()
        }
        named = f"^{SERVER}:({'|'.join(self.commands)})$"
        own_commands = {"matcher": named, "hooks": [self._command(self.slash)]}
        return {
            "MessageDisplay": {"hooks": [http]},
            **groups,
            **tools,
            "UserPromptExpansion": own_commands,
        }

    def server(self) -> dict[str, Any]:
        """Return the MCP server; `alwaysLoad` keeps its tools out of the tool search."""
        arguments = self._arguments(self.bridge)
        return {"type": "stdio", "command": self.python, "args": arguments, "alwaysLoad": True}

    def _command(self, script: str) -> dict[str, Any]:
        arguments = self._arguments(script)
        return {"type": "command", "command": self.python, "args": arguments, "timeout": _HOOK_TIMEOUT_S}

    def _arguments(self, script: str) -> list[str]:
        return [*_ISOLATED, script, self.socket, *(["--home", self.home] if self.home else [])]


def this_wiring(paths: Paths, address: GatewayAddress) -> Wiring:
    """Return the wiring of this installation.

    :raises BadInput: the path of the socket is too long.
    """
    home = os.environ.get(HOME_VARIABLE, "")
    return Wiring(
        python=os.path.abspath(
            sys.executable
        ),  # not resolved: a link into a venv is what makes it that venv's
        hook=str(_PACKAGE / "hooks" / "event.py"),
        slash=str(_PACKAGE / "hooks" / "slash.py"),
        bridge=str(_PACKAGE / "mcp_server" / "bridge.py"),
        socket=str(paths.socket),
        home=str(Path(home).expanduser().resolve()) if home else "",
        address=address,
    )


def is_ours(handler: Any) -> bool:
    """Whether a hook was written by some version of this installer."""
    if not isinstance(handler, dict):
        return False
    if handler.get("type") == "http":
        headers = handler.get("headers")
        return (
            isinstance(headers, dict)
            and str(headers.get("Authorization", "")).startswith(f"Bearer {TOKEN_PREFIX}")
            and str(handler.get("url", "")).startswith("http://127.0.0.1:")
        )
    scripts = ("/hooks/event.py", "/hooks/slash.py")
    return handler.get("type") == "command" and any(_runs(handler, script) for script in scripts)


def is_our_server(server: Any) -> bool:
    """Whether an MCP server was written by some version of this installer."""
    return isinstance(server, dict) and _runs(server, "/mcp_server/bridge.py")


def _runs(entry: dict[str, Any], script: str) -> bool:
    arguments = entry.get("args")
    return (
        isinstance(arguments, list)
        and len(arguments) >= 4
        and arguments[:2] == _ISOLATED
        and str(arguments[2]).endswith(script)
        and str(arguments[3]).endswith("/run/daemon.sock")
    )
