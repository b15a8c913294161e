"""The gate that a listener shuts: nothing passes while muted, and nothing of it is said later. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from claude_narrator.daemon.clock import elapsed_s
from claude_narrator.models.types import Seconds, Utterance

EVERYTHING = ""
"""In the place of a session: all of them."""
_MAX_SESSIONS = 256


@dataclass(frozen=True, slots=True)
class Muted:
    """`session` is silent for another `left_s`, which may be infinite; `dropped` utterances were not said."""

    session: str
    left_s: float
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _Until:
    until_s: Seconds
    dropped: int = 0


class Mute:
    """Who is muted for how long; permission prompts and failures are no exception.

    It has a clock of its own: that of the other gates stands still while the machine sleeps.
    """

    def __init__(self, clock: Callable[[], Seconds] = elapsed_s) -> None:
        """Mute nobody; `clock` goes on while the machine sleeps."""
        self._clock = clock
        self._muted: dict[str, _Until] = {}

    def mute(self, session: str, span_s: float) -> None:
        """Let nothing of `session` pass for so long, of any session when it is EVERYTHING."""
        until_s = Seconds(self._clock() + span_s)
        before = self._muted.pop(session, _Until(until_s))
        self._muted[session] = replace(before, until_s=until_s)
        if len(self._muted) > _MAX_SESSIONS:
            oldest = next(each for each in self._muted if each != EVERYTHING)
            del self._muted[oldest]

    def unmute(self, session: str) -> tuple[Muted, ...]:
        """Let `session` pass again, or everything; return who was muted until now."""
        ended = tuple(each for each in self.state() if session in (EVERYTHING, each.session))
        for each in ended:
            del self._muted[each.session]
        return ended

    def admit(self, utterance: Utterance, now: Seconds) -> Iterable[Utterance]:
        """Return the utterance, or nothing while it is muted; `now` is the clock of other gates."""
        muted = self.muting(utterance.session)
        if muted is None:
            return (utterance,)
        until = self._muted[muted.session]
        self._muted[muted.session] = replace(until, dropped=until.dropped + 1)
        return ()

    def muting(self, session: str) -> Muted | None:
        """Return why `session` is silent, the one that lasts longer of two; None when it is not."""
        of_session = [each for each in self.state() if each.session in (EVERYTHING, session)]
        return max(of_session, key=lambda each: each.left_s, default=None)

    def state(self) -> tuple[Muted, ...]:
        """Return who is muted now."""
        now = self._clock()
        self._muted = {key: each for key, each in self._muted.items() if now < each.until_s}
        return tuple(Muted(key, each.until_s - now, each.dropped) for key, each in self._muted.items())
