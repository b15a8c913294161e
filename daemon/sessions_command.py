"""`voice sessions`, `voice listen`: who speaks, who waits, and hearing one of those who wait."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from claude_narrator.daemon.command_parser import Command, add_command
from claude_narrator.daemon.controls import call_running
from claude_narrator.daemon.protocol import Listen, Sessions
from claude_narrator.daemon.session_names import printable
from claude_narrator.models.errors import BadInput
from claude_narrator.models.quantities import format_span

_SHOWN = ("language", "voice", "rate", "amount")


def add_parser(subparsers: Any) -> None:
    """Add `sessions` and `listen` to the subcommands of `voice`."""
    _add(subparsers, "sessions", "Show who speaks, who waits, how each session is heard.", "--json", _list)
    listen = _add(subparsers, "listen", "Hear a session that waits, and let it speak on.", "api", _listen)
    listen.add_argument("session", metavar="ID|PROJECT", help="the beginning of its id or its project's name")


def _add(subparsers: Any, name: str, says: str, words: str, run: Command) -> argparse.ArgumentParser:
    parser = add_command(subparsers, name, says, words, run)
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def _list(arguments: argparse.Namespace) -> int:
    result = call_running(Sessions())
    rows = result["sessions"] if result else []
    if arguments.json:
        print(json.dumps({"running": result is not None, "sessions": rows}, ensure_ascii=False, indent=2))
    elif rows:
        print_sessions(rows)
    else:
        print("The daemon is not running." if result is None else "No session has been heard of yet.")
    return 0 if result is not None else 1


def _listen(arguments: argparse.Namespace) -> int:
    result = call_running(Listen(arguments.session))
    if result is None:
        raise BadInput("the daemon is not running, so nothing waits", "Start a session first.")
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return 0
    lost = "".join(f"; {result[why]} {why}" for why in ("dropped", "expired") if result[why])
    print(printable(f"{result['project'] or result['short_id']}: {result['held']} held{lost}"))
    return 0


def print_sessions(rows: list[dict[str, Any]]) -> None:
    """Show sessions, a line each."""
    heard = [name for name in _SHOWN if all(name in row["speech"] for row in rows)]
    table = Table("session", "project", "prompted", Column("state", no_wrap=True), *heard, box=None)
    for row in rows:
        ago = row["prompted_s_ago"]
        prompted = "-" if ago is None else f"{format_span(ago)} ago"
        how = [str(row["speech"][name]) for name in heard]
        cells = (row["short_id"], row["project"] or "-", prompted, _state(row), *how)
        table.add_row(*(escape(printable(cell)) for cell in cells))
    Console().print(table)


def _state(row: dict[str, Any]) -> str:
    states = [
        "has the floor" if row["owner"] else "",
        "speaking" if row["speaking"] else "",
        f"{row['waiting']} waiting" if row["waiting"] else "",
        *(f"{row[count]} {count}" for count in ("held", "dropped", "expired") if row[count]),
        "closed" if row["closed"] else "",
    ]
    return ", ".join(filter(None, states))
