"""`make fault-table`: does every fault to every engine that runs here; prints a table of what came of it."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from claude_narrator.models.registry import EngineRecord
from tests.models.fault_bed import bed_of
from tests.models.faults import WHILE_IT_WORKS
from tests.models.load_faults import BEFORE_IT_LOADS
from tests.models.test_fault_table import WITHIN_S
from tests.runnable_engines import prepared, runnable_records

BEGIN, END = "<!-- make fault-table -->", "<!-- end of the fault table -->"
_FAILED = "**failed**"


def main() -> None:
    """Print the table of the engines that are named, or of all; `--write` puts it into a document."""
    parser = argparse.ArgumentParser(prog="make fault-table")
    parser.add_argument("engines", nargs="*")
    parser.add_argument("--write", type=Path, help="a document with the two comments around the table")
    parser.add_argument("--fault", action="append", choices=[*WHILE_IT_WORKS, *BEFORE_IT_LOADS])
    arguments = parser.parse_args()
    logging.getLogger("claude_narrator").setLevel(logging.CRITICAL)
    known = {record.name: record for record in runnable_records(tiny=True, elsewhere=True)}
    columns = read_table(arguments.write) if arguments.write is not None else {}
    for name in arguments.engines or known:
        outcomes = anyio.run(_column, known[name], arguments.fault or [*WHILE_IT_WORKS, *BEFORE_IT_LOADS])
        columns[name] = columns.get(name, {}) | outcomes
        lines = _markdown({engine: columns[engine] for engine in known if engine in columns})
        if arguments.write is not None:
            _write(arguments.write, "\n".join(lines))
    print("\n".join(lines))
    if any(_FAILED in columns[name].values() for name in arguments.engines or known):
        sys.exit(1)


def read_table(document: Path) -> dict[str, dict[str, str]]:
    """Return what the table in a document says, by engine and fault; empty when there is none yet."""
    inside = document.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in inside.strip().splitlines()]
    if not rows:
        return {}
    header, _, *body = rows
    return {
        engine: {row[0]: row[number] for row in body} for number, engine in enumerate(header) if number > 0
    }


async def _column(record: EngineRecord, faults: list[str]) -> dict[str, str]:
    """What came of each fault of one engine."""
    outcomes = {}
    if any(name in WHILE_IT_WORKS for name in faults):
        async with bed_of(prepared(record)) as bed:
            for name in filter(WHILE_IT_WORKS.__contains__, faults):
                outcomes[name] = await _outcome(partial(WHILE_IT_WORKS[name], bed), f"{record.name}, {name}")
    for name in filter(BEFORE_IT_LOADS.__contains__, faults):
        with TemporaryDirectory() as scratch:
            load = partial(BEFORE_IT_LOADS[name], record, Path(scratch))
            outcomes[name] = await _outcome(load, f"{record.name}, {name}")
    return outcomes


async def _outcome(attempt: Callable[[], Awaitable[str]], what: str) -> str:
    try:
        with anyio.fail_after(WITHIN_S):
            return await attempt()
    except Exception as error:  # one cell of the table, the others are filled nevertheless
        print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr)
        return _FAILED


def _markdown(columns: dict[str, dict[str, str]]) -> list[str]:
    lines = [["fault", *columns], ["---"] * (len(columns) + 1)]
    for fault in (*WHILE_IT_WORKS, *BEFORE_IT_LOADS):
        lines.append([fault, *(column.get(fault, "") for column in columns.values())])
    return [f"| {' | '.join(line)} |" for line in lines]


def _write(document: Path, table: str) -> None:
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
