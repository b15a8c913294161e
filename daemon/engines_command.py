"""`voice engines`: list them, and make or delete the environments that some of them have of their own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from claude_narrator.daemon.controls import call, call_running
from claude_narrator.daemon.engine_tables import print_engines, print_why
from claude_narrator.daemon.errors import EXIT_INTERRUPTED
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.printing import print_result
from claude_narrator.daemon.protocol import Engines, Reload, Why
from claude_narrator.models import environments
from claude_narrator.models.declaration import Environment
from claude_narrator.models.download import megabytes
from claude_narrator.models.errors import BadInput
from claude_narrator.models.registry import find_engines


def add_parser(commands: Any) -> None:
    """Add `engines` to the commands of `voice`."""
    parser = commands.add_parser(
        "engines",
        help="Every translator and synthesizer with its status.",
        description="List every translator and synthesizer, or install what one needs beside the daemon.",
        epilog="examples: voice engines --why --language ja; voice engines install cosyvoice",
    )
    parser.add_argument("action", nargs="?", choices=("list", "install", "remove"), default="list")
    parser.add_argument("names", nargs="*", metavar="ENGINE", help="to install or to remove")
    parser.add_argument("--why", action="store_true", help="who speaks a language, who translates, and why")
    parser.add_argument("--language", default="", help="with --why: the language; default: the one in force")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List, install or remove; return 0, or 130 when interrupted.

    :raises NarratorError: no such engine, one without an environment of its own, or pip failed.
    """
    if arguments.language and not arguments.why:
        raise BadInput("--language belongs to --why", "Write: voice engines --why --language ja")
    if arguments.why:
        print_result(call(Why(arguments.language)), arguments.json, print_why)
        return 0
    if arguments.action == "list":
        print_result(call(Engines())["engines"], arguments.json, print_engines)
        return 0
    if not arguments.names:
        raise BadInput(f"which engine to {arguments.action}?", f"There is {', '.join(_environments())}.")
    wanted = [(_folder(name), _environment(name)) for name in arguments.names]
    try:
        for folder, environment in wanted:
            _install(folder, environment) if arguments.action == "install" else _remove(folder)
    except KeyboardInterrupt:
        print("Interrupted. What has arrived is kept; the same command goes on from there.", file=sys.stderr)
        return EXIT_INTERRUPTED
    finally:
        call_running(Reload())
    return 0


def _environments() -> dict[str, Environment | None]:
    return {record.name: record.declaration.environment for record in find_engines(lambda _: True)}


def _environment(name: str) -> Environment:
    every = _environments()
    own = ", ".join(engine for engine, environment in every.items() if environment)
    if name not in every:
        raise BadInput(f"there is no engine {name[:40]!r}", "See: voice engines")
    if (environment := every[name]) is None:
        raise BadInput(f"{name} needs no environment of its own", f"These do: {own or 'none'}.")
    return environment


def _folder(name: str) -> Path:
    return find_paths().data / environments.FOLDER / name


def _install(folder: Path, environment: Environment) -> None:
    console = Console(stderr=True)
    with console.status(f"{folder.name} …"):
        for step in environments.install(folder, environment):
            console.print(f"{folder.name}: {step}", highlight=False, markup=False, soft_wrap=True)
    print(f"{folder.name} is installed in {folder}")


def _remove(folder: Path) -> None:
    freed = environments.remove(folder)
    print(f"{folder.name}: {megabytes(freed)} freed" if freed else f"{folder.name} was not installed")
