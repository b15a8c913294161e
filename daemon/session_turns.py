"""The turns of one Claude Code session, kept in order."""

from __future__ import annotations

from itertools import zip_longest

from claude_narrator.daemon.agents import Agents
from claude_narrator.daemon.dialogs import Dialogs
from claude_narrator.daemon.hook_events import Displayed, Failed, Stopped
from claude_narrator.daemon.messages import Delta, Heard
from claude_narrator.daemon.text_style import StyleSource, default_style
from claude_narrator.daemon.turn import Phase, Turn
from claude_narrator.models.types import Language, Seconds

MAX_TURNS = 8
"""Turns that a session remembers, to know late deliveries of them."""
PROMPT_LATE_S = Seconds(0.5)
"""How far a prompt may come behind the first words of its own turn: two doors lead into the daemon."""


class SessionTurns:
    """The turns of one session, in order: a turn is heard when the one before it has ended.

    `last_s` is when something was last heard of the session, `closed` true after it has ended. `dialogs` are
    its questions to the human, `agents` its subagents.
    """

    def __init__(self, name: str, language: Language, style: StyleSource = default_style) -> None:
        """Start with no turn; `name` is the session's id."""
        self.name = name
        self.last_s = Seconds(0.0)
        self.closed = False
        self.dialogs, self.agents = Dialogs(name), Agents()
        self._left = False
        self._prompted = ""
        self._early: list[tuple[str, Heard]] = []
        self._language, self._style = language, style
        self._turns: list[Turn] = []
        self._begun = 0

    @property
    def next_due_s(self) -> Seconds | None:
        """When `advance` must be called even if nothing arrives."""
        turn = next((turn for turn in self._turns if turn.running), None)
        return turn.next_due_s if turn else None

    def display(self, event: Displayed, now: Seconds) -> None:
        """Take a delta."""
        if turn := self._turn(event.prompt_id):
            turn.display(event.message_id, event.index, Delta(event.delta, event.final, now))

    def stop(self, event: Stopped, now: Seconds) -> list[Heard]:
        """Begin to end the turn."""
        turn = self._turn(event.prompt_id)
        return turn.stop(event.text, now) if turn else []

    def fail(self, event: Failed, now: Seconds) -> None:
        """Begin to end the turn with a notice of the failure."""
        if turn := self._turn(event.prompt_id):
            turn.fail(now, event.error)

    def reopen(self, prompt_id: str = "") -> None:
        """Take news again, after the prompt `prompt_id` if there was one."""
        self.closed = self._left = False
        self._prompted = prompt_id or self._prompted

    def prompt(self, prompt_id: str, now: Seconds) -> list[Heard]:
        """Say no more of other turns. Return what overtook the prompt: it must outlive the silence."""
        self.reopen(prompt_id)
        self.drop_all_but(prompt_id)
        early, self._early = self._recent_early(now), []
        return [heard for key, heard in early if key == prompt_id]

    def interrupt(self, prompt_id: str) -> bool:
        """Say no more of the turn of `prompt_id` or an earlier one; an empty one means all.

        What of it arrives late stays unsaid. Return False when it had ended already and a later one goes on.
        """
        keys = [turn.key for turn in self._turns]
        if prompt_id in keys:
            doomed = self._turns[: keys.index(prompt_id) + 1]
        elif prompt_id and keys and keys[-1] == self._prompted:
            return False
        else:
            doomed = list(self._turns)
            if prompt_id:
                doomed.append(self._begin(prompt_id))
        goes_on = not any(turn.running for turn in doomed) and len(doomed) < len(self._turns)
        for turn in doomed:
            turn.drop()
        return not goes_on

    def leave(self) -> None:
        """Say no more: the human has left, and late deliveries are no news."""
        self._left = True
        self.drop_all_but("")

    def drop_all_but(self, prompt_id: str) -> None:
        """Say no more of other turns than that of `prompt_id`; a queued prompt has the running turn's id."""
        for turn in self._turns:
            if turn.key != prompt_id or not prompt_id:
                turn.drop()

    def settle(self, now: Seconds) -> list[Heard]:
        """Return what is left of turns that Stop has ended, without waiting for late deltas."""
        heard = self.advance(now)
        for turn in self._turns:
            heard += turn.settle(now)
        return heard

    def advance(self, now: Seconds) -> list[Heard]:
        """Return what can be said by now."""
        heard: list[Heard] = []
        for turn, later in zip_longest(self._turns, self._turns[1:]):
            said = turn.advance(now)
            if turn.key != self._prompted:
                self._early = [*self._recent_early(now), *((turn.key, each) for each in said)]
            heard += said
            if turn.running and later:
                turn.give_way(now)
                heard += turn.close(now) if later.crowded else []
            if turn.running:
                break
        return heard

    def _recent_early(self, now: Seconds) -> list[tuple[str, Heard]]:
        return [(key, heard) for key, heard in self._early if now - heard.arrived_s < PROMPT_LATE_S]

    def _turn(self, key: str) -> Turn | None:
        """Return the turn `key`, begun when it is new; None when a later one has taken its place."""
        known = next((turn for turn in self._turns if turn.key == key), None)
        if not key and self._turns and self._turns[-1].phase is not Phase.DROPPED:
            known = self._turns[-1]
        if known:
            return known if known.running or known is self._turns[-1] else None
        if self._left:
            return None
        return self._begin(key)

    def _begin(self, key: str) -> Turn:
        self._begun += 1
        self._turns.append(Turn(key, self._language, self._begun, self._style))
        self._forget_old()
        return self._turns[-1]

    def _forget_old(self) -> None:
        for turn in self._turns[:-1]:
            if not turn.running:
                turn.forget()
        if len(self._turns) > MAX_TURNS:
            del self._turns[0]
