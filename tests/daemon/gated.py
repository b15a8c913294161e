"""The turn logic with an amount gate behind it: what a listener would hear, in order."""

from __future__ import annotations

from claude_narrator.daemon.amount import AmountGate
from claude_narrator.daemon.announcements import utterances_of
from claude_narrator.daemon.turns import Action, Announce, Silence, Speak
from claude_narrator.models.types import Priority, Seconds, Utterance
from tests.daemon.timed_payloads import Played


class Gated(Played):
    """`amount` may be changed at any time; `heard` is what came through, silenced afterwards or not."""

    def __init__(self, amount: str) -> None:
        super().__init__()
        self.amount = amount
        self.gate = AmountGate(lambda session: self.amount)
        self.heard: list[Utterance] = []

    def sentences(self, *priorities: Priority) -> list[str]:
        wanted = priorities or tuple(Priority)
        return [text for each in self.heard if each.priority in wanted for text in each.sentences]

    def _did(self, actions: list[Action]) -> list[Action]:
        for action in super()._did(actions):
            if isinstance(action, Speak):
                self.heard += self.gate.admit(action.utterance, Seconds(self.now))
            elif isinstance(action, Announce):
                for utterance in utterances_of(action.announcement, self.speech, lambda agent: "auto"):
                    self.heard += self.gate.admit(utterance, Seconds(self.now))
            elif isinstance(action, Silence):
                self.gate.silence(action.session, forget=False)
        return actions
