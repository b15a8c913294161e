"""One run of the installer over Claude Code's files: all planned first, then all written, or none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from claude_narrator.daemon.paths import Paths
from claude_narrator.install.claude_cli import ClaudeFiles
from claude_narrator.install.command_edits import plan_commands, plan_no_commands, remove_empty
from claude_narrator.install.edit import Edit
from claude_narrator.install.originals import Original, forget, keep, recall
from claude_narrator.install.plan import Plan, unwire_account, unwire_settings, wire_account, wire_settings
from claude_narrator.install.settings_file import Snapshot, account_lock, check_writable, read, replace
from claude_narrator.install.wiring import Wiring
from claude_narrator.models.errors import NarratorError

Unwire = Callable[[bytes, str, Any], Plan]
"""Takes the bytes of a file, its name and the parsed original, and plans everything of ours out of it."""


def plan_install(paths: Paths, files: ClaudeFiles, wiring: Wiring) -> list[Edit]:
    """Return what wiring by settings takes; no edit has changes when all is in place.

    :raises NarratorError: a file is broken, read-only, or holds something of somebody else's in our place.
    """
    settings, account = read(files.settings), read(files.account)
    return [
        _wire(
            paths, settings, wire_settings(settings.data or b"", str(settings.path), wiring), unwire_settings
        ),
        _wire(paths, account, wire_account(account.data or b"", str(account.path), wiring), unwire_account),
        *plan_commands(paths, files, wiring.commands),
    ]


def plan_uninstall(paths: Paths, files: ClaudeFiles) -> list[Edit]:
    """Return what taking out everything of ours takes.

    :raises NarratorError: a file is broken or read-only.
    """
    pairs = ((files.settings, unwire_settings), (files.account, unwire_account))
    edits = [_unwire(read(path), recall(paths, path), unwire) for path, unwire in pairs]
    return [*edits, *plan_no_commands(paths, files)]


def apply_install(paths: Paths, files: ClaudeFiles, wiring: Wiring) -> list[Edit]:
    """Write what `plan_install` returns and return it; when the second file fails, the first is put back.

    :raises NarratorError: as there, or a file could not be written.
    """
    with account_lock(files.account):
        edits = [edit for edit in plan_install(paths, files, wiring) if edit.changes]
        write_all(edits, lambda edit: keep(paths, edit.before.path, edit.original, edit.after or b""))
        return edits


def apply_uninstall(paths: Paths, files: ClaudeFiles) -> list[Edit]:
    """Write what `plan_uninstall` returns and return it; when the second file fails, the first is put back.

    :raises NarratorError: as there, or a file could not be written.
    """
    with account_lock(files.account):
        edits = [edit for edit in plan_uninstall(paths, files) if edit.changes]
        write_all(edits)
        for path in (files.settings, files.account, *(edit.before.path for edit in edits)):
            forget(paths, path)
        if any(edit.before.path.parent == files.commands for edit in edits):
            remove_empty(files.commands)
        return edits


def _wire(paths: Paths, before: Snapshot, plan: Plan, unwire: Unwire) -> Edit:
    if plan.changes:
        check_writable(before)
    after, kept = plan.text.encode("utf-8"), recall(paths, before.path)
    return Edit(before, after, plan.changes, text_without_us(before, kept, unwire))


def text_without_us(before: Snapshot, kept: Original | None, unwire: Unwire) -> str | None:
    """Return what the file held before us: `kept` as long as it is ours, else what `unwire` leaves.

    Nothing when there was no file.

    :raises BadInput: it is broken.
    """
    if before.data is None:
        return None
    if kept and kept.is_what_we_wrote(before.data):
        return kept.text
    plan = unwire(before.data, str(before.path), kept.document() if kept else None)
    if not plan.changes:
        return before.data.decode("utf-8")
    return None if kept and kept.text is None and _is_empty(plan.text) else plan.text


def _unwire(before: Snapshot, kept: Original | None, unwire: Unwire) -> Edit:
    if before.data is None:
        return Edit(before, None, ())
    plan = unwire(before.data, str(before.path), kept.document() if kept else None)
    if not plan.changes:
        return Edit(before, before.data, ())
    check_writable(before)
    if kept and kept.is_what_we_wrote(before.data):
        return Edit(before, kept.text.encode("utf-8") if kept.text is not None else None, plan.changes)
    is_ours_alone = kept is not None and kept.text is None and _is_empty(plan.text)
    return Edit(before, None if is_ours_alone else plan.text.encode("utf-8"), plan.changes)


def _is_empty(text: str) -> bool:
    return re.fullmatch(r"\s*\{\s*\}\s*", text) is not None


def write_all(edits: list[Edit], prepare: Callable[[Edit], None] = lambda _: None) -> None:
    """Write every file, each after `prepare`; when one fails, those before it are put back.

    :raises NarratorError: a file could not be written, or was changed since it was read.
    """
    written: list[Edit] = []
    try:
        for edit in edits:
            prepare(edit)
            replace(edit.before, edit.after)
            written.append(edit)
    except NarratorError:
        for edit in written:
            replace(read(edit.before.path), edit.before.data)
        raise
