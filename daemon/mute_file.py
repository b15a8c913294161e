"""Who is muted, kept over a restart of the daemon: whoever muted it for an hour is not to be surprised."""

from __future__ import annotations

import json
import logging
import math
import time
from pathlib import Path

from claude_narrator.daemon.mute import Mute
from claude_narrator.models.types import Seconds

MAX_BYTES = 1 << 16
_log = logging.getLogger(__name__)


class KeptMute(Mute):
    """Keeps who is muted in a file: JSON `{session: second of the epoch, or null for ever}`."""

    def __init__(self, path: Path) -> None:
        """Mute who is muted in the file; one that cannot be read mutes nobody, and is a line in the log."""
        super().__init__()
        self._path = path
        now_s, epoch_s = time.monotonic(), time.time()
        for session, until_s in self._read().items():
            left_s = math.inf if until_s is None else until_s - epoch_s
            super().mute(session, Seconds(now_s + left_s))

    def mute(self, session: str, until_s: Seconds) -> None:
        """Mute, and write it down."""
        super().mute(session, until_s)
        self._save()

    def unmute(self, session: str, now: Seconds) -> int:
        """Unmute, and write it down."""
        dropped = super().unmute(session, now)
        self._save()
        return dropped

    def _save(self) -> None:
        now_s, epoch_s = Seconds(time.monotonic()), time.time()
        until = {
            each.session: None if math.isinf(each.until_s) else epoch_s + each.until_s - now_s
            for each in self.state(now_s)
        }
        temporary = self._path.with_suffix(".new")
        try:
            temporary.write_text(json.dumps(until), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            _log.warning("the mute cannot be kept over a restart: %s", error)

    def _read(self) -> dict[str, float | None]:
        try:
            with self._path.open("rb") as file:
                found = json.loads(file.read(MAX_BYTES))
            if not isinstance(found, dict) or not all(map(_is_moment, found.values())):
                raise ValueError("not what was written")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("%s cannot be read, so nobody is muted: %s", self._path, error)
            return {}
        return found


def _is_moment(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
