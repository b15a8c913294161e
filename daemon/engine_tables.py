"""How engines look to a person: which there are, which are in memory, and why one is used and not another."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from claude_narrator.models.quantities import format_bytes, format_span

_LANGUAGES_SHOWN = 4


def print_engines(engines: list[dict[str, Any]]) -> None:
    """Show engines, a line each; below, unbroken, what is set for them and what they lack; then what runs."""
    table = Table("engine", "kind", "languages", "status", box=None)
    for engine in engines:
        row = (engine["name"], engine["kind"], some(engine["languages"]), engine["status"])
        table.add_row(*map(escape, row))
    console = Console()
    console.print(table)
    for engine in engines:
        chosen = " ".join(f"{name}={value}" for name, value in engine["options"].items() if value)
        for line in filter(None, (chosen, engine["reason"], *_unspoken(engine["unspoken"]))):
            console.print(f"{engine['name']}: {line}", markup=False, highlight=False, soft_wrap=True)
    print_running(engines)


def print_running(engines: list[dict[str, Any]]) -> None:
    """Show the engines that are in memory, on their way there, or failed: what they take, and until when."""
    table = Table("engine", "now", "runs as", "memory", "loaded in", "last used", "leaves", box=None)
    for engine in engines:
        running = engine["running"]
        if running and (running["pid"] or running["status"] != "idle"):
            table.add_row(escape(engine["name"]), *_running_cells(running))
    if table.row_count:
        Console().print(table)


def print_why(result: dict[str, Any]) -> None:
    """Show who speaks a language and who translates into it, in the order in which they are tried."""
    console = Console()
    memory = {key: format_bytes(count) for key, count in result["memory"].items()}
    _print_role(console, f"voice of {result['language']}", result["voice"])
    if result["translator"] is None:
        console.print(f"translator: none, {result['source_language']} is heard as it is written")
    else:
        pair = f"{result['source_language']} to {result['language']}"
        _print_role(console, f"translator of {pair}", result["translator"])
    console.print(f"memory: engines take {memory['used_bytes']}, and may take {memory['limit_bytes']}")


def _print_role(console: Console, title: str, role: dict[str, Any]) -> None:
    console.print(f"{title}: {role['named']}", highlight=False, markup=False)
    if role["problem"]:
        console.print(f"  {role['problem']}", highlight=False, markup=False, soft_wrap=True)
    for entry in role["candidates"]:
        place = "-" if entry["tried"] is None else entry["tried"]
        name = "/".join(filter(None, (entry["engine"], entry["voice"])))
        line = f"  {place:>2}  {name:<28} quality {entry['quality']:>3}  {entry['reason']}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _unspoken(reasons: dict[str, str]) -> list[str]:
    """A line for each thing that keeps an engine from some of its languages."""
    return [
        f"not {', '.join(tag for tag, other in reasons.items() if other == reason)}: {reason}"
        for reason in dict.fromkeys(reasons.values())
    ]


def _running_cells(running: dict[str, Any]) -> tuple[str, ...]:
    load_ms, idle_s, left_s = (running[key] for key in ("load_ms", "idle_s", "unloads_in_s"))
    return (
        running["status"],
        f"{running['device']} {running['precision']}".strip(),
        format_bytes(running["rss_bytes"]) if running["rss_bytes"] else "-",
        "-" if load_ms is None else f"{load_ms / 1000:.1f} s",
        "-" if idle_s is None else f"{format_span(idle_s)} ago",
        "-" if left_s is None else f"in {format_span(left_s)}",
    )


def some(languages: list[str]) -> str:
    """Return the first languages of a list, and how many more there are."""
    shown = " ".join(languages[:_LANGUAGES_SHOWN])
    more = len(languages) - _LANGUAGES_SHOWN
    return f"{shown} +{more}" if more > 0 else shown
