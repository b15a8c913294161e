"""`voice models`: list, pull, verify and remove weights."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from claude_narrator.daemon import settings
from claude_narrator.daemon.command_parser import add_command
from claude_narrator.daemon.controls import call_running
from claude_narrator.daemon.errors import EXIT_INTERRUPTED
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.protocol import Reload
from claude_narrator.models import licences
from claude_narrator.models.catalog import Model, find_model, is_present, load_catalog, model_folder
from claude_narrator.models.download import Progress, megabytes, pull, remove, verify
from claude_narrator.models.errors import BadInput

_EXAMPLE = "example: voice models pull qwen2.5-coder-1.5b kokoro-82m-int8"


def add_parser(commands: Any) -> None:
    """Add `models` to the commands of `voice`."""
    parser = commands.add_parser("models", help="list, fetch, check and delete model files", epilog=_EXAMPLE)
    actions = parser.add_subparsers(title="actions", dest="action", required=True, metavar="ACTION")
    _add_action(actions, "list", "what there is and what is here", "*")
    pulling = _add_action(actions, "pull", "fetch models; goes on where an earlier pull stopped", "+")
    pulling.add_argument("--yes", action="store_true", help="accept licences that ask to be accepted")
    _add_action(actions, "verify", "hash every file; every model that is here when none is named", "*")
    _add_action(actions, "remove", "delete models", "+")


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action; return 0, 1 when a check found something, or 130 when interrupted.

    :raises NarratorError: an unknown model, a refused licence, or what `models.download` raises.
    """
    root = find_paths().models
    models = [find_model(model_id) for model_id in arguments.ids]
    if arguments.action == "list":
        return _list(models or list(load_catalog().values()), root, arguments.json)
    if arguments.action == "pull":
        return _pull(models, root, arguments)
    if arguments.action == "verify":
        here = [model for model in load_catalog().values() if model_folder(model.id, root).is_dir()]
        return _verify(models or here, root, arguments.json)
    return _remove(models, root, arguments.json)


def _add_action(actions: Any, name: str, help_text: str, count: str) -> argparse.ArgumentParser:
    parser = add_command(actions, name, help_text, "kokoro-82m-int8", run)
    parser.add_argument("ids", nargs=count, metavar="MODEL", help="as `voice models list` names it")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def _list(models: list[Model], root: Path, as_json: bool) -> int:
    if as_json:
        print(json.dumps([_described(model, root) for model in models], indent=2))
        return 0
    table = Table(box=None)
    for heading in ("model", "size", "licence", "here"):
        table.add_column(heading, no_wrap=heading != "licence")
    table.add_column("what it is")
    for model in models:
        size = megabytes(model.bytes) if model.files else "-"
        table.add_row(model.id, size, model.licence, _status(model, root), model.summary)
    console = Console()
    console.print(table)
    console.print(f"In {root}", highlight=False)
    return 0


def _described(model: Model, root: Path) -> dict[str, Any]:
    return {
        "id": model.id,
        "summary": model.summary,
        "kind": model.kind,
        "licence": model.licence,
        "confirm": model.confirm,
        "bytes": model.bytes,
        "status": _status(model, root),
        "reason": model.unverified,
        "folder": str(model_folder(model.id, root)),
    }


def _status(model: Model, root: Path) -> str:
    if model.unverified:
        return "no hash"
    if is_present(model, root):
        return "yes"
    return "in part" if model_folder(model.id, root).is_dir() else "no"


def _pull(models: list[Model], root: Path, arguments: argparse.Namespace) -> int:
    sources = settings.load(find_paths().settings_file).models.sources
    for model in models:
        _accept_licence(model, root, arguments.yes)
    try:
        for model in models:
            steps = pull(model, root, sources)
            if arguments.json:
                _print_json(model, steps)
            else:
                _show(model, steps)
                print(f"{model.id} is in {model_folder(model.id, root)}")
    except KeyboardInterrupt:
        print("Interrupted. What has arrived is kept; the same command goes on from there.", file=sys.stderr)
        return EXIT_INTERRUPTED
    finally:
        call_running(Reload())
    return 0


def _accept_licence(model: Model, root: Path, accepted: bool) -> None:
    """Return when the licence needs no asking or was accepted, now or by an earlier pull.

    :raises BadInput: refused, or nobody is there to ask.
    """
    if not model.confirm or licences.is_accepted(model, root):
        return
    hint = f"Read {model.licence}, then add --yes."
    if not accepted and not sys.stdin.isatty():
        raise BadInput(f"the licence of {model.id}, {model.licence}, has to be accepted", hint)
    if not accepted and not _is_agreed(model):
        raise BadInput(f"the licence of {model.id} was not accepted; nothing was fetched", hint)
    with suppress(OSError):  # the pull itself says what keeps it from writing there
        licences.note_accepted(model, root)


def _is_agreed(model: Model) -> bool:
    question = f"{model.id} has the licence {model.licence}: not for commercial use. Accept? [y/N] "
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def _print_json(model: Model, steps: Iterable[Progress]) -> None:
    for step in _noteworthy(steps):
        line = {"model": model.id, "done_bytes": step.done_bytes, "total_bytes": step.total_bytes}
        print(json.dumps(line | {"what": step.what}), flush=True)


def _noteworthy(steps: Iterable[Progress]) -> Iterator[Progress]:
    """Leave out steps that bring neither a new activity nor a further hundredth."""
    last: tuple[str, int] | None = None
    for step in steps:
        now = (step.what, step.done_bytes * 100 // step.total_bytes)
        if now != last:
            yield step
        last = now


def _show(model: Model, steps: Iterable[Progress]) -> None:
    """Draw a bar on standard error; where that is no terminal, print a line an activity."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    what = ""
    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(model.id, total=model.bytes)
        for step in steps:
            if step.what != what:
                what = step.what
                console.print(f"{model.id}: {what}", highlight=False, markup=False, soft_wrap=True)
            bar.update(task, completed=step.done_bytes)


def _verify(models: list[Model], root: Path, as_json: bool) -> int:
    found = {model.id: verify(model, root) for model in models}
    if as_json:
        print(json.dumps(found))
    else:
        for model_id, problems in found.items():
            print(f"{model_id}: {'; '.join(problems) or 'every file is right'}")
    return 1 if any(found.values()) else 0


def _remove(models: list[Model], root: Path, as_json: bool) -> int:
    freed = {model.id: remove(model, root) for model in models}
    call_running(Reload())
    if as_json:
        print(json.dumps(freed))
    else:
        for model_id, count in freed.items():
            print(f"{model_id}: {megabytes(count)} freed" if count else f"{model_id} was not here")
    return 0
