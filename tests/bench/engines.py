"""`make bench-engines`: what each engine costs, and what the ways of running them are worth."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.bench import engine_ratios
from tests.bench.engine_figures import Figures, figures, true_size
from tests.bench.measure import Row
from tests.runnable_engines import runnable_records

RATIOS: dict[str, tuple[Callable[[int], list[Row]], int]] = {
    "worker": (engine_ratios.worker, 9),
    "clauses": (engine_ratios.clauses, 9),
    "prefix": (engine_ratios.prefix, 5),
    "nllb": (engine_ratios.nllb, 7),
}
RUNS = 9
TRUE_SIZE = {"cosyvoice": 3, "xtts": 3, "nllb": 7}
"""Engines without weights here, and the runs at their true size."""


def main() -> None:
    """Measure the engines and ratios that are named, or all."""
    parser = argparse.ArgumentParser(prog="make bench-engines")
    records = {record.name: record for record in runnable_records()}
    parser.add_argument("names", nargs="*", choices=[*records, *TRUE_SIZE, *RATIOS, []], default=[])
    names = parser.parse_args().names or [*dict.fromkeys((*records, *TRUE_SIZE, *RATIOS))]
    measured = [figures(records[name], RUNS) for name in names if name in records]
    measured += [true_size(name, runs) for name, runs in TRUE_SIZE.items() if name in names]
    console = Console(width=150)
    console.print(_figures_table(measured))
    console.print(_ratios_table([name for name in names if name in RATIOS]))


def _figures_table(measured: list[Figures]) -> Table:
    table = Table("engine (medians)", "load", "memory", "first sound or clause", "pace", box=None)
    for each in measured:
        load, memory, first = f"{each.load_ms:.0f} ms", f"{each.rss_mb:.0f} MB", f"{each.first_ms:.1f} ms"
        pace = f"RTF {each.pace:.3f}" if each.pace_unit == "RTF" else f"{each.pace:.0f} {each.pace_unit}"
        table.add_row(each.engine, load, memory, first, pace)
    return table


def _ratios_table(names: list[str]) -> Table:
    table = Table("median", "ours", "baseline", "times as fast", "baseline is", box=None)
    for name in names:
        bench, runs = RATIOS[name]
        for row in bench(runs):
            ours, baseline = f"{row.ours:.4g} {row.unit}", f"{row.baseline:.4g} {row.unit}"
            table.add_row(row.name, ours, baseline, f"{1 / row.ratio:.2f}", row.against)
    return table


if __name__ == "__main__":
    main()
