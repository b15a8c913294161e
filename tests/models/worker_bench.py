"""What the tests of hosts share: a host of a scripted engine, and how to listen to it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path

import anyio

from claude_narrator.models.engine_state import Deadlines, EngineSpec
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import Language
from tests.models.engines.scripted import CHUNK

ROOT = Path(__file__).resolve().parents[2]
SCRIPTED = "tests.models.engines.scripted:Scripted"
EN = Language("en")
PATIENT = Deadlines(chunk_s=20, silence_s=20)
STRICT = Deadlines(chunk_s=1.5, silence_s=1.5)


@asynccontextmanager
async def hosted(
    engine: str = SCRIPTED,
    deadlines: Deadlines = PATIENT,
    files: dict[str, Path] | None = None,
    options: dict[str, str] | None = None,
) -> AsyncIterator[EngineHost]:
    """A host of `engine`, closed at the end; all of it within 20 seconds."""
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            host = EngineHost(EngineSpec("scripted", engine, files or {}, 1, options or {}), tasks, deadlines)
            yield host
            await host.close()


@contextmanager
def importable_in_workers(folder: Path) -> Iterator[None]:
    """Put a folder in front of the module path of the workers that start inside."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), before]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


async def heard(host: EngineHost, text: str) -> list[int]:
    """Return which `say` each chunk of CHUNK samples came from, in the order they were heard."""
    numbers: list[int] = []
    async with aclosing(host.synthesize(text, "plain", EN)) as chunks:
        async for chunk in chunks:
            assert len(chunk.samples) == CHUNK
            numbers.append(round(float(chunk.samples[0]) * 1000))
    return numbers


async def until_free(host: EngineHost) -> None:
    """Return once a host that failed may be tried again; it tells nobody, so it is asked."""
    while host.is_blocked:  # noqa: ASYNC110
        await anyio.sleep(0.005)
