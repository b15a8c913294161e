"""The gate that a listener shuts: nothing passes while muted, and nothing of it is said later. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from claude_narrator.models.types import Seconds, Utterance

EVERYTHING = ""
"""In the place of a session: all of them."""
_MAX_SESSIONS = 256


@dataclass(frozen=True, slots=True)
class Muted:
    """`session` is silent until `until_s`, which may be infinite; `dropped` utterances were not said."""

    session: str
    until_s: Seconds
    dropped: int = 0


class Mute:
    """Who is muted until when; permission prompts and failures are no exception."""

    def __init__(self) -> None:
        self._muted: dict[str, Muted] = {}

    def mute(self, session: str, until_s: Seconds) -> None:
        """Let nothing of `session` pass until then, of any session when it is EVERYTHING."""
        before = self._muted.pop(session, Muted(session, until_s))
        self._muted[session] = replace(before, until_s=until_s)
        if len(self._muted) > _MAX_SESSIONS:
            oldest = next(each for each in self._muted if each != EVERYTHING)
            del self._muted[oldest]

    def unmute(self, session: str, now: Seconds) -> int:
        """Let `session` pass again, or everything; return how many utterances were not said meanwhile."""
        ended = [each for each in self.state(now) if session in (EVERYTHING, each.session)]
        for each in ended:
            del self._muted[each.session]
        return sum(each.dropped for each in ended)

    def admit(self, utterance: Utterance, now: Seconds) -> Iterable[Utterance]:
        """Return the utterance, or nothing while it is muted."""
        muted = self.muting(utterance.session, now)
        if muted is None:
            return (utterance,)
        self._muted[muted.session] = replace(muted, dropped=muted.dropped + 1)
        return ()

    def muting(self, session: str, now: Seconds) -> Muted | None:
        """Return why `session` is silent, the one that lasts longer of two; None when it is not."""
        of_session = [each for each in self.state(now) if each.session in (EVERYTHING, session)]
        return max(of_session, key=lambda each: each.until_s, default=None)

    def state(self, now: Seconds) -> tuple[Muted, ...]:
        """Return who is muted now."""
        self._muted = {key: each for key, each in self._muted.items() if now < each.until_s}
        return tuple(self._muted.values())
