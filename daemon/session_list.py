"""What `voice sessions` and `voice listen` ask of the narrator, as plain JSON."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from claude_narrator.daemon import settings
from claude_narrator.daemon.floor import Standing
from claude_narrator.daemon.mute_words import muted_until
from claude_narrator.daemon.narrator import Narrator
from claude_narrator.daemon.protocol import SetForSession
from claude_narrator.daemon.session_names import Row, find_session, short_ids
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Seconds


def sessions(narrator: Narrator) -> list[Row]:
    """Return every session, the one prompted last first."""
    now = Seconds(time.monotonic())
    standings = narrator.sessions.standings(now)
    short = short_ids([each.session for each in standings])
    rows = [{**_row(narrator, each, now), "short_id": short[each.session]} for each in standings]
    return sorted(rows, key=lambda row: _age(row["prompted_s_ago"]))


def listen(narrator: Narrator, wanted: str) -> Row:
    """Give the floor to the session that `wanted` means, say what it held, and return what that was.

    :raises BadInput: it is muted, or none or several are meant; the line names those that could be.
    """
    row = find_session(wanted, sessions(narrator))
    if muted := narrator.controls.mute.muting(row["id"]):
        raise BadInput(muted_until(muted), "Unmute it first; what is held stays.")
    held = narrator.listen(row["id"])
    return {**{key: row[key] for key in ("id", "short_id", "project", "dropped", "expired")}, "held": held}


def set_for_session(narrator: Narrator, request: SetForSession) -> str:
    """Set a setting of speech for one session and return a line that says what holds now.

    :raises BadInput: no such session, key or value.
    :raises UnknownVoice, UnknownLanguage: nothing was changed.
    """
    section, _, name = request.key.partition(".")
    value = settings.value_from_text(request.key, request.value)
    if section != "speech":
        raise BadInput(f"{request.key} cannot be set for one session", "Only keys of speech can.")
    session = find_session(request.session, sessions(narrator))["id"]
    if name in ("language", "voice", "rate"):
        return narrator.set_voice("session", session, None, **{name: value}, by=request.by)
    narrator.choices.change("session", session, None, {name: value}, request.by)
    return f"{name} {value} (session)"


def project_of(folder: Path | None) -> str:
    """Return the name of the project in a folder: its last part; empty when there is none."""
    return folder.name if folder is not None else ""


def _row(narrator: Narrator, standing: Standing, now: Seconds) -> Row:
    folder = narrator.folder_of(standing.session)
    prompted_s = standing.prompted_s
    return {
        "id": standing.session,
        "project": project_of(folder),
        "folder": str(folder or ""),
        "owner": standing.owner,
        "closed": standing.closed,
        "speaking": narrator.pipeline.speaking == standing.session,
        "waiting": narrator.pipeline.waiting_of(standing.session),
        "held": standing.held,
        "dropped": standing.dropped,
        "expired": standing.expired,
        "prompted_s_ago": None if prompted_s is None else round(now - prompted_s, 1),
        "speech": dataclasses.asdict(narrator.choices.speech_for(standing.session)),
        "changes": narrator.choices.changes_of(standing.session),
    }


def _age(prompted_s_ago: float | None) -> float:
    return float("inf") if prompted_s_ago is None else prompted_s_ago
