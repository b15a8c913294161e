"""Translates a text of many lines at once, for whoever wants to read it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing

from claude_narrator.daemon.preceding import Preceding
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import Hints, Language

_log = logging.getLogger(__name__)


async def translate_lines(
    lines: Sequence[str],
    hosts: Sequence[EngineHost],
    source: Language,
    target: Language,
    glossary: Mapping[str, str],
) -> str:
    """Return the translation of `lines` by the first of `hosts` that can, of which there is at least one.

    :raises NarratorError: why the last of them could not, or what each of them would refuse.
    """
    for host in hosts[:-1]:
        try:
            return await _by(host, lines, source, target, glossary)
        except (EngineFailed, EngineUnavailable) as error:
            _log.warning("%s failed: %s", host.name, error)
    return await _by(hosts[-1], lines, source, target, glossary)


async def _by(
    host: EngineHost, lines: Sequence[str], source: Language, target: Language, glossary: Mapping[str, str]
) -> str:
    done, preceding = [], Preceding()
    for line in lines:
        if not line.strip():
            done.append("")
            continue
        hints = Hints(glossary, preceding.then("", source, line))
        async with aclosing(host.translate(line, source, target, hints)) as pieces:
            done.append("".join([piece async for piece in pieces]))
    return "\n".join(done).strip()
