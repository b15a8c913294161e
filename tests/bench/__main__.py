"""`make bench`: prints every comparison, a line each."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.bench import daemon, processes
from tests.bench.measure import Row

BENCHES: dict[str, tuple[Callable[[int], list[Row]], int]] = {
    "hook": (processes.hook_process, 30),
    "mcp": (processes.mcp_bridge, 7),
    "overhead": (daemon.overhead, 9),
    "english": (daemon.first_sound_english, 15),
    "japanese": (daemon.first_sound_japanese, 7),
}


def main() -> None:
    """Run the benches that are named, or all."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], default=[])
    names = parser.parse_args().names or list(BENCHES)
    table = Table("median", "ours", "baseline", "ratio", "baseline is", box=None)
    for name in names:
        bench, runs = BENCHES[name]
        for row in bench(runs):
            cells = (f"{row.ours:.1f} {row.unit}", f"{row.baseline:.1f} {row.unit}", f"{row.ratio:.2f}")
            table.add_row(row.name, *cells, row.against)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
