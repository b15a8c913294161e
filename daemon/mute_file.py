"""Who is muted, kept over a restart of the daemon: whoever muted it for an hour is not to be surprised."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from claude_narrator.daemon.clock import elapsed_s
from claude_narrator.daemon.mute import Mute, Muted
from claude_narrator.models.types import Seconds

MAX_BYTES = 1 << 16
_log = logging.getLogger(__name__)


class KeptMute(Mute):
    """Keeps who is muted in a file: JSON `{session: {"until": second of the epoch, "left": seconds}}`.

    A daemon that starts knows nothing but the time of day. Where somebody has set it back meanwhile, a mute
    lasts no longer than was left of it when it was written down. Null is for ever. `problem` says why the
    file could not be written, empty when it was.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], Seconds] = elapsed_s,
        time_of_day: Callable[[], float] = time.time,
    ) -> None:
        """Mute who is muted in the file; one that cannot be read mutes nobody, and is a line in the log."""
        super().__init__(clock)
        self._path, self._time_of_day = path, time_of_day
        self.problem = ""
        for session, kept in self._read().items():
            left_s = math.inf if kept is None else min(kept["until"] - time_of_day(), kept["left"])
            super().mute(session, left_s)

    def mute(self, session: str, span_s: float) -> None:
        """Mute, and write it down."""
        super().mute(session, span_s)
        self._save()

    def unmute(self, session: str) -> tuple[Muted, ...]:
        """Unmute, and write it down."""
        ended = super().unmute(session)
        self._save()
        return ended

    def _save(self) -> None:
        now_s = self._time_of_day()
        kept = {
            each.session: None
            if math.isinf(each.left_s)
            else {"until": now_s + each.left_s, "left": each.left_s}
            for each in self.state()
        }
        temporary = self._path.with_suffix(".new")
        try:
            temporary.write_text(json.dumps(kept), encoding="utf-8")
            temporary.replace(self._path)
            self.problem = ""
        except OSError as error:
            self.problem = f"the mute cannot be kept over a restart: {error}"
            _log.warning("%s", self.problem)

    def _read(self) -> dict[str, dict[str, float] | None]:
        try:
            with self._path.open("rb") as file:
                found = json.loads(file.read(MAX_BYTES))
            if not isinstance(found, dict) or not all(map(_is_kept, found.values())):
                raise ValueError("not what was written")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("%s cannot be read, so nobody is muted: %s", self._path, error)
            return {}
        return found


def _is_kept(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, dict) and all(_is_number(value.get(key)) for key in ("until", "left"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
