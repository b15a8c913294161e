"""What a control answers, and what is the same with a daemon and without."""

from __future__ import annotations

from dataclasses import dataclass

from claude_narrator.daemon.setting_values import MAX_VOLUME_DB, MIN_VOLUME_DB

VOLUME_STEPS_DB = {"louder": 3.0, "quieter": -3.0}


@dataclass(frozen=True, slots=True)
class Done:
    """One line that says what was done; what is `heard` needs none where the listener sits."""

    said: str
    heard: bool = False


def step_volume(action: str, now_db: float) -> tuple[float, str]:
    """Return the volume in dB after `louder` or `quieter`, and what to say of it."""
    wanted_db = min(MAX_VOLUME_DB, max(MIN_VOLUME_DB, now_db + VOLUME_STEPS_DB[action]))
    if wanted_db == now_db:
        return now_db, f"The volume is {now_db:+g} dB already; there is no more."
    return wanted_db, f"Volume {wanted_db:+g} dB."
