from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.protocol import Answer, Control, Hook, Mcp, Request, Say, SetVoice, Stop, Wait
from claude_narrator.daemon.wire import (
    HEADER,
    MAX_FRAME,
    ProtocolError,
    decode_answer,
    decode_request,
    encode,
    frame,
    parse_object,
)

REQUESTS: list[Request] = [
    Hook({"hook_event_name": "Stop", "nested": [1, None, True, {"a": 0.5}]}),
    Mcp("session", "/project"),
    Say("こんにちは", "ja", "open_jtalk/mei", 1.5, "/tmp/out.wav", True),
    Wait(2.5),
    Stop(),
    Control("mute", "5m", "session", "/project"),
    SetVoice("session", rate=2.0),
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
ops = st.sampled_from([request.op for request in REQUESTS])
fields = st.sampled_from(["event", "text", "rate", "wait", "timeout_s", "session", "scope", "out", "other"])


def body(message: Request | Answer) -> bytes:
    data = encode(message)
    (length,) = HEADER.unpack(data[: HEADER.size])
    assert length == len(data) - HEADER.size
    return data[HEADER.size :]


def refused(data: bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        decode_request(data)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 300
    return text


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.op)
def test_a_request_comes_back_as_it_was_sent(request_: Request) -> None:
    assert decode_request(body(request_)) == request_


@pytest.mark.parametrize(
    "answer", [Answer({"a": [1, 2]}), Answer(error={"code": "bad_input", "problem": "p", "hint": ""})]
)
def test_an_answer_comes_back_as_it_was_sent(answer: Answer) -> None:
    assert decode_answer(body(answer)) == answer


@given(st.binary())
def test_arbitrary_bytes_are_refused_with_one_line(data: bytes) -> None:
    refused(data)


@given(values)
def test_arbitrary_json_raises_nothing_but_a_protocol_error(value: Any) -> None:
    refused(json.dumps(value).encode())


@given(ops, st.dictionaries(fields, values, max_size=4))
def test_arbitrary_fields_give_a_request_of_the_right_types_or_a_protocol_error(
    op: str, given_fields: dict[str, Any]
) -> None:
    data = json.dumps({"v": 1, "op": op, **given_fields}).encode()
    try:
        request = decode_request(data)
    except ProtocolError:
        return
    if isinstance(request, Say):
        assert [type(v) for v in (request.text, request.rate, request.wait)] == [str, float, bool]
    assert decode_request(body(request)) == request


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_every_text_with_whole_characters_survives(text: str) -> None:
    assert decode_request(body(Say(text))) == Say(text)


def test_half_a_surrogate_pair_becomes_the_replacement_character_and_a_whole_pair_stays() -> None:
    data = rb'{"v": 1, "op": "say", "text": "a\ud800b \ud83d\ude00 \udc00"}'
    assert decode_request(data) == Say("a\ufffdb \U0001f600 \ufffd")
    event = rb'{"v": 1, "op": "hook", "event": {"k\ud800": ["\uDFFF", 1, null]}}'
    assert decode_request(event) == Hook({"k\ufffd": ["\ufffd", 1, None]})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[" * 100_000, "nested"),
        (b'{"v":1,"op":"hook","event":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_002, "nested"),
        (b'{"v":1,"op":"wait","timeout_s":' + b"9" * 10_000 + b"}", "digits"),
        (b'{"v":1,"op":"wait","timeout_s":1e999}', "too large"),
        (b'{"v":1,"op":"wait","timeout_s":NaN}', "NaN"),
        (b'{"v":1,"op":"wait","timeout_s":-Infinity}', "-Infinity"),
        (b'{"v":1,"op":"wait","timeout_s":' + b"9" * 400 + b"}", "'timeout_s' has the wrong type"),
        (b'{"v":1,"op":"wait","timeout_s":true}', "'timeout_s' has the wrong type"),
        (b'{"v":1,"op":"stop","session":null}', "'session' has the wrong type"),
        (b'{"v":1,"op":"say"}', "'text' is missing"),
        (b'{"v":1,"op":"stop","op":"pause"}', "twice"),
        (b'{"v":1,"op":"hook","event":{"a":1,"a":2}}', "twice"),
        (b'{"v":1,"op":"stop","sesion":""}', "unknown field 'sesion'"),
        (b'{"v":2,"op":"stop"}', "run voice-install again"),
        (b'{"v":true,"op":"stop"}', "protocol version True"),
        (b'{"op":"stop"}', "protocol version None"),
        (b'{"v":1,"op":["stop"]}', "unknown op"),
        (b'{"v":1,"op":"' + b"x" * 100_000 + b'"}', "unknown op"),
        (b'{"v":"' + b"x" * 100_000 + b'","op":"stop"}', "protocol version"),
        (b'"stop"', "not a JSON object"),
        (b"\xff\xfe", "utf-8"),
        (b"", "not valid JSON"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_a_bad_request_is_refused_with_a_line_that_says_why(data: bytes, says: str) -> None:
    assert says in refused(data)


def test_a_byte_order_mark_is_ignored() -> None:
    assert decode_request(b"\xef\xbb\xbf" + body(Stop())) == Stop()


def test_whole_numbers_do_for_seconds() -> None:
    request = decode_request(b'{"v":1,"op":"wait","timeout_s":3}')
    assert isinstance(request, Wait)
    assert type(request.timeout_s) is float


@given(st.binary())
def test_arbitrary_bytes_are_no_answer(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_answer(data)


@pytest.mark.parametrize(
    "data", [b"{}", b'{"ok":true}', b'{"ok":false,"error":"x"}', b'{"ok":1,"result":{}}']
)
def test_an_answer_must_hold_a_result_or_an_error(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="neither"):
        decode_answer(data)


def test_a_message_of_more_than_a_frame_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match="more than the 1048576 allowed"):
        encode(Say("x" * MAX_FRAME))
    assert len(frame(b"x" * MAX_FRAME)) == MAX_FRAME + HEADER.size


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_not_sent(number: float) -> None:
    with pytest.raises(ProtocolError, match="cannot be sent"):
        encode(Answer({"at_s": number}))


def test_what_claude_code_sends_is_parsed_untouched() -> None:
    event = {"session_id": "a", "delta": "日本語 \\ud800 \u2028", "index": 0, "final": False}
    assert parse_object(json.dumps(event).encode()) == event
    assert parse_object(json.dumps(event, ensure_ascii=False).encode()) == event
