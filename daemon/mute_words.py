"""A mute in words: what follows `mute`, and how long nothing is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from claude_narrator.daemon.mute import EVERYTHING, Muted
from claude_narrator.models.errors import BadInput
from claude_narrator.models.quantities import parse_span_s

SESSION = "session"
"""The word that means the session in which it is written alone."""
OF = "of"
"""The word before the beginning of a session's id or of its project's name."""
MAX_SPAN_S = 366 * 86400.0


def session_or_all(words: list[str], session: str, find: Callable[[str], str]) -> tuple[str, list[str]]:
    """Return the session that is meant, or EVERYTHING, and the words that do not say which.

    What stands behind OF is a name that `find` knows; SESSION alone is `session`, where it was written.

    :raises BadInput: one is meant that is not known.
    """
    if OF in words:
        at = words.index(OF)
        return find(" ".join(words[at + 1 :])), words[:at]
    if SESSION not in words:
        return EVERYTHING, words
    if not session:
        raise BadInput("it is not known which session is meant", "Give one: --session ID")
    return session, [word for word in words if word != SESSION]


def span_s(words: list[str]) -> float:
    """Return for how long to mute: a bare number is minutes, nothing is for ever.

    :raises BadInput: no such span, none at all, or more than a year.
    """
    if not words:
        return math.inf
    text = "".join(words)
    found_s = parse_span_s(text + "m" if text.isdigit() else text)
    if found_s <= 0:
        raise BadInput(f"{text} is no time to be muted", "Write one such as 5m or 1h30m.")
    if MAX_SPAN_S < found_s < math.inf:
        raise BadInput(f"{text[:20]} is more than a year", "Mute without a time: until it is unmuted.")
    return found_s


def who(session: str) -> str:
    """Return whose voice it is."""
    return "Voice of this session" if session else "Voice"


def for_span(seconds: float) -> str:
    """Return a span as a sentence ends with it: `for 1 hour 30 minutes`."""
    if math.isinf(seconds):
        return "until it is unmuted"
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (0 if hours else rest, "second")]
    return "for " + " ".join(f"{n} {unit}" + ("" if n == 1 else "s") for n, unit in parts if n)


def until_time(seconds: float) -> str:
    """Return when a span from now on ends, by the clock on the wall: `until 15:30`."""
    if math.isinf(seconds):
        return "until it is unmuted"
    now = datetime.now()
    end = now + timedelta(seconds=seconds)
    if seconds < 60:
        return f"until {end:%H:%M:%S}"
    return f"until {end:%H:%M}" if end.date() == now.date() else f"until {end:%Y-%m-%d %H:%M}"


def muted_until(muted: Muted) -> str:
    """Return who is muted until when: `the voice is muted until 15:30`."""
    what = "this session" if muted.session else "the voice"
    return f"{what} is muted {until_time(muted.left_s)}"


def unmuted(session: str, ended: tuple[Muted, ...], still: Muted | None) -> str:
    """Return what an unmute has done; `ended` were muted, `still` is.

    :raises BadInput: everything is muted, so that one session stays silent.
    """
    if still:
        raise BadInput(f"everything is muted {until_time(still.left_s)}", "Unmute everything.")
    if not ended:
        return f"{who(session)} was not muted."
    dropped = sum(each.dropped for each in ended)
    were = "was" if dropped == 1 else "were"
    return f"{who(session)} unmuted" + (f"; {dropped} {were} not said." if dropped else ".")
