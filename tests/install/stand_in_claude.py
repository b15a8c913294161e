"""A stand-in for Claude Code's command: its version, and what `claude plugin` does to the user's settings.

As the real one (2.1.197, 2.1.328) it writes the whole file anew, and leaves empty objects and a copy behind.
It is run as `stand_in_claude.py VERSION ARGUMENTS`; a file `refuses` beside the settings names what fails.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude")
SETTINGS = FOLDER / "settings.json"
COPY = FOLDER / "plugins" / "cache" / "claude-narrator" / "voice" / "0.1.0"


def main(version: str, *arguments: str) -> None:
    if arguments == ("--version",):
        print(version)
        return
    command = " ".join(arguments)
    refuses = FOLDER / "refuses"
    if refuses.exists() and refuses.read_text() in command:
        sys.exit("Something to be read\nThe stand-in refuses")
    FOLDER.mkdir(exist_ok=True)
    settings = json.loads(SETTINGS.read_text()) if SETTINGS.exists() else {}
    change(settings, *arguments)
    SETTINGS.write_text(json.dumps(settings, indent=2, ensure_ascii=False))


def change(settings: dict[str, Any], *arguments: str) -> None:
    known = settings.setdefault("extraKnownMarketplaces", {})
    enabled = settings.setdefault("enabledPlugins", {})
    match arguments:
        case ("plugin", "marketplace", "add", folder):
            marketplace = json.loads((Path(folder) / ".claude-plugin" / "marketplace.json").read_text())
            known[marketplace["name"]] = {"source": {"source": "directory", "path": folder}}
        case ("plugin", "marketplace", "remove", name):
            del known[name]
        case ("plugin", "install" | "enable", plugin):
            root = Path(known[plugin.partition("@")[2]]["source"]["path"])
            assert (root / "plugins" / "voice" / "hooks" / "hooks.json").is_file()
            enabled[plugin] = True
            shutil.copytree(root / "plugins" / "voice", COPY, dirs_exist_ok=True)
        case ("plugin", "uninstall", plugin):
            del enabled[plugin]
        case _:
            sys.exit(f"unknown command {arguments}")


if __name__ == "__main__":
    main(*sys.argv[1:])
