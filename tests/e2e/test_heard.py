"""With models: a recogniser listens to what a real Claude Code turn sounds like."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import User, ask
from tests.e2e.listener import transcribe
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator
from tests.e2e.scenario import Text, ToolUse
from tests.models_home import ensure

pytestmark = [pytest.mark.e2e, pytest.mark.models]

LOOK = {"command": "echo seven", "description": "Look"}


def positions(text: str, words: list[str]) -> list[int]:
    """Return where each word first stands in the text; -1 for one that is missing."""
    return [text.find(word) for word in words]


def test_a_recogniser_hears_the_words_of_a_turn_once_and_in_order(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    narrator.stop_daemon()
    narrator.wav.unlink()
    api.script(
        [Text("First I will open the window in the kitchen.\n"), ToolUse("Bash", LOOK)],
        [Text("There are seven birds in the garden.\n\nThe river is cold in the winter.")],
    )
    assert ask(user, "What do you see?").returncode == 0
    narrator.wait_ended("river")
    narrator.stop_daemon()
    heard = transcribe(narrator.wav, "en")
    places = positions(heard, ["window", "kitchen", "birds", "garden", "river", "winter"])
    assert -1 not in places, heard
    assert places == sorted(places), heard
    assert [heard.count(word) for word in ("window", "birds", "river")] == [1, 1, 1], heard


def test_a_turn_is_heard_in_japanese(api: MessagesApi, user: User) -> None:
    ensure("qwen2.5-coder-1.5b")
    root = ensure("kokoro-82m-int8")
    api.script(
        [Text("The weather is nice today.\n"), ToolUse("Bash", LOOK)], [Text("I drink water in the morning.")]
    )
    with Narrator(user, language="ja", models=root) as narrator:
        narrator.install(timeout_s=120.0)
        narrator.stop_daemon()
        narrator.wav.unlink(missing_ok=True)
        assert ask(user, "Say it.").returncode == 0
        last = narrator.wait_ended("water", timeout_s=90.0)
        assert last.outcome == "spoken"
        assert [character for character in last.spoken if character > "\u3040"], last.spoken
        narrator.stop_daemon()
        heard = transcribe(narrator.wav, "ja")
    assert "天気" in heard, heard
    assert "水" in heard, heard


def test_the_model_gets_a_real_translation(api: MessagesApi, user: User) -> None:
    root = ensure("qwen2.5-coder-1.5b")
    translate = ToolUse("mcp__voice__translate", {"text": "The weather is nice today.", "to": "ja"})
    api.script([translate], [Text("Done.")])
    with Narrator(user, models=root) as narrator:
        narrator.install()
        assert ask(user, "Translate it.").returncode == 0
    (result,) = api.scripted[1].tool_results()
    assert "天気" in result, result
