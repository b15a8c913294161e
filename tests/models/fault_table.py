"""`make fault-table`: does every fault to every engine that runs here; prints a table of what came of it."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
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
    arguments = parser.parse_args()
    logging.getLogger("claude_narrator").setLevel(logging.CRITICAL)
    records = [r for r in runnable_records(tiny=True) if not arguments.engines or r.name in arguments.engines]
    table = "\n".join(anyio.run(_table, records))
    print(table)
    if arguments.write is not None:
        _write(arguments.write, table)
    if _FAILED in table:
        sys.exit(1)


async def _table(records: list[EngineRecord]) -> list[str]:
    columns = [await _column(record) for record in records]
    faults = [*WHILE_IT_WORKS, *BEFORE_IT_LOADS]
    rows = [["fault", *(record.name for record in records)]]
    rows += [[fault, *(column[fault] for column in columns)] for fault in faults]
    return list(_markdown(rows))


async def _column(record: EngineRecord) -> dict[str, str]:
    """What came of each fault of one engine."""
    outcomes = {}
    async with bed_of(prepared(record)) as bed:
        for name, fault in WHILE_IT_WORKS.items():
            outcomes[name] = await _outcome(partial(fault, bed), f"{record.name}, {name}")
    for name, load in BEFORE_IT_LOADS.items():
        with TemporaryDirectory() as scratch:
            outcomes[name] = await _outcome(partial(load, record, Path(scratch)), f"{record.name}, {name}")
    return outcomes


async def _outcome(attempt: Callable[[], Awaitable[str]], what: str) -> str:
    try:
        with anyio.fail_after(WITHIN_S):
            return await attempt()
    except Exception as error:  # one cell of the table, the others are filled nevertheless
        print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr)
        return _FAILED


def _markdown(rows: list[list[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if number == 0:
            yield f"|{'---|' * len(row)}"


def _write(document: Path, table: str) -> None:
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
