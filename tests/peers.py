"""What engines ask and what cannot be had here: a server of the user's, a service, a command of macOS."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language
from tests.models.engines import stand_in_edge, stand_in_google, stand_in_say, stand_in_server

COMMANDS = ("say",)
SERVICES = ("edge_tts", "gtts")


@contextmanager
def with_peer(record: EngineRecord, knows: str = "") -> Iterator[EngineRecord]:
    """The record as the user would have set it, its peer there, if it asks any, until the end of the block.

    A server that translates gives `knows`.
    """
    if record.name in COMMANDS:
        with _command(record.voices):
            yield replace(record, status=EngineStatus.READY)
    elif "url" in record.options:
        with _address(record.name, knows) as url:
            yield replace(record, options={**record.options, "url": url})
    else:
        yield record


@contextmanager
def _address(engine: str, knows: str) -> Iterator[str]:
    if engine == "edge_tts":
        with stand_in_edge.running(stand_in_edge.Edge()) as edge:
            yield edge.url
    elif engine == "gtts":
        with stand_in_google.running(stand_in_google.Google()) as google:
            yield google.url
    else:
        with stand_in_server.running(stand_in_server.StandIn(knows=knows)) as server:
            yield server.url


@contextmanager
def _command(voices: Mapping[Language, Sequence[str]]) -> Iterator[None]:
    before = os.environ["PATH"]
    with TemporaryDirectory() as folder:
        stand_in_say.install(Path(folder)).list_voices("\n".join(_listed(voices)))
        os.environ["PATH"] = f"{folder}{os.pathsep}{before}"
        try:
            yield
        finally:
            os.environ["PATH"] = before


def _listed(voices: Mapping[Language, Sequence[str]]) -> Iterator[str]:
    for language, names in voices.items():
        main, _, region = language.partition("-")
        yield from (f"{name}  {main}_{region or '001'}  # Hello." for name in names)
