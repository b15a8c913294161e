"""How results look: `voice status` and `voice voices` to a person, every one to a program."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from claude_narrator.daemon.engine_tables import print_running, some
from claude_narrator.daemon.mute_words import until_time
from claude_narrator.models.quantities import format_bytes

_STAGES = ("taken", "translated", "synthesized", "audible", "finished")


def print_result(result: Any, as_json: bool, show: Callable[[Any], None]) -> None:
    """Print a result of the daemon as JSON for programs, or have `show` print it for a person."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        show(result)


def print_status(status: dict[str, Any]) -> None:
    """Show the daemon, the player, the engines that run and the last sentences."""
    console = Console()
    player = status["player"]
    speaking = player["playing"] or ("nothing" if status["idle"] else "in a moment")
    console.print(f"daemon   pid {status['pid']}, up {status['uptime_s']:.0f} s, version {status['version']}")
    console.print(f"speech   {status['speech']}", highlight=False)
    console.print(f"output   {player['sink']}" + (f" ({player['reason']})" if player["reason"] else ""))
    console.print(
        f"speaking {speaking}; {status['waiting']} waiting"
        + (f"; paused by {', '.join(player['held_by'])}" if player["paused"] else "")
    )
    for muted in status["muted"]:
        console.print(f"muted    {_muted(muted)}", markup=False, highlight=False)
    used, limit = (format_bytes(status["memory"][key]) for key in ("used_bytes", "limit_bytes"))
    console.print(f"memory   engines take {used}, and may take {limit}")
    for problem in status["problems"]:
        console.print(f"problem  {problem}", markup=False, soft_wrap=True)
    print_running(status["engines"])
    _print_recent(console, status["recent"][-5:])


def print_voices(voices: list[dict[str, Any]]) -> None:
    """Show voices, an unbroken line each with the languages that it speaks, who can speak here first.

    Below, once each, is what the others lack.
    """
    languages: dict[str, list[str]] = {}
    for voice in voices:
        languages.setdefault(voice["id"], []).append(voice["language"])
    every = {voice["id"]: voice for voice in voices}.values()
    rows = [("voice", "languages", "status")]
    rows += [
        (voice["id"], some(languages[voice["id"]]), voice["status"])
        for voice in sorted(every, key=lambda voice: voice["status"] != "ready")
    ]
    wide, narrow = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, spoken, status in rows:
        print(f"{name:<{wide}}  {spoken:<{narrow}}  {status}")
    for line in dict.fromkeys(f"{v['id'].split('/')[0]}: {v['reason']}" for v in every if v["reason"]):
        print(line)


def _muted(muted: dict[str, Any]) -> str:
    who = f"session {muted['session']}" if muted["session"] else "everything"
    until = until_time(math.inf if muted["for_s"] is None else muted["for_s"])
    return f"{who}, {until}; {muted['dropped']} not said"


def _print_recent(console: Console, recent: list[dict[str, Any]]) -> None:
    if not recent:
        return
    table = Table("sentence", *(f"{stage} ms" for stage in _STAGES), "outcome", box=None)
    for sentence in recent:
        after_ms = sentence["after_ms"]
        times = [f"{after_ms[stage]:.0f}" if stage in after_ms else "-" for stage in _STAGES]
        table.add_row(sentence["id"], *times, sentence["outcome"])
    console.print(table)
