"""`voice settings`: show, change and explain settings, of the user, a project or a session."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from claude_narrator.daemon import settings
from claude_narrator.daemon.controls import call_running
from claude_narrator.daemon.engine_records import engine_records
from claude_narrator.daemon.explanation import Explained, every_value, explain
from claude_narrator.daemon.paths import find_paths, working_folder
from claude_narrator.daemon.protocol import Reload, Sessions, SetForSession
from claude_narrator.daemon.session_names import find_session
from claude_narrator.models.choice import meant_voice
from claude_narrator.models.errors import BadInput

PRECEDENCE = "# A session comes before its project, that before your settings, these before the default."
NO_DAEMON = "no session is known: the daemon does not run"
_HELP = "Show, change or explain settings."
_EXAMPLE = "example: voice settings set speech.language ja; voice settings --explain speech.voice"
_WIDEST = 44


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `settings` to the subcommands of `voice`; its `run` is the default of the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "settings", help=_HELP, description=_HELP, epilog=_EXAMPLE
    )
    parser.add_argument("action", nargs="?", choices=("get", "set"), default="get")
    parser.add_argument("key", nargs="?", default="")
    parser.add_argument("value", nargs="?", default=None)
    parser.add_argument(
        "--explain", nargs="?", const="", metavar="KEY", help="what is in force here, and where it comes from"
    )
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--session", metavar="ID", help="of one session, by id or project")
    one.add_argument("--project", nargs="?", const="", metavar="DIR", help="of a project; default: here")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked and return 0.

    :raises BadInput: no such key, value, voice, session or folder, or a file with a mistake.
    :raises Refused: the daemon cannot set it; it says why.
    """
    if arguments.action == "set":
        return _set(arguments)
    scoped = arguments.session is not None or arguments.project is not None
    if arguments.explain is not None or scoped or arguments.json:
        return _explain(arguments, with_origin=arguments.explain is not None)
    current = settings.load(find_paths().settings_file)
    if arguments.key:
        print(settings.value_of(current, arguments.key))
        return 0
    print("\n".join(f"{key} = {value!r}" for key, value in every_value(current).items()))
    return 0


def _set(arguments: argparse.Namespace) -> int:
    key, text = arguments.key, arguments.value
    if text is None:
        raise BadInput("nothing to set", "Write: voice settings set KEY VALUE")
    if arguments.session is not None:
        result = call_running(SetForSession(arguments.session, key, text))
        if result is None:
            raise BadInput(NO_DAEMON, "Start a session first.")
        print(result["changed"])
        return 0
    value = settings.value_from_text(key, text)
    if key == "speech.voice" and text != "auto":
        _check_voice(text)
    if arguments.project is not None:
        file = _folder(arguments.project) / settings.PROJECT_FILE
        settings.set_value(file, key, value, settings.PROJECT_SECTIONS)
        print(f"{key} is set in {file}")
        return 0
    path = find_paths().settings_file
    settings.write_default(path)
    settings.set_value(path, key, value)
    call_running(Reload())
    return 0


def _check_voice(wanted: str) -> None:
    """Refuse a voice that nobody has; one that cannot speak here yet may be chosen beforehand.

    :raises UnknownVoice: no such voice, or several; the hint names the nearest.
    """
    paths = find_paths()
    meant_voice(wanted, engine_records(paths, settings.load(paths.settings_file)))


def _explain(arguments: argparse.Namespace, with_origin: bool) -> int:
    key = arguments.explain or arguments.key
    if key:
        settings.default_of(key)
    rows = _explained(arguments)
    shown = [row for row in rows if row.key == key] if key else rows
    if key and not shown:  # a word or a language that nobody has set
        shown = [Explained(key, settings.default_of(key), "default")]
    if arguments.json:
        print(json.dumps([_as_json(row) for row in shown], ensure_ascii=False, indent=2))
    elif not with_origin:
        print("\n".join(str(row.value) if key else f"{row.key} = {row.value!r}" for row in shown))
    else:
        _print_origins(shown, alone=bool(key))
    return 0


def _explained(arguments: argparse.Namespace) -> list[Explained]:
    user_file = find_paths().settings_file
    if arguments.session is None:
        return explain(user_file, _folder(arguments.project or ""), {})
    result = call_running(Sessions())
    if result is None:
        raise BadInput(NO_DAEMON, "Start a session first.")
    row = find_session(arguments.session, result["sessions"])
    folder = Path(row["folder"]) if row["folder"] else None
    return explain(user_file, folder, row["changes"])


def _folder(given: str) -> Path:
    folder = Path(given or working_folder()).expanduser().resolve()
    if not folder.is_dir():
        raise BadInput(f"there is no folder {given!r}", "Give that of a project, or stand in it.")
    return folder


def _print_origins(rows: list[Explained], alone: bool) -> None:
    if not alone:
        print(PRECEDENCE)
    settled = [(f"{row.key} = {row.value!r}", row) for row in rows]
    width = max(len(text) for text, _ in settled if len(text) <= _WIDEST or alone)
    for text, row in settled:
        print(f"{text:<{width}}  {row}")


def _as_json(row: Explained) -> dict[str, Any]:
    return {"key": row.key, "value": row.value, "from": row.origin, "where": row.where}
