"""Names that the text stage hands over are masked in their places and come back in another language."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import Spoken
from claude_narrator.daemon.translation.attempts import STREAMS_FROM_CHARS, Task
from claude_narrator.daemon.translation.checked import translated
from claude_narrator.daemon.translation.faults import Kind, of_sentence, pair_of
from claude_narrator.daemon.translation.masks import Masks
from claude_narrator.models.types import NO_HINTS, Hints
from tests.daemon.translation.fake_translators import EN, JA, Remembering, Teller

pytestmark = pytest.mark.anyio


def spoken(markdown: str) -> Spoken:
    growing = GrowingText(EN)
    (sentence,) = (*growing.append(markdown), *growing.finish())
    return sentence


async def heard(markdown: str, *tellers: Teller, streams: bool = False, hints: Hints = NO_HINTS) -> list[str]:
    sentence = spoken(markdown)
    task = Task(sentence.text, EN, JA, hints, streams=streams, names=sentence.names)
    return [clause async for clause in translated(task, tellers, Remembering())]


def masked(markdown: str) -> str:
    sentence = spoken(markdown)
    return Masks(sentence.text, pair_of(sentence.text, EN, JA, (), sentence.names).kept).masked


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Rename `get_user` to `fetch_user`.", "Rename X1 to X2."),
        ("Get user input with `get_user` and get user again.", "Get user input with X1 and get user again."),
        ("Use `PyPI mirror` or PyPI.", "Use X1 or X2."),
        ("Copy `a_b` over `a_b`.", "Copy X1 over X1."),
        ("Set `timeout` in parseConfig to 30.", "Set X1 in X2 to 30."),
        ("Say \"not found\" when `get_user` fails.", "Say \"X2\" when X1 fails."),
        ("It says \"use `get_user` now\" to all.", "It says \"use X1 now\" to all."),
        ("The `main` branch is the main one.", "The X1 branch is the main one."),
    ],
)  # fmt: skip
def test_a_name_is_masked_where_it_stands_and_nowhere_else(markdown: str, expected: str) -> None:
    assert masked(markdown) == expected


async def test_it_comes_back_as_the_listeners_language_says_it() -> None:
    teller = Teller("X1 を呼びます。")
    assert await heard("Call `queue.put_nowait`.", teller) == ["queueドットput nowait を呼びます。"]
    assert teller.asked == ["Call X1."]


async def test_one_that_is_lost_is_asked_for_again_and_then_put_in_brackets() -> None:
    teller = Teller("ユーザーの関数が失敗します。", "ユーザーの関数が失敗します。")
    assert await heard("The function `get_user` fails.", teller) == [
        "ユーザーの関数が失敗します（get user）。"
    ]
    assert [hints.strict for hints in teller.hints] == [False, True]


async def test_one_in_a_clause_that_leaves_early_comes_back_in_it() -> None:
    markdown = "The worker calls `get_user` when it starts, and the queue waits until all of it is done."
    assert len(spoken(markdown).text) >= STREAMS_FROM_CHARS
    teller = Teller("ワーカーは開始時に X1 を呼び出します、キューはすべてが終わるまで待機しています。")
    clauses = await heard(markdown, teller, streams=True)
    assert clauses[0] == "ワーカーは開始時に get user を呼び出します、"


async def test_a_sentence_of_names_alone_is_not_translated_but_said_in_the_listeners_language() -> None:
    assert await heard("`queue.put_nowait`.") == ["queueドットput nowait."]


async def test_a_name_of_the_glossary_is_translated() -> None:
    teller = Teller("ワーカーは失敗しました。")
    said = await heard("The `worker` has failed.", teller, hints=Hints({"worker": "ワーカー"}))
    assert (said, teller.asked) == (["ワーカーは失敗しました。"], ["The worker has failed."])


def test_a_plain_word_that_is_a_name_does_not_hide_the_words_that_hold_it() -> None:
    sentence = spoken("It is not in `a` at all.")
    pair = pair_of(sentence.text, EN, JA, (), sentence.names)
    assert Kind.NEGATION in of_sentence("すべて a にあります。", pair)
    assert pair.prose == "It is not in   at all."


async def test_one_in_full_width_letters_is_not_taken_for_lost() -> None:
    assert await heard("Set `ＡＢＣ` first.", Teller("最初に X1 を設定してください。")) == [
        "最初に ＡＢＣ を設定してください。"
    ]
