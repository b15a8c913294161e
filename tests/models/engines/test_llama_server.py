"""A chat server translates with the prompts of Qwen, piece by piece; a bad one is a failure in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.llama_server import LlamaServer, without_thoughts
from claude_narrator.models.errors import BadInput, EngineFailed, EngineUnavailable, UnknownLanguage
from claude_narrator.models.prompts import translation_prompt
from claude_narrator.models.types import Hints, Language
from tests.models.engines.stand_in_server import StandIn, events_of, running

EN, JA = Language("en"), Language("ja")
CHAT = "/v1/chat/completions"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with running(StandIn()) as server:
        yield server


def _loaded(stand_in: StandIn, **options: str) -> LlamaServer:
    engine = LlamaServer()
    engine.load(EngineContext(options={"url": stand_in.url, **options}))
    return engine


def _said(engine: LlamaServer, text: str, source: Language = EN, target: Language = JA) -> list[str]:
    return [piece for piece in engine.translate(text, source, target) if piece]


def test_loading_asks_for_a_token_of_the_wanted_model_and_says_what_runs(stand_in: StandIn) -> None:
    engine = LlamaServer()
    loaded = engine.load(EngineContext(options={"url": stand_in.url, "model": "second"}))
    assert (loaded.device, loaded.precision) == (stand_in.url.removeprefix("http://"), "second")
    (asked,) = stand_in.bodies(CHAT)
    assert (asked["model"], asked["max_tokens"], asked["stream"]) == ("second", 1, True)


def test_the_translation_comes_piece_by_piece_from_the_prompt_of_the_pair(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.says = ["ビルド", "が", "完了しました。", "\n", "Note"]
    assert _said(engine, "The build finished.") == ["ビルド", "が", "完了しました。"]
    asked = stand_in.bodies(CHAT)[-1]
    wanted = translation_prompt("The build finished.", EN, JA)
    assert asked["messages"] == [{"role": m.role, "content": m.content} for m in wanted]
    assert asked["temperature"] == 0


def test_hints_come_with_the_sentence_and_leave_the_prompt_before_it_as_it_is(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.says = ["作業員は終わりました。"]
    hints = Hints({"worker": "作業員", "lane": "車線"}, ("The queue is empty.",))
    assert "".join(engine.translate("It is the worker.", EN, JA, hints)) == "作業員は終わりました。"
    told = stand_in.bodies(CHAT)[-1]["messages"]
    _said(engine, "Done.")
    plain = stand_in.bodies(CHAT)[-1]["messages"]
    assert told[:-1] == plain[:-1]
    assert "作業員" in told[-1]["content"]
    assert "The queue is empty." in told[-1]["content"]
    assert "車線" not in told[-1]["content"]


def test_the_empty_text_warms_the_prompt_of_the_pair_and_gives_nothing(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    assert _said(engine, " \n") == []
    assert stand_in.bodies(CHAT)[-1]["max_tokens"] == 1
    _said(engine, "Done.")
    assert stand_in.bodies(CHAT)[-2]["messages"][:-1] == stand_in.bodies(CHAT)[-1]["messages"][:-1]


def test_events_without_text_are_passed_over(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.events = [
        ": ping",
        'data: {"choices": []}',
        'data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}',
        'data: {"choices": [{"delta": {"content": null}}]}',
        'data: {"choices": [{"delta": {"content": "\\u7d42"}}, {"delta": {"content": "x"}}]}',
        'data: {"choices": [{"text": "x", "finish_reason": "stop"}], "usage": {}}',
    ]
    assert _said(engine, "Done.") == ["終"]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (['data: {"error": {"message": "out of memory"}}'], "failed while it answered"),
        (['error: {"code": 500}'], "failed while it answered"),
        (["data: {"], "answered what is no JSON"),
        (["data: 1"], "failed while it answered"),
        (["<html>"], "answered what is no event stream"),
        (events_of(["終わ"])[:2], "broke off"),
        (events_of([]), "gave no translation"),
        (events_of(["\n"]), "gave no translation"),
        (events_of(["<think>", "hm"]), "gave no translation.*does not think aloud"),
    ],
)
def test_an_answer_without_a_whole_translation_is_a_failure_not_a_silence(
    stand_in: StandIn, events: list[str], says: str
) -> None:
    engine = _loaded(stand_in)
    stand_in.events = events
    with pytest.raises(EngineFailed, match=says):
        _said(engine, "Done.")


@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        (["<th", "ink>hm", "</thi", "nk>", "\n終", "わり"], "\n終わり"),
        ([" \n<think></think>x"], "x"),
        (["<", "b>"], "<b>"),
        (["<"], "<"),
        (["<think>for ever"], ""),
        (["a <think>b</think>"], "a <think>b</think>"),
        (["", "x", ""], "x"),
    ],
)
def test_what_a_model_thinks_aloud_before_its_answer_is_left_out(pieces: list[str], kept: str) -> None:
    assert "".join(without_thoughts(pieces)) == kept


def test_closing_the_translation_hangs_up(stand_in: StandIn) -> None:
    engine = _loaded(stand_in)
    stand_in.fault = "stall"
    with closing(engine.translate("The build finished.", EN, JA)) as pieces:  # type: ignore[type-var]
        next(pieces)
        assert stand_in.stalled.wait(5)
    assert stand_in.hung_up.wait(5)


@pytest.mark.parametrize("pair", [(EN, Language("tlh")), (Language("xx"), JA), (EN, EN)])
def test_a_pair_it_cannot_translate_is_refused_before_anything_is_asked(
    stand_in: StandIn, pair: tuple[Language, Language]
) -> None:
    engine = _loaded(stand_in)
    with pytest.raises(UnknownLanguage):
        engine.translate("Done.", *pair)
    with pytest.raises(BadInput):
        engine.translate("word " * 5000, EN, JA)
    assert len(stand_in.bodies(CHAT)) == 1


@pytest.mark.parametrize(
    ("fault", "says"), [("404", "no such path or model"), ("500", "failed"), ("html", "no event stream")]
)
def test_a_server_that_fails_at_first_makes_the_engine_unavailable(
    stand_in: StandIn, fault: str, says: str
) -> None:
    stand_in.fault = fault
    with pytest.raises(EngineUnavailable, match=f"llama_server cannot be used: .*{says}"):
        _loaded(stand_in)


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        LlamaServer().translate("Done.", EN, JA)
