"""`make soak`: has every engine that runs here say 2,000 short sentences and prints what its memory did.

The figure is the resident set of the worker and of what it started.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import anyio
from rich.console import Console
from rich.table import Table

from claude_narrator.models.host import EngineHost
from claude_narrator.models.memory import process_bytes
from claude_narrator.models.registry import EngineRecord
from tests.runnable_engines import first_voice, loaded, pair_of, runnable_records

MARKS = (100, 500, 1000, 2000)
_WORDS = {
    "en": ("Test {} passed.", "File {} is done.", "Line {} is too long.", "Step {} failed."),
    "ja": ("テスト{}は成功。", "ファイル{}は完了。", "{}行目が長い。", "手順{}は失敗。"),
}


@dataclass(frozen=True, slots=True)
class Soaked:
    """Resident megabytes by number of sentences, and how long they took together."""

    engine: str
    rss_mb: dict[int, float]
    took_s: float

    @property
    def kb_a_sentence(self) -> float:
        """What each sentence added, from the first mark to the last."""
        first, last = min(self.rss_mb), max(self.rss_mb)
        return (self.rss_mb[last] - self.rss_mb[first]) * 1000 / (last - first)


async def soak(record: EngineRecord, marks: Sequence[int]) -> Soaked:
    """Load the engine and have it say as many short sentences as the last of `marks`, all different."""
    rss_mb: dict[int, float] = {}
    began = time.monotonic()
    async with loaded(record) as host:
        for number in range(1, max(marks) + 1):
            async with aclosing(_work(host, record, number)) as pieces:
                async for _ in pieces:
                    pass
            if number in marks:
                rss_mb[number] = process_bytes(host.state.pid) / 1e6
        assert host.state.restarts == 0
    return Soaked(record.name, rss_mb, time.monotonic() - began)


def _work(host: EngineHost, record: EngineRecord, number: int) -> AsyncIterator[object]:
    if record.declaration.kind == "translator":
        source, target = pair_of(record)
        return host.translate(_short(source, number), source, target)
    language, voice = first_voice(record)
    return host.synthesize(_short(language, number), voice, language)


def _short(language: str, number: int) -> str:
    words = _WORDS.get(language.split("-")[0], ("{}.",))
    return words[number % len(words)].format(number)


def main() -> None:
    """Soak the engines that are named, or all."""
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("engines", nargs="*")
    parser.add_argument("--sentences", type=int, default=max(MARKS))
    arguments = parser.parse_args()
    marks = sorted({min(mark, arguments.sentences) for mark in MARKS})
    table = Table("engine", *(f"MB at {mark}" for mark in marks), "kB a sentence", "seconds", box=None)
    for record in runnable_records():
        if not arguments.engines or record.name in arguments.engines:
            soaked = anyio.run(soak, record, marks)
            cells = [f"{soaked.rss_mb[mark]:.1f}" for mark in marks]
            table.add_row(soaked.engine, *cells, f"{soaked.kb_a_sentence:.1f}", f"{soaked.took_s:.0f}")
            print(soaked, flush=True)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
