"""Narration, which stands in the transcript alone, among the messages that hooks report."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from claude_narrator.daemon.transcript_records import Narration, Records
from claude_narrator.models.types import Seconds
from tests.daemon.timed_payloads import VERSIONS, Claude, Played, tour

KIND = base64.b64encode(b"\x12\x0d\x0a\x0bB\x09narration").decode()
THOUGHT = base64.b64encode(b"\x12\x0c\x0a\x0aB\x08thinking").decode()
claude = Claude()


@pytest.fixture
def played() -> Played:
    return Played()


def narrate(played: Played, text: str, record: str = "r", prompt_id: str = "p") -> None:
    now = Seconds(played.now)
    played.actions += [
        (now, each) for each in played.turns.read("s1", Narration(record, prompt_id, text), now)
    ]


def test_narration_is_said_between_the_messages_around_it_and_once(played: Played) -> None:
    played.feed(claude.prompt("p"))
    played.feed(claude.shows("p", "m", 0, "I look.", final=True), at=1.0)
    played.wait_until(2.0)
    narrate(played, "There are two files.")
    narrate(played, "There are two files.")
    played.wait_until(3.0)
    played.feed(claude.shows("p", "n", 0, "Both are small.", final=True), at=3.0)
    played.feed(claude.stops("p", "Both are small."), at=3.1)
    played.wait_until(20.0)
    assert played.said() == ["I look.", "There are two files.", "Both are small."]


def test_narration_waits_for_the_end_of_the_message_before_it(played: Played) -> None:
    played.feed(claude.shows("p", "m", 0, "I look.\n"))
    narrate(played, "There are two files.")
    played.feed(claude.shows("p", "m", 1, "Now.", final=True), at=0.1)
    played.wait_until(20.0)
    assert played.said() == ["I look.", "Now.", "There are two files."]


def test_narration_of_an_interrupted_turn_is_not_said(played: Played) -> None:
    played.feed(claude.prompt("p"))
    played.turns.interrupt("s1", "p", Seconds(played.now))
    narrate(played, "There are two files.")
    played.wait_until(20.0)
    assert played.said() == []


def test_a_turn_may_begin_with_narration(played: Played) -> None:
    played.feed(claude.prompt("p"))
    narrate(played, "First `one`. Then AKIAIOSFODNN7EXAMPLE.")
    played.feed(claude.shows("p", "m", 0, "Done.", final=True), at=1.0)
    played.feed(claude.stops("p", "Done."))
    played.wait_until(20.0)
    assert played.said()[0] == "First one."
    assert "AKIA" not in str(played.said())
    assert played.said()[-1] == "Done."


def test_narration_of_an_unknown_session_is_nothing(played: Played) -> None:
    assert played.turns.read("who", Narration("r", "p", "Hello."), Seconds(0.0)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_recorded_narration_names_its_turn(version: str) -> None:
    records = Records()
    lines = (VERSIONS[version] / "tour-transcript-1.jsonl").read_bytes().splitlines()
    found = [news for line in lines if isinstance(news := records.news_in(line), Narration)]
    prompts = {payload.get("prompt_id") for _, payload in tour(version)}
    assert [each.text for each in found] == ["The folder lists two files; next the sizes are checked."]
    assert found[0].prompt_id in prompts


def record(**changes: Any) -> bytes:
    block = {
        "type": "thinking",
        "thinking": changes.pop("text", "Two files."),
        "signature": changes.pop("signature", KIND),
    }
    message = {
        "role": "assistant",
        "content": [block],
        "stop_reason": changes.pop("stop_reason", "tool_use"),
    }
    return json.dumps({"type": "assistant", "uuid": "u", "message": message, **changes}).encode()


def test_the_turn_is_that_of_the_last_record_with_a_prompt_id() -> None:
    records = Records()
    assert records.news_in(b'{"type":"user","promptId":"p","message":{"content":"x"}}') is None
    assert records.news_in(b'{"type":"user","message":{"content":"\\"promptId\\":\\"forged\\""}}') is None
    assert records.news_in(record()) == Narration("u", "p", "Two files.")


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": THOUGHT},
        {"signature": 7},
        {"stop_reason": "end_turn"},
        {"stop_reason": None},
        {"isSidechain": True},
        {"uuid": None},
        {"message": None},
        {"type": "new-type"},
        {"text": "  "},
        {"text": None},
    ],
)
def test_other_thinking_blocks_are_not_said(changes: dict[str, Any]) -> None:
    assert Records().news_in(record(**changes)) is None
