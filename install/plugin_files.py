"""The files of a Claude Code marketplace that holds one plugin: the narrator. Pure."""

from __future__ import annotations

import json
from typing import Any

from claude_narrator.install.command_files import command_files
from claude_narrator.install.wiring import SERVER, Wiring

MARKETPLACE = "claude-narrator"
PLUGIN = SERVER
PLUGIN_ID = f"{PLUGIN}@{MARKETPLACE}"
MANIFEST = ".claude-plugin/marketplace.json"
_ROOT = f"plugins/{PLUGIN}"
_DESCRIPTION = "Hear what Claude writes, in your own language, while it is still writing."
_OWNER = {"name": "Claude Narrator"}


def plugin_files(wiring: Wiring, version: str) -> dict[str, str]:
    """Return the text of each file of the marketplace by its path; the hooks hold the gateway's token."""
    plugin = {
        "name": PLUGIN,
        "version": version,
        "description": _DESCRIPTION,
        "author": _OWNER,
        "license": "Apache-2.0",
    }
    entry = {"name": PLUGIN, "source": f"./{_ROOT}", "description": _DESCRIPTION}
    marketplace = {
        "name": MARKETPLACE,
        "owner": _OWNER,
        "metadata": {"description": _DESCRIPTION},
        "plugins": [entry],
    }
    hooks = {"description": _DESCRIPTION, "hooks": {e: [group] for e, group in wiring.hooks().items()}}
    return {
        MANIFEST: _json(marketplace),
        f"{_ROOT}/.claude-plugin/plugin.json": _json(plugin),
        f"{_ROOT}/hooks/hooks.json": _json(hooks),
        f"{_ROOT}/.mcp.json": _json({"mcpServers": {SERVER: wiring.server()}}),
        **{f"{_ROOT}/commands/{name}": text for name, text in command_files(wiring.commands).items()},
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
