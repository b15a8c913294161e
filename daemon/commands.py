"""Every `voice` command: its arguments, what it asks of the daemon, what it prints."""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from claude_narrator.daemon import (
    amount_command,
    clone_command,
    dictionary_command,
    engines_command,
    eval_command,
    models_command,
    pipe_command,
    preview_command,
    sessions_command,
    settings_command,
    voices_command,
)
from claude_narrator.daemon.command_parser import Command, add_command
from claude_narrator.daemon.controls import add_controls, call, call_running
from claude_narrator.daemon.daemon_command import add_parser as add_daemon_parser
from claude_narrator.daemon.errors import EXIT_EXPECTED, EXIT_OK
from claude_narrator.daemon.option_types import count, number
from claude_narrator.daemon.paths import find_paths, working_folder
from claude_narrator.daemon.printing import print_result, print_status
from claude_narrator.daemon.protocol import (
    Say,
    Status,
    Translate,
    Wait,
)
from claude_narrator.install import doctor, findings
from claude_narrator.models.errors import BadInput


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every `voice` command; `run` of what it parses is the command's function."""
    parser = argparse.ArgumentParser(prog="voice", description="Hear Claude Code while it writes.")
    parser.add_argument("--version", action="version", version=version("claude-narrator"))
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_speaking(commands)
    add_controls(add_command, commands)
    _add_looking(commands)
    amount_command.add_parser(commands)
    settings_command.add_parser(commands)
    sessions_command.add_parser(commands)
    preview_command.add_parser(commands)
    pipe_command.add_parser(commands)
    engines_command.add_parser(commands)
    voices_command.add_parser(commands)
    clone_command.add_parser(commands)
    eval_command.add_parser(commands)
    dictionary_command.add_parser(commands)
    models_command.add_parser(commands)
    add_daemon_parser(commands)
    return parser


def _add_speaking(commands: Any) -> None:
    say = add_command(commands, "say", "Speak a Markdown text.", "'The build is green.' --language ja", _say)
    say.add_argument("text", help="the text, or - for standard input")
    say.add_argument(
        "--language", default="", help="what to hear it in; a translator is used when it differs"
    )
    say.add_argument("--voice", default="", help="a line of `voice voices`")
    say.add_argument("--rate", type=number, default=0.0, help="0.5 to 3")
    say.add_argument("--out", default="", help="write a WAV file instead of playing")
    say.add_argument("--wait", action="store_true", help="return when it has been heard")
    translate = add_command(
        commands,
        "translate",
        "Translate a text.",
        "'The build is green.' --to ja",
        _translate,
    )
    translate.add_argument("text", help="the text, or - for standard input")
    translate.add_argument("--to", required=True, help="language tag")
    translate.add_argument(
        "--from", dest="source", default="", help="language tag; default: speech.source_language"
    )
    wait = add_command(commands, "wait", "Return when nothing is left to say.", "--timeout 60", _wait)
    wait.add_argument("--timeout", type=number, default=0.0, help="seconds; then exit 1")


def _add_looking(commands: Any) -> None:
    shows: dict[str, tuple[str, Command]] = {
        "status": ("What is loaded, what speaks, what waits, and how long the last sentences took.", _status),
        "doctor": ("Look whether everything is in place, from Claude Code's settings to the sound.", _doctor),
    }
    for name, (help_text, run) in shows.items():
        parser = add_command(commands, name, help_text, "--json", run)
        parser.add_argument("--json", action="store_true", help="for programs")
    log = add_command(commands, "log", "Show the end of the daemon's log.", "--lines 50", _log)
    log.add_argument("--lines", type=count, default=30)


def _text(given: str) -> str:
    return sys.stdin.read() if given == "-" else given


def _say(arguments: argparse.Namespace) -> int:
    out = str(Path(arguments.out).resolve()) if arguments.out else ""
    request = Say(
        _text(arguments.text), arguments.language, arguments.voice, arguments.rate, out, arguments.wait
    )
    result = call(request)
    if out:
        print(f"{out}: {result['seconds']} s")
    _note(result)
    return EXIT_OK


def _translate(arguments: argparse.Namespace) -> int:
    request = Translate(_text(arguments.text), arguments.to, arguments.source, working_folder())
    result = call(request)
    print(result["text"])
    _note(result)
    return EXIT_OK


def _note(result: dict[str, Any]) -> None:
    """Tell what stands as it was written, beside the output of a command."""
    if result["note"]:
        print(f"note: {result['note']}", file=sys.stderr)


def _wait(arguments: argparse.Namespace) -> int:
    result = call_running(Wait(arguments.timeout))
    return EXIT_OK if result is None or result["idle"] else EXIT_EXPECTED


def _status(arguments: argparse.Namespace) -> int:
    result = call_running(Status())
    if result is None:
        print(json.dumps({"running": False}) if arguments.json else "The daemon is not running.")
        return EXIT_EXPECTED
    print_result({"running": True, **result}, arguments.json, print_status)
    return EXIT_OK


def _doctor(arguments: argparse.Namespace) -> int:
    found = doctor.checks(find_paths())
    if arguments.json:
        print(findings.to_json(found))
    else:
        print("\n".join(map(str, found)))
    return EXIT_EXPECTED if any(f.level is findings.Level.PROBLEM for f in found) else EXIT_OK


def _log(arguments: argparse.Namespace) -> int:
    path = find_paths().log
    if not path.is_file():
        raise BadInput(f"there is no log at {path}", "The daemon writes it when it runs first.")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    print("\n".join(lines[-arguments.lines :]))
    return EXIT_OK
