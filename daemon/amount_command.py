"""`voice amount`: how much is said, in a session, a project or everywhere."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from claude_narrator.daemon import settings
from claude_narrator.daemon.amount import AMOUNTS
from claude_narrator.daemon.controls import call_running
from claude_narrator.daemon.paths import find_paths, working_folder
from claude_narrator.daemon.protocol import Reload, Sessions, SetForSession
from claude_narrator.daemon.session_names import find_session
from claude_narrator.daemon.settings import PROJECT_FILE, PROJECT_SECTIONS
from claude_narrator.daemon.settings_command import NO_DAEMON
from claude_narrator.models.errors import BadInput

SESSION_VARIABLE = "CLAUDE_CODE_SESSION_ID"
_KEY = "speech.amount"
_HELP = "Show or set how much is said: all, final, brief, alerts or off."

Holding = tuple[str, str]
"""An amount, and where it holds."""


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `amount` to the subcommands of `voice`; its `run` is the default of the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "amount", help=_HELP, description=_HELP, epilog="example: voice amount brief --project"
    )
    parser.add_argument("level", nargs="?", choices=AMOUNTS, help="nothing: show what holds in this folder")
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument(
        "--session",
        nargs="?",
        const="",
        metavar="ID",
        help=f"a Claude Code session alone, until it ends; without an ID the one in {SESSION_VARIABLE}",
    )
    scope.add_argument("--project", action="store_true", help="the project in this folder")
    scope.add_argument("--everywhere", action="store_true", help="your own settings; the default")
    parser.add_argument("--json", action="store_true", help="one JSON object: amount and scope")
    parser.set_defaults(run=run)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Set the amount if one is given, print what holds now, and return 0.

    :raises BadInput: no session or project is known, or a settings file has a mistake.
    """
    if arguments.session is not None:
        holding = [_of_session(arguments.level, arguments.session or os.environ.get(SESSION_VARIABLE, ""))]
    else:
        holding = _of_settings(arguments.level, arguments.project)
    if arguments.json:
        amount, scope = holding[-1]
        print(json.dumps({"amount": amount, "scope": scope}))
        return 0
    for amount, scope in holding:
        print(f"{amount} ({scope})")
    return 0


def _of_session(level: str | None, session: str) -> Holding:
    if not session:
        raise BadInput("no session is known here", f"Give its ID, or set {SESSION_VARIABLE}.")
    if level and call_running(SetForSession(session, _KEY, level)) is None:
        raise BadInput(NO_DAEMON, "Start a session first.")
    result = call_running(Sessions())
    if result is None:
        raise BadInput(NO_DAEMON, "Start a session first.")
    row = find_session(session, result["sessions"])
    return row["speech"]["amount"], f"session {row['short_id']}"


def _of_settings(level: str | None, project: bool) -> list[Holding]:
    """Return what holds everywhere, and in this project if that differs or is asked for."""
    own, folder = find_paths().settings_file, _folder()
    if level and project:
        settings.set_value(folder / PROJECT_FILE, _KEY, level, PROJECT_SECTIONS)
    elif level:
        settings.write_default(own)
        settings.set_value(own, _KEY, level)
    if level:
        call_running(Reload())
    everywhere = settings.load(own)
    here = settings.load_project(folder, everywhere).speech.amount
    if project:
        return [(here, "project")]
    holding = [(everywhere.speech.amount, "everywhere")]
    return holding if here == everywhere.speech.amount else [*holding, (here, "project")]


def _folder() -> Path:
    if not (folder := working_folder()):
        raise BadInput("this folder is gone", "Change into the project's folder.")
    return Path(folder)
