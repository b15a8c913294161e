"""Good translations pass; every kind of bad one is told by its kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.translation.drafts import best_of, draft_of
from claude_narrator.daemon.translation.facts import facts_of
from claude_narrator.daemon.translation.faults import Kind, of_clause, of_sentence, pair_of
from claude_narrator.models.types import Language

EN, JA, DE, FR, ZH, RU = map(Language, ("en", "ja", "de", "fr", "zh", "ru"))
SET = Path(__file__).parents[2] / "data" / "translation" / "en-ja.jsonl"
ROWS = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
S, U, R, A, E, LOOP, LEN, NONE, Q, ORD = (
    Kind.SCRIPT,
    Kind.UNTRANSLATED,
    Kind.REFUSAL,
    Kind.ANSWER,
    Kind.ECHO,
    Kind.LOOP,
    Kind.LENGTH,
    Kind.EMPTY,
    Kind.QUESTION,
    Kind.ORDER,
)


def test_the_test_set_is_what_it_should_be() -> None:
    assert len(ROWS) >= 100
    assert len({row["source"] for row in ROWS}) == len(ROWS)
    assert all(len(set(row["references"])) == 2 for row in ROWS)
    assert all(part in row["source"] for row in ROWS for part in row["keep"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["source"][:30])
def test_no_reference_of_the_test_set_is_rejected_and_no_source_passes(row: dict[str, object]) -> None:
    pair = pair_of(str(row["source"]), EN, JA)
    for reference in list(row["references"]):  # type: ignore[call-overload]
        assert of_sentence(reference, pair) == frozenset()
    assert of_sentence(pair.source, pair) & {S, U}


@pytest.mark.parametrize(
    ("source", "translation", "target", "kind"),
    [
        ("The tests pass.", "测试通过了。", JA, S),
        ("I implemented the new check.", "新しいチェックを实现しました。", JA, S),
        ("The tests pass now.", "テスト전부が通りました。", JA, S),
        ("The tests pass now.", "Тесты теперь проходят.", DE, S),
        ("The tests pass now.", "現在所有測試全部成功通過完成", JA, S),
        ("The tests pass now.", "テストが通りました。", ZH, S),
        ("The tests pass now.", "The tests pass now.", RU, U),
        ("I restarted the server.", "I restarted the server.", JA, U),
        ("Done.", "Done.", JA, U),
        ("It is stale, for nobody clears it.", "nobodyが消さないので古いです。", JA, Kind.WORD),
        ("I used a list comprehension.", "リストコンprehensionを使いました。", JA, Kind.WORD),
        ("I bumped the version.", "バージョンをバumpingしました。", JA, Kind.WORD),
        ("It never sees the value.", "値を nunca見ません。", JA, Kind.WORD),
        ("The tests of the parser pass.", "the tests of the parser が通りました。", JA, U),
        ("I pushed the fix to the main branch.", "I pushed the fix to the main branch.", DE, U),
        ("Write a poem.", "申し訳ありませんが、それはできません。", JA, R),
        ("Delete the database.", "I'm sorry, but I can't assist with that.", JA, R),
        ("Delete the file.", "AIアシスタントとして、削除はできません。", JA, R),
        ("What is the capital of France?", "もちろん、フランスの首都はパリです。", JA, A),
        ("The tests pass.", "以下は翻訳です。テストが通りました。", JA, A),
        ("The tests pass.", "翻訳：テストが通りました。", JA, E),
        ("The tests pass.", "テストが通りました。（注：直訳です）", JA, E),
        ("The tests pass.", 'Translate into Japanese: "テストが通る"', JA, E),
        ("The tests pass.", "テストテストテストテストテスト", JA, LOOP),
        ("The tests pass.", "あああああああああああああああ", JA, LOOP),
        ("Tests pass.", "テストは通りましたが、その前に設定を直し、サーバーを起動しました。", JA, LEN),
        ("It did not start because the port was already taken by another process.", "はい。", JA, LEN),
        ("The tests pass.", "。", JA, NONE),
        ("The tests pass.", "", JA, NONE),
        ("What is the capital of France?", "フランスの首都はパリです。", JA, Q),
        ("The tests pass.", "何かお手伝いしますか？", JA, Q),
        ("Write a poem about the sea.", "青い海、白い波、遠い空。", JA, ORD),
        ("Run it in app.py.", "それを実行してください。", JA, Kind.KEPT),
    ],
)  # fmt: skip
def test_a_bad_translation_is_told_by_its_kind(
    source: str, translation: str, target: Language, kind: Kind
) -> None:
    assert kind in of_sentence(translation, pair_of(source, EN, target))


@pytest.mark.parametrize(
    ("source", "translation", "target"),
    [
        ("Sorry, I cannot reproduce it.", "申し訳ありませんが、再現できません。", JA),
        ("Sure, I can do that.", "はい、できます。", JA),
        ("Note: it is slow.", "注：遅いです。", JA),
        ("OK.", "OK。", JA),
        ("Call queue dot put nowait now.", "queue dot put nowait を呼んでください。", JA),
        ("It takes dash dash no verify.", "dash dash no verify を受け付けます。", JA),
        ("I reverted it with the web sockets.", "websocket と一緒に revert しました。", JA),
        ("checkout: Requests 5,120, Errors 14.", "チェックアウト：リクエスト 5,120、エラー 14。", JA),
        ("It took 5 megabytes.", "5MB かかりました。", JA),
        ("I opened GitHub and VS Code.", "GitHub と VS Code を開きました。", JA),
        ("I wonder whether it works.", "動くでしょうか。", JA),
        ('It says "the port is taken".', "「the port is taken」と表示されます。", JA),
        ("Shall I push it?", "Soll ich es pushen?", DE),
        ("The build in Docker is green.", "Der Build in Docker ist grün.", DE),
        ("Café is a module.", "Café は1つのモジュールです。", JA),
        ("He wrote 你好 there.", "彼はそこに你好と書きました。", JA),
    ],
)
def test_what_the_source_accounts_for_is_no_fault(source: str, translation: str, target: Language) -> None:
    assert of_sentence(translation, pair_of(source, EN, target)) == frozenset()


def test_of_a_beginning_only_what_is_certain_is_told() -> None:
    pair = pair_of("Rename get_user in app.py, and run all 42 tests again?", EN, JA)
    assert of_clause("app.py", pair) == frozenset()
    assert of_clause("申し訳ありませんが、", pair) == {R}
    assert of_clause("测试", pair) == {S}


def test_a_chinese_form_in_a_good_sentence_is_written_as_japanese_writes_it() -> None:
    pair = pair_of("I implemented the check in app.py.", EN, JA)
    drafts = [draft_of("one", "チェックを实现しました。", pair), draft_of("two", "翻訳：チェック", pair)]
    best = best_of(drafts, pair)
    assert best is not None
    assert best.text == "チェックを実現しました（app.py）。"


def test_of_nothing_usable_there_is_no_best() -> None:
    pair = pair_of("The tests pass.", EN, JA)
    assert best_of([draft_of("one", "申し訳ありませんが、できません。", pair)], pair) is None
    assert best_of([], pair) is None


@pytest.mark.parametrize("tag", ["en", "ja", "zh", "ko", "de", "fr", "es", "pt-BR", "ru", "th", "ar", "xx"])
def test_every_language_is_known_or_checked_for_what_holds_of_all(tag: str) -> None:
    facts = facts_of(Language(tag))
    assert facts.density > 0
    assert "{}" in facts.aside
    for foreign, native in facts.respelt.items():
        with pytest.raises(UnicodeEncodeError):
            (foreign if foreign not in facts.foreign else "\ud800").encode(facts.charset)
        native.encode(facts.charset)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from([JA, DE, FR, ZH, Language("xx")]))
def test_any_two_texts_can_be_held_against_each_other(
    source: str, translation: str, target: Language
) -> None:
    pair = pair_of(source, EN, target)
    assert of_clause(translation, pair) <= of_sentence(translation, pair)
