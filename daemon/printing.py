"""How `voice status`, `voice engines` and `voice voices` look to a person."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_STAGES = ("taken", "translated", "synthesized", "audible", "finished")
_LANGUAGES_SHOWN = 4


def print_status(status: dict[str, Any]) -> None:
    """Show the daemon, the player, the engines that run and the last sentences."""
    console = Console()
    player = status["player"]
    speaking = player["playing"] or ("nothing" if status["idle"] else "in a moment")
    console.print(f"daemon   pid {status['pid']}, up {status['uptime_s']:.0f} s, version {status['version']}")
    console.print(f"speech   {status['speech']}", highlight=False)
    console.print(f"output   {player['sink']}" + (f" ({player['reason']})" if player["reason"] else ""))
    console.print(
        f"speaking {speaking}; {status['waiting']} waiting" + ("; paused" if player["paused"] else "")
    )
    for problem in status["problems"]:
        console.print(f"problem  {problem}")
    print_engines([engine for engine in status["engines"] if engine["running"]])
    _print_recent(console, status["recent"][-5:])


def print_engines(engines: list[dict[str, Any]]) -> None:
    """Show engines, a line each; below, unbroken, what is set for them and what they lack."""
    table = Table("engine", "kind", "languages", "status", "runs as", box=None)
    for engine in engines:
        running = engine["running"] or {}
        where = " ".join(str(running.get(key) or "") for key in ("status", "device", "precision")).strip()
        row = (engine["name"], engine["kind"], _some(engine["languages"]), engine["status"], where)
        table.add_row(*map(escape, row))
    console = Console()
    console.print(table)
    for engine in engines:
        chosen = " ".join(f"{name}={value}" for name, value in engine["options"].items() if value)
        for line in filter(None, (chosen, engine["reason"], *_unspoken(engine["unspoken"]))):
            console.print(f"{engine['name']}: {line}", markup=False, highlight=False, soft_wrap=True)


def print_voices(voices: list[dict[str, Any]]) -> None:
    """Show voices, a line each."""
    table = Table("voice", "languages", "status", "reason", box=None)
    languages: dict[str, list[str]] = {}
    for voice in voices:
        languages.setdefault(voice["id"], []).append(voice["language"])
    for voice in {voice["id"]: voice for voice in voices}.values():
        row = (voice["id"], _some(languages[voice["id"]]), voice["status"], voice["reason"])
        table.add_row(*map(escape, row))
    Console().print(table)


def _unspoken(reasons: dict[str, str]) -> list[str]:
    """A line for each thing that keeps an engine from some of its languages."""
    return [
        f"not {', '.join(tag for tag, other in reasons.items() if other == reason)}: {reason}"
        for reason in dict.fromkeys(reasons.values())
    ]


def _some(languages: list[str]) -> str:
    shown = " ".join(languages[:_LANGUAGES_SHOWN])
    more = len(languages) - _LANGUAGES_SHOWN
    return f"{shown} +{more}" if more > 0 else shown


def _print_recent(console: Console, recent: list[dict[str, Any]]) -> None:
    if not recent:
        return
    table = Table("sentence", *(f"{stage} ms" for stage in _STAGES), "outcome", box=None)
    for sentence in recent:
        after_ms = sentence["after_ms"]
        times = [f"{after_ms[stage]:.0f}" if stage in after_ms else "-" for stage in _STAGES]
        table.add_row(sentence["id"], *times, sentence["outcome"])
    console.print(table)
