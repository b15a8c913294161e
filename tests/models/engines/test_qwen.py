"""Qwen translates what developers say, starts soon, stops at once and never obeys the text."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.qwen import Qwen
from claude_narrator.models.errors import (
    BadInput,
    EngineFailed,
    ModelMissing,
    UnknownLanguage,
)
from claude_narrator.models.prompts import Message
from claude_narrator.models.types import Language

EN, JA, FR, ES = map(Language, ("en", "ja", "fr", "es"))
MODEL = "qwen2.5-coder-1.5b"


class ScriptedRuntime:
    """Answers with the given pieces; complains when asked while an answer is open."""

    device = "cpu"

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces
        self.asked: list[tuple[Message, ...]] = []
        self.limits: list[int] = []
        self.open = 0

    def reply(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        assert not self.open
        self.open += 1
        self.asked.append(tuple(messages))
        self.limits.append(max_tokens)
        try:
            yield from self.pieces
        finally:
            self.open -= 1

    def close(self) -> None:
        self.open = 0


def scripted(*pieces: str) -> tuple[Qwen, ScriptedRuntime]:
    engine, runtime = Qwen(), ScriptedRuntime(*pieces)
    engine._runtime = runtime
    return engine, runtime


def said(engine: Qwen, text: str, source: Language = EN, target: Language = JA) -> str:
    return "".join(engine.translate(text, source, target))


def test_the_translation_comes_piece_by_piece_and_ends_at_the_line() -> None:
    engine, runtime = scripted("ビルド", "が", "完了しました。", "\n", "Note")
    assert list(engine.translate("The build finished.", EN, JA)) == ["ビルド", "が", "完了しました。"]
    assert runtime.open == 0


def test_an_answer_may_be_as_long_as_the_text_allows_and_never_longer_than_the_context() -> None:
    engine, runtime = scripted("終わりました。")
    said(engine, "Done.")
    said(engine, "word " * 299 + "word")
    assert runtime.limits == [60 + 3 * len("Done."), 1500]


def test_the_empty_text_warms_the_prefix_of_the_pair_and_gives_nothing() -> None:
    engine, runtime = scripted("x")
    assert said(engine, " \n") == ""
    engine.close()
    engine, again = scripted("終わりました。")
    said(engine, "Done.")
    assert runtime.asked[-1][:-1] == again.asked[0][:-1]
    assert set(runtime.limits) == {1}


def test_a_prompt_is_evaluated_in_steps_each_of_which_goes_on_where_the_one_before_ended() -> None:
    engine, runtime = scripted("x")
    said(engine, "")
    texts = ["\n".join(message.content for message in messages) for messages in runtime.asked]
    assert len(texts) > 5
    for text, longer in itertools.pairwise(texts):
        assert longer.startswith(text)
        assert len(longer) - len(text) < 300


def test_what_is_evaluated_is_left_between_two_steps() -> None:
    engine, runtime = scripted("x")
    with closing(engine.translate("", EN, JA)) as pieces:  # type: ignore[type-var]
        assert next(pieces) == ""
    assert len(runtime.asked) == 1


def test_closing_the_translation_closes_the_answer() -> None:
    engine, runtime = scripted("ビルド", "が", "完了しました。")
    with closing(engine.translate("The build finished.", EN, JA)) as pieces:  # type: ignore[type-var]
        assert next(pieces) == "ビルド"
        assert runtime.open == 1
    assert runtime.open == 0
    assert said(engine, "The build finished.") == "ビルドが完了しました。"


def test_an_answer_without_words_is_a_failure_not_a_silence() -> None:
    engine, _ = scripted("\n", "")
    with pytest.raises(EngineFailed, match="no translation"):
        said(engine, "Done.")


@pytest.mark.parametrize(("source", "target"), [(EN, Language("tlh")), (Language("xx"), JA), (EN, EN)])
def test_a_pair_it_cannot_translate_is_refused_before_anything_is_asked(
    source: Language, target: Language
) -> None:
    engine, runtime = scripted("x")
    with pytest.raises(UnknownLanguage):
        engine.translate("Done.", source, target)
    assert runtime.asked == []


def test_too_long_a_text_is_refused_before_anything_is_asked() -> None:
    engine, runtime = scripted("x")
    with pytest.raises(BadInput):
        engine.translate("word " * 5000, EN, JA)
    assert runtime.asked == []


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        Qwen().translate("Done.", EN, JA)


def test_without_weights_it_says_which_command_brings_them(tmp_path: Path) -> None:
    for files in ({}, {MODEL: tmp_path}):
        with pytest.raises(ModelMissing, match=f"voice models pull {MODEL}"):
            Qwen().load(EngineContext(files))
