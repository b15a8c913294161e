"""What `voice status`, `voice engines` and `voice voices` show, as plain JSON."""

from __future__ import annotations

import dataclasses
import math
import os
import time
from importlib.metadata import version
from typing import Any

from claude_narrator.daemon.narrator import Narrator
from claude_narrator.daemon.timelines import Timelines
from claude_narrator.models.language_file import own_mistakes
from claude_narrator.models.registry import EngineStatus
from claude_narrator.models.types import Seconds


def status(narrator: Narrator, timelines: Timelines, started_s: float) -> dict[str, Any]:
    """Return the state of the daemon. Texts are in it only when the settings let the log hold them."""
    settings = narrator.choices.settings
    problems = [*_troubles(narrator), *_failed_engines(narrator), narrator.choices.problem, *own_mistakes()]
    return {
        "version": version("claude-narrator"),
        "pid": os.getpid(),
        "uptime_s": round(time.monotonic() - started_s, 1),
        "idle": narrator.idle,
        "waiting": narrator.pipeline.waiting,
        "speech": dataclasses.asdict(settings.speech),
        "muted": muted(narrator),
        "player": dataclasses.asdict(narrator.player.state),
        "memory": memory(narrator),
        "engines": engines(narrator),
        "recent": timelines.to_json(with_text=settings.log.spoken_text),
        "problems": list(dict.fromkeys(filter(None, problems))),
    }


def muted(narrator: Narrator) -> list[dict[str, Any]]:
    """Return who is muted, "" for everything: until when, null for ever, and how much was not said."""
    now_s = time.monotonic()
    return [
        {
            "session": each.session,
            "for_s": None if math.isinf(each.until_s) else round(each.until_s - now_s, 1),
            "dropped": each.dropped,
        }
        for each in narrator.controls.mute.state(Seconds(now_s))
    ]


def _troubles(narrator: Narrator) -> list[str]:
    """What sentences have met, without engines that cannot run here any more: nobody waits for those."""
    gone = {record.name for record in narrator.pool.records if record.status is not EngineStatus.READY}
    return [line for about, line in narrator.troubles.problems.items() if about not in gone]


def _failed_engines(narrator: Narrator) -> list[str]:
    """Why engines are left alone for now that no sentence has met: one that failed in the background."""
    told = narrator.troubles.problems
    return [
        state.reason
        for state in narrator.pool.states()
        if state.status == "failed" and state.name not in told
    ]


def memory(narrator: Narrator) -> dict[str, int]:
    """Return what the engines take together, and what they may take."""
    residency = narrator.pool.residency
    return {"used_bytes": residency.used_bytes(), "limit_bytes": residency.policy.limit_bytes}


def engines(narrator: Narrator) -> list[dict[str, Any]]:
    """Return every registered engine: what it is, whether it can run and why not, what runs now."""
    running = {state.name: dataclasses.asdict(state) for state in narrator.pool.states()}
    return [
        {
            "name": record.name,
            "kind": record.declaration.kind,
            "summary": record.declaration.summary,
            "languages": list(record.declaration.languages),
            "licence": record.declaration.licence,
            "status": record.status,
            "reason": record.reason,
            "unspoken": {language: reason for language, (_, reason) in record.unspoken.items()},
            "models": list(record.models),
            "options": dict(record.options),
            "running": running.get(record.name),
        }
        for record in narrator.pool.records
    ]


def voices(narrator: Narrator) -> list[dict[str, Any]]:
    """Return every voice of every registered synthesizer with the status of its engine."""
    return [
        {
            "id": f"{record.name}/{name}",
            "language": language,
            "status": record.lacks(language)[0],
            "reason": record.lacks(language)[1],
        }
        for record in narrator.pool.records
        for language, names in record.declaration.voices.items()
        for name in names
    ]
