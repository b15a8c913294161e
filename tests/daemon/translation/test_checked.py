"""A translation that fails the checks is asked for again, of the next, or not heard; a long one streams."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.translation.attempts import STREAMS_FROM_CHARS, Task
from claude_narrator.daemon.translation.checked import Rejected, translated
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.types import Hints
from tests.daemon.translation.fake_translators import EN, JA, Remembering, Teller, heard

pytestmark = pytest.mark.anyio
REFUSAL = "申し訳ありませんが、それはできません。"
LONG = "I fixed parse_config in app.py, then I ran all 42 tests again, and every one of them passed."
GOOD = "app.py の parse_config を修正し、42件のテストを再実行したところ、すべて成功しました。"
assert len(LONG) >= STREAMS_FROM_CHARS


async def test_a_good_translation_is_heard_at_once() -> None:
    teller, witness = Teller("テストが通りました。"), Remembering()
    assert await heard("The tests pass.", [teller], witness) == ["テストが通りました。"]
    assert (witness.at_work, witness.rejections) == (["teller"], [])


async def test_a_bad_one_is_asked_for_once_more_strictly_with_what_must_be_kept() -> None:
    teller, witness = Teller(REFUSAL, "X1 を削除します。"), Remembering()
    assert await heard("Delete app.py.", [teller], witness) == ["app.py を削除します。"]
    assert [hints.strict for hints in teller.hints] == [False, True]
    assert teller.asked == ["Delete X1."] * 2
    assert [engine for engine, _ in witness.rejections] == ["teller"]
    assert "a refusal" in witness.rejections[0][1]


async def test_an_engine_without_a_prompt_is_not_asked_twice_but_the_next_one() -> None:
    one = Teller("The tests pass.", name="one", is_instructed=False)
    two = Teller("テストが通りました。", name="two")
    witness = Remembering()
    assert await heard("The tests pass.", [one, two], witness) == ["テストが通りました。"]
    assert (witness.at_work, witness.failures, len(one.hints)) == (["two"], [], 1)


async def test_when_all_fail_the_checks_it_is_said_so_and_nothing_is_heard() -> None:
    tellers = [Teller(REFUSAL, "测试通过了。", name="one"), Teller("The tests pass.", REFUSAL, name="two")]
    with pytest.raises(Rejected, match="passed the checks"):
        await heard("The tests pass.", tellers)
    assert [len(teller.hints) for teller in tellers] == [2, 2]


async def test_an_engine_that_breaks_is_told_and_the_next_one_asked() -> None:
    broken, spare = Teller(EngineFailed("x"), name="broken"), Teller("終わりました。", name="spare")
    witness = Remembering()
    assert await heard("It is done.", [broken, spare], witness) == ["終わりました。"]
    assert (witness.failures, witness.at_work) == (["broken"], ["spare"])


async def test_the_error_of_the_last_is_raised_when_none_gave_anything() -> None:
    with pytest.raises(EngineFailed, match="second"):
        await heard("Done.", [Teller(EngineFailed("first")), Teller(EngineFailed("second"))])


async def test_a_lost_name_is_worth_one_more_attempt_and_then_put_in_brackets() -> None:
    teller, other = Teller("そのファイルを消します。", "ファイルを削除します。"), Teller(name="other")
    assert await heard("Delete app.py.", [teller, other]) == ["そのファイルを消します（app.py）。"]
    assert other.hints == []


async def test_a_name_that_is_spelt_otherwise_is_mended_without_another_attempt() -> None:
    teller = Teller("parse config を修正しました。")
    assert await heard("I fixed parse_config.", [teller]) == ["parse_config を修正しました。"]


async def test_the_better_of_two_bad_ones_is_taken() -> None:
    teller = Teller(REFUSAL, "a.py と17行を消します。")
    assert await heard("Delete a.py, b.py and 17 lines.", [teller]) == ["a.py と17行を消します（b.py）。"]


async def test_an_endless_answer_is_cut_off_early() -> None:
    teller = Teller("テスト" * 1000, "テストが通りました。")
    assert await heard("The tests pass.", [teller]) == ["テストが通りました。"]
    assert teller.told < 150


async def test_a_long_sentence_leaves_clause_by_clause_and_a_short_one_whole() -> None:
    assert await heard(LONG, [Teller(GOOD)], streams=True) == [
        "app.py の parse_config を修正し、",
        "42件のテストを再実行したところ、すべて成功しました。",
    ]
    assert await heard(LONG, [Teller(GOOD)]) == [GOOD]
    assert await heard("It failed, so I stop.", [Teller("失敗したので、止めます。")], streams=True) == [
        "失敗したので、止めます。"
    ]


async def test_the_first_clause_of_a_long_sentence_does_not_wait_for_the_second() -> None:
    teller = Teller(GOOD)
    stream = translated(Task(LONG, EN, JA, streams=True), [teller], Remembering())
    first = await anext(stream)
    assert GOOD.startswith(first)
    assert teller.told == len(first)
    await stream.aclose()
    assert not teller.is_open


async def test_a_bad_first_clause_of_a_long_sentence_is_never_heard() -> None:
    teller = Teller("申し訳ありませんが、お手伝いすることはできません。", GOOD)
    assert await heard(LONG, [teller], streams=True) == [GOOD]


async def test_a_clause_that_goes_wrong_later_lets_the_whole_sentence_be_said_again() -> None:
    teller = Teller("app.py の parse_config を修正し、然后我们运行了所有测试。", GOOD)
    assert await heard(LONG, [teller], streams=True) == ["app.py の parse_config を修正し、", GOOD]


async def test_what_a_streamed_sentence_lost_follows_it() -> None:
    said = await heard(
        LONG, [Teller("app.py を修正し、テストを再実行したところ、すべて成功しました。")], streams=True
    )
    assert said[-1] == "（parse_config、42）"


async def test_names_are_mended_in_clauses_too() -> None:
    said = await heard(LONG, [Teller(GOOD.replace("parse_config", "Parse Config"))], streams=True)
    assert said[0] == "app.py の parse_config を修正し、"


async def test_unchecked_it_comes_as_it_comes() -> None:
    teller = Teller(REFUSAL)
    task = Task("Delete a merge conflict.", EN, JA, Hints({"delete": "削除"}), is_checked=False)
    said = [piece async for piece in translated(task, [teller], Remembering())]
    assert "".join(said) == REFUSAL
    assert teller.hints == [Hints({"delete": "削除"})]


async def test_built_in_terms_that_occur_are_told_behind_the_user_s_own() -> None:
    teller = Teller("マージコンフリクトは解決しました。")
    task = Task("The merge conflict of the worker is solved.", EN, JA, Hints({"worker": "ワーカー"}))
    _ = [piece async for piece in translated(task, [teller], Remembering())]
    assert teller.hints[0].glossary == {"merge conflict": "マージコンフリクト", "worker": "ワーカー"}


async def test_names_are_masked_on_their_way_and_numbers_are_not() -> None:
    teller = Teller("X1 の12行目の X2 が、「X3」と言います。")
    said = await heard('parse_config in line 12 of app.py says "not found".', [teller])
    assert teller.asked == ['X1 in line 12 of X2 says "X3".']
    assert said == ["parse_config の12行目の app.py が、「not found」と言います。"]


async def test_masks_are_undone_in_clauses_too() -> None:
    said = await heard(
        LONG, [Teller(GOOD.replace("app.py", "X2").replace("parse_config", "X1"))], streams=True
    )
    assert "".join(said) == GOOD


async def test_what_is_nothing_but_names_and_numbers_is_not_translated() -> None:
    assert await heard("src/app.py: 42", [Teller()]) == ["src/app.py: 42"]


async def test_a_name_that_the_user_s_glossary_translates_is_neither_masked_nor_wanted_back() -> None:
    teller = Teller("語り手は app.py にあります。")
    task = Task("VoiceTeller is in app.py.", EN, JA, Hints({"voiceteller": "語り手"}))
    assert [piece async for piece in translated(task, [teller], Remembering())] == [
        "語り手は app.py にあります。"
    ]
    assert teller.asked == ["VoiceTeller is in X1."]


async def test_a_long_sentence_of_which_only_a_part_came_is_said_again_whole() -> None:
    assert await heard(LONG, [Teller("終わりました。", GOOD)], streams=True) == ["終わりました。", GOOD]
