"""Plays hook payloads to the turn logic at their times, and keeps what came of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from claude_narrator.daemon.announcements import utterances_of
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.turns import Action, Announce, Silence, Speak, Turns
from claude_narrator.models.types import Language, Priority, Seconds, Utterance

RECORDED = Path(__file__).parents[1] / "data" / "claude-code"
VERSIONS = {"2.1.328": RECORDED, "2.1.197": RECORDED / "2.1.197"}
ENGLISH = Language("en")
DEFAULTS = Speech()

Timed = tuple[float, dict[str, Any]]


class Played:
    """The turn logic with a clock that a test moves; `actions` holds when what was done.

    What is announced is said as under the settings `speech`.
    """

    def __init__(self, speech: Speech = DEFAULTS) -> None:
        self.speech = speech
        self.turns = Turns(ENGLISH)
        self.actions: list[tuple[float, Action]] = []
        self.now = 0.0

    def wait_until(self, at: float) -> None:
        """Move the clock, and do what falls due at exactly the time it falls due."""
        while (due := self.turns.next_due_s) is not None and due <= at:
            self.now = max(self.now, due)
            did = self._did(self.turns.due(Seconds(self.now)))
            assert did or self.turns.next_due_s is None or self.turns.next_due_s > due
        self.now = max(self.now, at)

    def feed(self, payload: dict[str, Any], at: float | None = None) -> list[Action]:
        self.wait_until(self.now if at is None else at)
        return self._did(self.turns.feed(payload, Seconds(self.now)))

    def play(self, payloads: Iterable[Timed]) -> Played:
        for at, payload in payloads:
            self.feed(payload, at)
        self.wait_until(self.now + 60)
        return self

    def utterances(self, *priorities: Priority) -> list[Utterance]:
        spoken = [utterance for _, utterance in self._spoken()]
        wanted = priorities or (Priority.TEXT,)
        return [each for each in spoken if each.sentences and each.priority in wanted]

    def said(self, *priorities: Priority) -> list[str]:
        return [sentence for each in self.utterances(*priorities) for sentence in each.sentences]

    def said_at(self) -> list[tuple[float, str]]:
        return [(at, sentence) for at, utterance in self._spoken() for sentence in utterance.sentences]

    def silences(self) -> int:
        return sum(isinstance(action, Silence) for _, action in self.actions)

    def _spoken(self) -> Iterator[tuple[float, Utterance]]:
        for at, action in self.actions:
            if isinstance(action, Speak):
                yield at, action.utterance
            elif isinstance(action, Announce):
                for utterance in utterances_of(action.announcement, self.speech, lambda agent: "auto"):
                    yield at, utterance

    def _did(self, actions: list[Action]) -> list[Action]:
        self.actions += [(self.now, action) for action in actions]
        return actions


def tour(version: str) -> list[Timed]:
    """Return the hook payloads of the recorded session with their times of arrival."""
    lines = (VERSIONS[version] / "tour-hooks.jsonl").read_text(encoding="utf-8").splitlines()
    return [(line["t"], line["hook"]) for line in map(json.loads, lines) if "hook" in line]


class Claude:
    """Writes the payloads of one session as Claude Code would."""

    def __init__(self, session: str = "s1", cwd: str = "/home/user/project") -> None:
        self.session = session
        self._common = {"session_id": session, "transcript_path": "/t.jsonl", "cwd": cwd}

    def event(self, name: str, **fields: Any) -> dict[str, Any]:
        return {**self._common, "hook_event_name": name, **fields}

    def prompt(self, prompt_id: str, prompt: str = "Do it") -> dict[str, Any]:
        return self.event("UserPromptSubmit", prompt_id=prompt_id, prompt=prompt)

    def shows(
        self, prompt_id: str, message_id: str, index: int, delta: str, final: bool = False
    ) -> dict[str, Any]:
        return self.event(
            "MessageDisplay",
            prompt_id=prompt_id,
            turn_id=f"turn-of-{prompt_id}",
            message_id=message_id,
            index=index,
            final=final,
            delta=delta,
        )

    def stops(self, prompt_id: str, text: str, active: bool = False) -> dict[str, Any]:
        return self.event("Stop", prompt_id=prompt_id, stop_hook_active=active, last_assistant_message=text)

    def fails(self, prompt_id: str, error: str = "unknown") -> dict[str, Any]:
        return self.event(
            "StopFailure",
            prompt_id=prompt_id,
            error=error,
            last_assistant_message="API Error: 500 no such luck",
        )
