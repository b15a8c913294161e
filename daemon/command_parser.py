"""How the parser of a command of `voice` is made."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Command = Callable[[argparse.Namespace], int]


def add_command(
    commands: Any, name: str, help_text: str, words: str, run: Command
) -> argparse.ArgumentParser:
    """Add a command, or an action of one, to its subparsers.

    Its `--help` ends with an example: the command with `words` behind it.
    """
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    parser.epilog = f"example: {parser.prog} {words}".rstrip()
    parser.set_defaults(run=run)
    return parser
