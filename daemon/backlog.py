"""What to do when more waits than a listener can catch up with: speak faster, then skip, and say so.

Only what the narrator says of a reply is hurried or skipped: neither alerts nor what somebody asked to hear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from claude_narrator.daemon.notices import skipped_notice
from claude_narrator.daemon.roles import only
from claude_narrator.models.language_file import ENGLISH, language_file
from claude_narrator.models.types import Language, Origin, Passage, Priority, Role, Seconds, Utterance

HURRY_FROM_S = Seconds(30.0)
"""With less speech than this waiting, nothing changes."""
HURRY_FULLY_S = Seconds(90.0)
"""From so much on, the pace is FASTEST; between the two it rises evenly."""
FASTEST = 1.35
"""Times the rate that is set: what one still follows without having got used to it."""
PACE_STEP = 0.05
SKIP_FROM_S = Seconds(60.0)
"""When more speech than this waits before the newest message of a turn, its oldest sentences are skipped."""
SKIP_TO_S = Seconds(20.0)
"""Until so much of it is left: seldom and much is easier to follow than often and little."""

_KEPT = frozenset({Role.WARNING, Role.QUESTION})


@dataclass(frozen=True, slots=True)
class Hearing:
    """How a session is heard: `rate` is what is set, `catch_up` whether it may be hurried and cut."""

    language: Language
    rate: float
    catch_up: bool


def speech_s(sentences: Iterable[str], language: Language) -> Seconds:
    """Return about how long it takes to say `sentences` at the rate 1."""
    return Seconds(sum(map(len, sentences)) / language_file(language)["chars_per_second"])


def narration_s(waiting: Iterable[Utterance]) -> Seconds:
    """Return about how long it takes to say the narration in `waiting` at the rate 1."""
    return Seconds(sum(_speech_s(each) for each in waiting if may_hurry(each)))


def pace(waiting_s: Seconds) -> float:
    """Return by what to multiply the rate when so much narration waits: 1 to FASTEST, in steps."""
    share = (waiting_s - HURRY_FROM_S) / (HURRY_FULLY_S - HURRY_FROM_S)
    faster = min(1.0, max(0.0, share)) * (FASTEST - 1.0)
    return round(1.0 + int(faster / PACE_STEP + 1e-9) * PACE_STEP, 2)


def may_hurry(utterance: Utterance) -> bool:
    """Return whether `utterance` is narration of a reply, and no alert."""
    return utterance.origin is Origin.NARRATION and utterance.priority is Priority.TEXT


class Backlog:
    """Takes what is old out of what waits, with a sentence in its place that says how much."""

    def __init__(self, hearing_of: Callable[[str], Hearing]) -> None:
        """`hearing_of` tells how a session is heard now."""
        self._hearing_of = hearing_of
        self._told: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._notices = 0

    def lost(self, utterance: Utterance) -> None:
        """Tell with the next `thin` that there was no room for `utterance`.

        Reports of progress and notifications make way for newer ones by rule: nobody is told.
        """
        if utterance.priority not in (Priority.PROGRESS, Priority.NOTIFICATION):
            count = self._told.pop(utterance.id, len(utterance.sentences))
            self._lost[utterance.session] = self._lost.get(utterance.session, 0) + count

    def thin(self, waiting: Sequence[Utterance]) -> tuple[Utterance, ...]:
        """Return what is still to be said of `waiting`, in its order.

        What is skipped is of the turn that a session is in, and older than the newest message that waits;
        questions and warnings of it stay.
        """
        self._told = {each.id: self._told[each.id] for each in waiting if each.id in self._told}
        left = tuple(self._with_lost(list(waiting)))
        for session in dict.fromkeys(each.session for each in waiting if may_hurry(each)):
            left = self._thin_session(left, session)
        return left

    def _with_lost(self, waiting: list[Utterance]) -> list[Utterance]:
        """Return `waiting` with a notice for what was lost, before the narration of its session."""
        lost, self._lost = self._lost, {}
        for session, count in lost.items():
            first = next((at for at, each in enumerate(waiting) if _is_of(each, session)), len(waiting))
            model = waiting[first] if first < len(waiting) else _nothing_of(session)
            waiting.insert(first, self._notice(model, count, self._hearing_of(session).language))
        return waiting

    def _thin_session(self, waiting: tuple[Utterance, ...], session: str) -> tuple[Utterance, ...]:
        narrated = [each for each in waiting if _is_of(each, session)]
        newest = max(each.passage for each in narrated)
        old = [each for each in narrated if _is_between(each.passage, newest)]
        if not old or not (hearing := self._hearing_of(session)).catch_up:
            return waiting
        behind_s = narration_s(old) / hearing.rate
        if behind_s <= SKIP_FROM_S:
            return waiting
        doomed: dict[str, Utterance] = {}
        for each in old:
            kept = only(each, _KEPT)
            if behind_s > SKIP_TO_S and len(kept.sentences) < len(each.sentences):
                doomed[each.id] = kept
                behind_s -= (_speech_s(each) - _speech_s(kept)) / hearing.rate
        return self._announced(waiting, old, doomed, hearing.language) if doomed else waiting

    def _announced(
        self,
        waiting: tuple[Utterance, ...],
        old: Sequence[Utterance],
        doomed: dict[str, Utterance],
        language: Language,
    ) -> tuple[Utterance, ...]:
        """Return `waiting` with what is kept of the `doomed`, behind a notice that replaces older ones."""
        told = {each.id for each in old if each.id in self._told}
        count = sum(len(each.sentences) - len(doomed[each.id].sentences) for each in old if each.id in doomed)
        count += sum(self._told.pop(each) for each in told)
        left: list[Utterance] = []
        for each in waiting:
            if count and (each.id in told or each.id in doomed):
                left.append(self._notice(each, count, language))
                count = 0
            kept = doomed.get(each.id, each)
            left += [kept] if kept.sentences and each.id not in told else []
        return tuple(left)

    def _notice(self, first: Utterance, count: int, language: Language) -> Utterance:
        self._notices += 1
        text, spoken_in = skipped_notice(count, language)
        notice_id = f"skipped-{self._notices}"
        self._told[notice_id] = count
        return replace(first, id=notice_id, sentences=(text,), roles=(Role.WARNING,), language=spoken_in)


def _is_of(utterance: Utterance, session: str) -> bool:
    return utterance.session == session and may_hurry(utterance)


def _nothing_of(session: str) -> Utterance:
    return Utterance("", session, (), ENGLISH, Seconds(0.0))


def _speech_s(utterance: Utterance) -> Seconds:
    return speech_s(utterance.sentences, utterance.language)


def _is_between(passage: Passage, newest: Passage) -> bool:
    """Return whether `passage` is of an earlier message of the turn of the newest."""
    return passage.turn == newest.turn and 0 < passage.message < newest.message
