"""`voice-install`: wires Claude Code to the narrator, and takes the wires out again."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import Any

from claude_narrator.daemon import settings
from claude_narrator.daemon.client import DaemonDown, Refused, connect
from claude_narrator.daemon.engine_settings import EngineOptions
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.gateway_address import (
    TOKEN_PREFIX,
    GatewayAddress,
    gateway_address,
    read_gateway_address,
)
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.paths import Paths, find_paths
from claude_narrator.daemon.protocol import Reload, Say, Status
from claude_narrator.daemon.wire import ProtocolError
from claude_narrator.install import plugin
from claude_narrator.install.claude_cli import ClaudeFiles, check_version, claude_files
from claude_narrator.install.doctor import checks, hindrances_for
from claude_narrator.install.edit import Edit
from claude_narrator.install.edits import apply_install, apply_uninstall, plan_install, plan_uninstall
from claude_narrator.install.findings import Level
from claude_narrator.install.vehicles import Vehicle, check_alone
from claude_narrator.install.wired import foreign_findings, here, wiring_for
from claude_narrator.install.wiring import Wiring
from claude_narrator.models.errors import UnknownVoice
from claude_narrator.models.language_file import use_own_files
from claude_narrator.models.languages import check_language
from claude_narrator.models.registry import find_engines
from claude_narrator.models.types import Language

_EXAMPLE = """
examples:
  voice-install                    hear Claude Code in English
  voice-install --language ja      hear it in Japanese
  voice-install --dry-run          see what would change in Claude Code's files
  voice-install --plugin           the same as a plugin of Claude Code, instead of entries in its settings
  voice-install --uninstall        take everything out again, whichever way it came
"""


def main(arguments: list[str] | None = None) -> int:
    """Run `voice-install`; returns 0, 1 (an expected failure), 2 (usage), 3 (a bug) or 130 (interrupted)."""
    options = build_parser().parse_args(arguments)
    return exit_code_of(lambda: _run(options), find_paths().state / "crash.log")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="voice-install",
        description="Wire Claude Code to the narrator: hooks, MCP server and permission rule of this user.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--language", metavar="L", help="what you want to hear: en, ja, pt-BR")
    parser.add_argument("--voice", metavar="V", help="auto, or a line of `voice voices`: kokoro/jf_alpha")
    parser.add_argument(
        "--settings-dir", metavar="DIR", type=Path, help="Claude Code's folder, if not the usual"
    )
    parser.add_argument(
        "--plugin", action="store_true", help="wire it by a plugin instead; never both ways at once"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the changes as a diff and make none")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="look whether all is in place; exit 1 if not")
    action.add_argument(
        "--uninstall", action="store_true", help="remove what was installed, and nothing else"
    )
    return parser


def _run(options: argparse.Namespace) -> int:
    paths, files = find_paths(), claude_files(folder=options.settings_dir)
    use_own_files(paths.languages)
    if options.check:
        return _check(paths, files)
    if options.uninstall:
        return _uninstall(paths, files, options.dry_run)
    return _install(paths, files, options)


def _check(paths: Paths, files: ClaudeFiles) -> int:
    findings = checks(paths, files)
    for finding in findings:
        print(finding)
    return 1 if any(finding.level is Level.PROBLEM for finding in findings) else 0


def _uninstall(paths: Paths, files: ClaudeFiles, is_dry_run: bool) -> int:
    edits = [edit for edit in plan_uninstall(paths, files) if edit.changes]
    if is_dry_run:
        removal = plugin.plan_removal(paths, files) if plugin.is_present(paths, files) else None
        return _show(edits, removal)
    changes: list[str] = []
    if plugin.is_present(paths, files):
        changes, complaints = plugin.remove_plugin(paths, files)
        for complaint in complaints:
            print(complaint, file=sys.stderr)
    edits = apply_uninstall(paths, files)
    _report(edits, changes, "Nothing of Claude Narrator was in Claude Code's files.")
    if edits or changes:
        print("Claude Code no longer calls the narrator. `voice daemon stop` ends the daemon.")
    return 0


def _install(paths: Paths, files: ClaudeFiles, options: argparse.Namespace) -> int:
    print(check_version())
    vehicle = Vehicle.PLUGIN if options.plugin else Vehicle.SETTINGS
    check_alone(vehicle, files, here())
    choices = _choices(options, paths)
    address = read_gateway_address(paths) or GatewayAddress(0, TOKEN_PREFIX)
    wiring = wiring_for(paths, files, address)
    if options.dry_run:
        for key, value in choices.items():
            print(f"{paths.settings_file}: {key} = {value}")
        return _show(*_plan(vehicle, paths, files, wiring))
    _plan(vehicle, paths, files, wiring)  # refuses before anything is written
    for key, value in choices.items():
        settings.set_value(paths.settings_file, key, value)
    address = gateway_address(paths)
    _apply(vehicle, paths, files, wiring_for(paths, files, address))
    for finding in [*foreign_findings(paths, files), *hindrances_for(files, address, vehicle)]:
        print(finding, file=sys.stderr)
    return _speak(paths)


def _plan(
    vehicle: Vehicle, paths: Paths, files: ClaudeFiles, wiring: Wiring
) -> tuple[list[Edit], plugin.PluginPlan | None]:
    if vehicle is Vehicle.PLUGIN:
        return [], plugin.plan_plugin(paths, files, wiring)
    return [edit for edit in plan_install(paths, files, wiring) if edit.changes], None


def _apply(vehicle: Vehicle, paths: Paths, files: ClaudeFiles, wiring: Wiring) -> None:
    if vehicle is Vehicle.SETTINGS:
        _report(apply_install(paths, files, wiring), [], "Everything was in place already.")
        return
    changes = plugin.apply_plugin(paths, files, wiring)
    _report([], changes, "Everything was in place already.")
    if changes:
        print("Open sessions take it up after /reload-plugins, or when they are started again.")


def _choices(options: argparse.Namespace, paths: Paths) -> dict[str, str]:
    """Return the settings asked for.

    :raises BadInput: no language tag, or no voice of any engine.
    """
    engine_options = settings.load(paths.settings_file).engines
    chosen: dict[str, str] = {}
    if options.language is not None:
        chosen["speech.language"] = check_language(options.language)
    if options.voice is not None:
        chosen["speech.voice"] = _check_voice(options.voice, engine_options, paths.data)
    return chosen


def _check_voice(voice: str, options: EngineOptions, data: Path) -> str:
    known = [
        f"{record.name}/{name}"
        for record in find_engines(lambda _: True, options=options, data=data)
        for names in record.declaration.voices.values()
        for name in names
    ]
    if voice == "auto" or voice in known:
        return voice
    near = difflib.get_close_matches(voice, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "`voice voices` lists them."
    raise UnknownVoice(f"there is no voice {voice[:60]!r}", hint)


def _show(edits: list[Edit], by_plugin: plugin.PluginPlan | None = None) -> int:
    changes = [change for edit in edits for change in edit.changes]
    if by_plugin:
        edits = [*by_plugin.files, by_plugin.settings, *edits]
        changes += by_plugin.changes()
    for edit in edits:
        print(edit.diff(), end="")
    for command in by_plugin.commands if by_plugin else ():
        print(" ".join(("claude", *command)))
    print("Nothing was changed." if changes else "There is nothing to change.")
    return 0


def _report(edits: list[Edit], changes: list[str], otherwise: str) -> None:
    for edit in edits:
        print(edit.before.path, *edit.changes, sep="\n  ")
    for change in changes:
        print(change)
    if not edits and not changes:
        print(otherwise)


def _speak(paths: Paths) -> int:
    print("Speaking a sentence, to be sure.", flush=True)
    greeting = notices_for(Language(settings.load(paths.settings_file).speech.source_language))
    try:
        with connect(paths.socket, paths.log) as client:
            client.call(Reload())
            client.call(Say(text=greeting.greeting, wait=True, source=greeting.language))
            reason = _why_silent(client.call(Status()))
    except Refused as refusal:
        reason = f"{refusal.problem}. {refusal.hint}"
    except (DaemonDown, ProtocolError) as error:
        reason = str(error)
    if reason:
        print(f"It is installed, but it could not speak: {reason}", file=sys.stderr)
    return 0


def _why_silent(status: dict[str, Any]) -> str:
    player, recent = status.get("player", {}), status.get("recent", [])
    if player.get("sink") == "none":
        return str(player.get("reason"))
    outcome = str(recent[-1].get("outcome", "")) if recent else "nothing was said"
    if outcome in ("spoken", "cut"):
        return ""
    return ". ".join([outcome, *map(str, status.get("problems", []))])
