"""`make bench`: prints every comparison, a line each."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.bench import controls, daemon, processes
from tests.bench.measure import Row

BENCHES: dict[str, tuple[Callable[[int], list[Row]], int]] = {
    "hook": (processes.hook_process, 30),
    "mcp": (processes.mcp_bridge, 7),
    "controls": (controls.controls, 30),
    "overhead": (daemon.overhead, 9),
    "english": (daemon.first_sound_english, 15),
    "japanese": (daemon.first_sound_japanese, 7),
}


def main() -> None:
    """Run the benches that are named, or all."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], default=[])
    parser.add_argument("--runs", type=int, default=0, help="how many of each; 0 for as many as it takes")
    arguments = parser.parse_args()
    names = arguments.names or list(BENCHES)
    table = Table("median where not said otherwise", "ours", "baseline", "ratio", "baseline is", box=None)
    for name in names:
        bench, runs = BENCHES[name]
        for row in bench(arguments.runs or runs):
            cells = (f"{row.ours:.1f} {row.unit}", f"{row.baseline:.1f} {row.unit}", f"{row.ratio:.2f}")
            table.add_row(row.name, *cells, row.against)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
