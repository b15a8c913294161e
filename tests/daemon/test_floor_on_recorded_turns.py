"""Two sessions as the real CLI sent them, one of them prompted by nobody: the other is heard in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.session_floor import SessionFloor
from claude_narrator.daemon.turns import Speak
from claude_narrator.models.types import Priority, Seconds, Utterance
from tests.daemon.timed_payloads import VERSIONS, Played, Timed, tour


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_that_is_prompted_is_heard_in_full_whatever_another_writes(
    version: str, tmp_path: Path
) -> None:
    alone = Played().play(tour(version))
    both = Played().play(sorted([*tour(version), *unprompted(tour(version))], key=lambda each: each[0]))
    spoken = admitted(both, Choices(tmp_path / "config.toml"))
    ours = [each for each in spoken if not each.session.startswith("other")]
    said = [sentence for each in ours if each.priority is Priority.TEXT for sentence in each.sentences]
    assert said == alone.said()
    theirs = [each for each in spoken if each.session.startswith("other")]
    assert sum(each.sentences == (CHIME,) for each in theirs) >= 1
    texts = sum(each.priority is Priority.TEXT for each in theirs)
    assert texts < len([each for each in both.utterances() if each.session.startswith("other")]) / 2


def unprompted(payloads: list[Timed]) -> list[Timed]:
    """The same session under another name, without the prompts of its human."""
    return [
        (at + 0.01, {**payload, "session_id": f"other-{payload['session_id']}", "cwd": "/home/user/other"})
        for at, payload in payloads
        if payload["hook_event_name"] != "UserPromptSubmit"
    ]


def admitted(played: Played, choices: Choices) -> list[Utterance]:
    """What the floor lets pass of what a session of hooks has led to."""
    floor = SessionFloor(choices, lambda session: ())
    passed: list[Utterance] = []
    for at, action in played.actions:
        floor.follow(action, Seconds(at))
        if isinstance(action, Speak):
            passed += floor.admit(action.utterance, Seconds(at))
    return passed
