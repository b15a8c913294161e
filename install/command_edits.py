"""The files of our slash commands, among the user's own: which are ours, which are to come and to go."""

from __future__ import annotations

import contextlib
from collections.abc import Container
from pathlib import Path

from claude_narrator.daemon.paths import Paths
from claude_narrator.install.claude_cli import ClaudeFiles
from claude_narrator.install.command_files import command_files
from claude_narrator.install.edit import Edit
from claude_narrator.install.originals import recall
from claude_narrator.install.settings_file import Snapshot, read
from claude_narrator.install.wiring import COMMAND_NAMES


def own_commands(paths: Paths, files: ClaudeFiles) -> tuple[str, ...]:
    """Return the commands that are ours to answer: all but those of which the user has a file.

    :raises NarratorError: a file cannot be read.
    """
    foreign = {path.stem for path in foreign_commands(paths, files)}
    return tuple(name for name in COMMAND_NAMES if name not in foreign)


def foreign_commands(paths: Paths, files: ClaudeFiles) -> list[Path]:
    """Return the files that stand where a command of ours should, and are not what we wrote.

    :raises NarratorError: one cannot be read.
    """
    present = [read(files.commands / f"{name}.md") for name in COMMAND_NAMES]
    return [each.path for each in present if each.data is not None and not _is_ours(paths, each)]


def plan_commands(paths: Paths, files: ClaudeFiles, names: Container[str]) -> list[Edit]:
    """Return how the files of the commands `names` come to be; those of others of ours go.

    :raises NarratorError: one cannot be read.
    """
    wanted = command_files(names)
    edits = []
    for name, text in wanted.items():
        before = read(files.commands / name)
        if before.data != text.encode():
            edits.append(Edit(before, text.encode(), (f"add the command {_typed(before)}",)))
    return [*edits, *(edit for edit in plan_no_commands(paths, files) if edit.before.path.name not in wanted)]


def plan_no_commands(paths: Paths, files: ClaudeFiles) -> list[Edit]:
    """Return how the files of our commands go; what the user wrote or changed stays.

    :raises NarratorError: one cannot be read.
    """
    present = [read(path) for path in sorted(files.commands.glob("*.md"))]
    ours = [each for each in present if _is_ours(paths, each)]
    return [Edit(each, None, (f"remove the command {_typed(each)}",)) for each in ours]


def remove_empty(commands: Path) -> None:
    """Remove the folder of the commands and the one around it, as far as they are empty."""
    for folder in (commands, commands.parent):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _is_ours(paths: Paths, file: Snapshot) -> bool:
    kept = recall(paths, file.path)
    ours = command_files((file.path.stem,)).get(file.path.name)
    return bool(kept and kept.is_what_we_wrote(file.data)) or (
        ours is not None and file.data == ours.encode()
    )


def _typed(file: Snapshot) -> str:
    return f"/{file.path.parent.name}:{file.path.stem}"
