"""Wires Claude Code by a plugin: writes a marketplace folder, and has `claude` install from it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from claude_narrator.daemon.paths import Paths
from claude_narrator.install.claude_cli import ClaudeFailed, ClaudeFiles, find_claude, run_claude
from claude_narrator.install.edit import Edit
from claude_narrator.install.edits import text_without_us, write_all
from claude_narrator.install.findings import document_in
from claude_narrator.install.originals import Original, forget, keep, recall
from claude_narrator.install.plan import unwire_plugin_settings, wire_plugin_settings
from claude_narrator.install.plugin_files import MANIFEST, MARKETPLACE, PLUGIN_ID, plugin_files
from claude_narrator.install.settings_file import Snapshot, check_writable, read, replace
from claude_narrator.install.vehicles import has_our_hooks
from claude_narrator.install.wiring import Wiring
from claude_narrator.models.errors import NarratorError

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PluginPlan:
    """What happens, in order: files are written, `claude` is run for each of `commands`, settings edited."""

    files: tuple[Edit, ...]
    commands: tuple[Command, ...]
    settings: Edit

    def changes(self) -> list[str]:
        """Return all of it in words; nothing when there is nothing to do."""
        written = [change for edit in self.files for change in edit.changes]
        run = [" ".join(("claude", *command)) for command in self.commands]
        return [*written, *run, *self.settings.changes]


def marketplace_folder(paths: Paths) -> Path:
    """Return the folder that Claude Code installs the plugin from, and runs it in."""
    return paths.data / "plugin"


def plan_plugin(paths: Paths, files: ClaudeFiles, wiring: Wiring) -> PluginPlan:
    """Return what the plugin takes; it has no changes when all is in place.

    :raises NarratorError: a file is broken or read-only.
    :raises ClaudeFailed: there is no Claude Code to install it.
    """
    settings = read(files.settings)
    plan = wire_plugin_settings(settings.data or b"", str(settings.path))
    check_writable(settings)
    folder = marketplace_folder(paths)
    commands = _installing(document_in(files.settings), folder)
    if commands and find_claude() is None:
        raise ClaudeFailed(
            "Claude Code was not found on PATH, and its own command installs the plugin",
            "Install it first, or run voice-install without --plugin; nothing was changed.",
        )
    edit = Edit(settings, plan.text.encode(), plan.changes)
    return PluginPlan(tuple(_file_edits(folder, wiring)), commands, edit)


def apply_plugin(paths: Paths, files: ClaudeFiles, wiring: Wiring) -> list[str]:
    """Do what `plan_plugin` returns and return it in words; a first installation that fails leaves nothing.

    :raises NarratorError: as there, or Claude Code's command failed.
    """
    plan = plan_plugin(paths, files, wiring)
    if not plan.changes():
        return []
    was_there = is_present(paths, files)
    original = text_without_us(plan.settings.before, recall(paths, files.settings), unwire_plugin_settings)
    try:
        write_all(list(plan.files))
        keep(paths, files.settings, original, b"")
        for command in plan.commands:
            run_claude(files, *command)
        _allow_tools(paths, files, original)
    except NarratorError:
        if not was_there:
            remove_plugin(paths, files)
        raise
    return plan.changes()


def is_present(paths: Paths, files: ClaudeFiles) -> bool:
    """Whether anything of the plugin is here, switched on or not.

    :raises BadInput: the user's settings are broken.
    """
    settings = document_in(files.settings)
    return marketplace_folder(paths).exists() or bool(_removing(settings))


def plan_removal(paths: Paths, files: ClaudeFiles) -> PluginPlan:
    """Return what taking the plugin out takes.

    :raises NarratorError: the user's settings are broken or read-only.
    """
    folder, settings = marketplace_folder(paths), read(files.settings)
    if settings.data is not None:
        check_writable(settings)
    present = [read(path) for path in sorted(folder.rglob("*")) if path.is_file()]
    gone = tuple(Edit(each, None, (f"remove {each.path}",)) for each in present)
    commands = _removing(document_in(files.settings))
    return PluginPlan(gone, commands, _restored(settings, recall(paths, files.settings)))


def remove_plugin(paths: Paths, files: ClaudeFiles) -> tuple[list[str], list[str]]:
    """Take the plugin out; return what was done in words, and what Claude Code's command complained about.

    What that command leaves in the settings is taken out in any case.

    :raises NarratorError: the user's settings are broken or read-only; nothing was changed.
    """
    plan, complaints = plan_removal(paths, files), []
    for command in plan.commands:
        try:
            run_claude(files, *command)
        except ClaudeFailed as failure:
            complaints.append(str(failure))
    edit = _restored(read(files.settings), recall(paths, files.settings))
    if edit.after != edit.before.data:
        replace(edit.before, edit.after)
    if not has_our_hooks(document_in(files.settings)):  # else what the file was is still to be known
        forget(paths, files.settings)
    if (marketplace_folder(paths) / MANIFEST).is_file():
        shutil.rmtree(marketplace_folder(paths))
    shutil.rmtree(_copy(files), ignore_errors=True)
    return plan.changes(), complaints


def _copy(files: ClaudeFiles) -> Path:
    """Return where Claude Code copies the plugin to, token and all, and leaves it there."""
    return files.settings.parent / "plugins" / "cache" / MARKETPLACE


def _file_edits(folder: Path, wiring: Wiring) -> list[Edit]:
    wanted = {folder / name: text for name, text in plugin_files(wiring, version("claude-narrator")).items()}
    snapshots = {path: read(path) for path in wanted}
    stale = [read(path) for path in folder.rglob("*") if path.is_file() and path not in wanted]
    return [
        Edit(before, wanted[path].encode(), (f"write {path}",))
        for path, before in snapshots.items()
        if before.data != wanted[path].encode()
    ] + [Edit(before, None, (f"remove {before.path}",)) for before in stale]


def _installing(settings: dict[str, Any], folder: Path) -> tuple[Command, ...]:
    known, enabled = _known_folder(settings), _enabled(settings)
    if known == str(folder) and enabled is True:
        return ()
    elsewhere = _removing(settings) if known not in (None, str(folder)) else ()
    add = ("plugin", "marketplace", "add", str(folder))
    install = ("plugin", "install", PLUGIN_ID)
    if known == str(folder):
        return (install,) if enabled is None else (("plugin", "enable", PLUGIN_ID),)
    return (*elsewhere, add, install)


def _removing(settings: dict[str, Any]) -> tuple[Command, ...]:
    commands: list[Command] = []
    if _enabled(settings) is not None:
        commands.append(("plugin", "uninstall", PLUGIN_ID))
    if _known_folder(settings) is not None:
        commands.append(("plugin", "marketplace", "remove", MARKETPLACE))
    return tuple(commands)


def _known_folder(settings: dict[str, Any]) -> str | None:
    """Return the folder of the marketplace that Claude Code knows by our name, empty if it is no folder."""
    known = settings.get("extraKnownMarketplaces")
    if not isinstance(known, dict) or MARKETPLACE not in known:
        return None
    entry = known[MARKETPLACE]
    source = entry.get("source") if isinstance(entry, dict) else None
    return str(source.get("path", "")) if isinstance(source, dict) else ""


def _enabled(settings: dict[str, Any]) -> Any:
    plugins = settings.get("enabledPlugins")
    return plugins.get(PLUGIN_ID) if isinstance(plugins, dict) else None


def _allow_tools(paths: Paths, files: ClaudeFiles, original: str | None) -> None:
    settings = read(files.settings)
    document = document_in(files.settings)
    if _enabled(document) is not True:
        raise ClaudeFailed(
            f"Claude Code did not enable {PLUGIN_ID} in {files.settings}", "Run `claude plugin list`."
        )
    after = wire_plugin_settings(settings.data or b"", str(settings.path)).text.encode()
    keep(paths, files.settings, original, after)
    if after != settings.data:
        replace(settings, after)


def _restored(settings: Snapshot, kept: Original | None) -> Edit:
    """Return the edit that ends the plugin in the settings: to the old bytes where they say the same."""
    if settings.data is None:
        return Edit(settings, None, ())
    plan = unwire_plugin_settings(settings.data, str(settings.path), kept.document() if kept else None)
    if kept and json.loads(plan.text.removeprefix("\ufeff")) == kept.document():
        return Edit(settings, None if kept.text is None else kept.text.encode(), plan.changes)
    return Edit(settings, plan.text.encode(), plan.changes)
