"""Recorded and made streams of `claude -p`, played to the turn logic that hooks feed: what is said, once."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.narration import is_narration
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.protocol import Hook
from claude_narrator.daemon.reply_stream import ReplyStream
from claude_narrator.daemon.turns import SessionOpened
from claude_narrator.daemon.wire import encode
from claude_narrator.models.errors import BadInput
from claude_narrator.models.types import Priority
from tests.daemon.timed_payloads import ENGLISH, VERSIONS, Played

TOUR = [
    "I will look at the folder first, then read the notes.",
    "That should be quick.",
    "There is one file worth reading.",
    "Your notes hold two reminders.",
    "1: Buy bread.",
    "2: Call the library on Monday.",
    "To print them again, run.",
    "A shell command.",
    "Shall I add a third one?",
]


def play(lines: list[bytes]) -> tuple[Played, ReplyStream]:
    stream, played = ReplyStream(), Played()
    for line in lines:
        for payload in stream.feed(line):
            played.feed(payload)
    played.wait_until(played.now + 60)
    return played, stream


def recorded(version: str, name: str) -> list[bytes]:
    return (VERSIONS[version] / f"{name}.jsonl").read_bytes().splitlines(keepends=True)


def line(kind: str, **fields: Any) -> bytes:
    return json.dumps({"type": kind, "parent_tool_use_id": None, **fields}).encode() + b"\n"


def event(kind: str, **fields: Any) -> bytes:
    return line("stream_event", event={"type": kind, **fields})


def token(text: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def assistant(text: str, message_id: str = "m", **fields: Any) -> bytes:
    message = {"id": message_id, "model": "m", "content": [{"type": "text", "text": text}]}
    return line("assistant", message=message, **fields)


INIT = line("system", subtype="init", session_id="s", cwd="/home/user/project")
BEGIN = event("message_start") + event(
    "content_block_start", index=0, content_block={"type": "text", "text": ""}
)
END = event("content_block_stop", index=0) + event("message_stop")


def result(text: str = "", error: bool = False, subtype: str = "success") -> bytes:
    return line("result", subtype=subtype, is_error=error, result=text)


def said(*parts: bytes) -> list[str]:
    return play(b"".join(parts).splitlines(keepends=True))[0].said()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["stream", "stream-partial"])
def test_a_recorded_reply_is_said_once_with_and_without_partial_messages(version: str, name: str) -> None:
    played, stream = play(recorded(version, name))
    assert played.said() == TOUR
    assert (stream.complete, stream.failure) == (True, "")


@pytest.mark.parametrize("version", VERSIONS)
def test_narration_is_said_in_its_place_and_thoughts_are_not(version: str) -> None:
    assert play(recorded(version, "stream-narration"))[0].said() == [
        "Stepping through it now.",
        "The folder lists two files; next the sizes are checked.",
        "Both files are small.",
        "End of nine.",
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_subagent_is_not_said(version: str) -> None:
    assert play(recorded(version, "stream-subagent"))[0].said() == [
        "I ask a helper.",
        "The helper is on it.",
        "End of eight.",
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_api_error_is_said_as_a_failure_and_not_as_a_reply(version: str) -> None:
    played, stream = play(recorded(version, "stream-error"))
    assert played.said() == []
    assert played.said(Priority.IMPORTANT) == [notices_for(ENGLISH).failed]
    assert stream.failure == "API Error: 400 scripted bad request"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_interruption_silences_and_the_next_prompt_is_said(version: str) -> None:
    played, stream = play(recorded(version, "stream-interrupt"))
    assert played.silences() == 1
    assert played.said()[-2:] == ["A plain answer.", "End of eleven."]
    assert played.said(Priority.IMPORTANT) == []
    assert stream.failure == ""


def test_the_session_and_its_folder_are_told() -> None:
    played, stream = play([INIT])
    assert stream.session == "s"
    assert played.actions[0][1] == SessionOpened("s", "/home/user/project")


def test_a_sentence_is_said_while_its_line_is_still_open() -> None:
    stream, played = ReplyStream(), Played()
    words = ["The ", "build ", "is ", "green. ", "The ", "tests ", "are ", "still ", "running. "]
    for part in (INIT, *BEGIN.splitlines(keepends=True), *map(token, words)):
        for payload in stream.feed(part):
            played.feed(payload)
    assert played.said() == ["The build is green."]


def test_a_block_ends_its_last_line() -> None:
    stream, played = ReplyStream(), Played()
    for part in (INIT + BEGIN + token("I will look at it") + event("content_block_stop")).splitlines():
        for payload in stream.feed(part):
            played.feed(payload)
    assert played.said() == ["I will look at it."]


def test_two_blocks_of_one_message_do_not_run_into_each_other() -> None:
    assert said(INIT, assistant("One"), assistant("Two"), result("Two")) == ["One.", "Two."]


def test_a_block_whose_deltas_were_cut_is_completed_from_its_own_line() -> None:
    text = "The first sentence. The second one ends it."
    assert said(INIT, BEGIN, token(text[:30]), assistant(text), result(text)) == [
        "The first sentence.",
        "The second one ends it.",
    ]


def test_a_reply_of_which_the_result_alone_is_there_is_said() -> None:
    assert said(INIT, result("All is well.")) == ["All is well."]


def test_a_retry_repeats_nothing() -> None:
    first = token("There are seven files here.\nNothing el")
    again = token("There are seven files here.\nNothing else is needed.")
    heard = said(INIT, BEGIN, first, BEGIN, again, END, result("x"))
    assert [text for text in heard if text != "Nothing el."] == [
        "There are seven files here.",
        "Nothing else is needed.",
    ]


def test_the_second_reply_of_a_stream_is_said_behind_the_first() -> None:
    assert said(INIT, assistant("One."), result("One."), INIT, assistant("Two."), result("Two.")) == [
        "One.",
        "Two.",
    ]


def test_running_out_of_turns_is_a_failure() -> None:
    _, stream = play((INIT + result(subtype="error_max_turns")).splitlines())
    assert stream.failure == "error_max_turns"


@pytest.mark.parametrize("text", [b"Hello there.\n", b'{"a": 1}\n', b"[]\n", b"\xff\n"])
def test_what_is_no_stream_is_refused_with_the_way_to_make_one(text: bytes) -> None:
    with pytest.raises(BadInput, match="stream-json") as refused:
        ReplyStream().feed(text)
    assert "--output-format stream-json" in refused.value.hint


@pytest.mark.parametrize(
    "odd",
    [
        b"no JSON\n",
        b"\n",
        line("new_type"),
        line("stream_event"),
        line("stream_event", event=7),
        event("content_block_delta", delta=None),
        event("content_block_start", content_block="x"),
        line("assistant", message=None),
        line("assistant", message={"content": ["x", {"type": "text", "text": None}, {"type": "thinking"}]}),
        line("user", message={"content": "x"}),
        assistant("Of a helper.", parent_tool_use_id="toolu_1"),
    ],
)
def test_odd_lines_within_a_stream_are_passed_over(odd: bytes) -> None:
    assert said(INIT, odd, assistant("Well."), odd, result("Well.")) == ["Well."]


def test_the_text_is_the_same_however_it_is_cut_into_tokens() -> None:
    text = "One is here. Two is `there. Or` not.\n\n- An item. And more.\n\n```\nx. y\n```\n"
    for chars in range(1, 40):
        tokens = b"".join(token(text[at : at + chars]) for at in range(0, len(text), chars))
        assert said(INIT, BEGIN, tokens, assistant(text), END, result(text)) == said(INIT, result(text)), (
            chars
        )


def test_a_huge_block_fits_into_frames_and_none_of_it_is_lost() -> None:
    text = "狼。" * 300_000
    stream = ReplyStream()
    payloads = [each for part in (INIT, assistant(text)) for each in stream.feed(part)][1:]
    assert all(encode(Hook(payload)) for payload in payloads)
    assert "".join(payload["delta"] for payload in payloads) == text
    assert [payload["final"] for payload in payloads] == [False] * (len(payloads) - 1) + [True]


KEYS = ("type", "event", "message", "content", "text", "delta", "subtype", "is_error", "session_id", "cwd")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)
TYPES = ("system", "stream_event", "assistant", "user", "result", "content_block_delta", "text", "thinking")
RECORDS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TYPES), RECORDS), max_size=8))
def test_no_record_of_any_shape_is_an_accident(records: list[tuple[str, dict[str, Any]]]) -> None:
    stream, played = ReplyStream(), Played()
    for kind, fields in records:
        for payload in stream.feed(json.dumps({**fields, "type": kind}).encode()):
            played.feed(payload)


def signature(body: bytes) -> dict[str, Any]:
    return {"type": "thinking", "thinking": "x", "signature": base64.b64encode(body).decode()}


KIND = b"\x12\x0d\x0a\x0bB\x09narration"


@pytest.mark.parametrize(
    "body", [KIND, b"\x08\x05" + KIND, b"\x1a\x02xx" + KIND, b"\x0d1234" + KIND, KIND + b"\x12\x7f"]
)
def test_the_kind_is_found_among_other_fields(body: bytes) -> None:
    assert is_narration(signature(body))


@pytest.mark.parametrize(
    "block",
    [
        signature(b""),
        signature(b"narration"),
        signature(KIND[:-1]),
        signature(b"\x0a\x0d\x12\x0bB\x09narration"),
        signature(b"\xff" * 30),
        {"type": "thinking", "signature": "not base64!"},
        {"type": "thinking", "signature": "é"},
        {"type": "thinking"},
        {**signature(KIND), "type": "text"},
    ],
)
def test_other_blocks_are_no_narration(block: dict[str, Any]) -> None:
    assert not is_narration(block)


def test_the_recorded_transcripts_hold_one_narration_each() -> None:
    for folder in VERSIONS.values():
        assert _narrations(folder / "tour-transcript-1.jsonl") == [
            "The folder lists two files; next the sizes are checked."
        ]


def _narrations(path: Path) -> list[str]:
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    contents = (record.get("message", {}).get("content") for record in records)
    blocks = (block for content in contents if isinstance(content, list) for block in content)
    return [block["thinking"] for block in blocks if isinstance(block, dict) and is_narration(block)]
