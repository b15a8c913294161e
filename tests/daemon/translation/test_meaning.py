"""A negation that is lost and a number that nobody said are told; other ways to say a thing are not."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.translation.checked import Rejected
from claude_narrator.daemon.translation.faults import Kind, of_sentence, pair_of
from claude_narrator.daemon.translation.meaning import added_numbers
from claude_narrator.daemon.translation.scores import Example
from claude_narrator.models.types import Language
from tests.daemon.translation.fake_translators import EN, JA, Remembering, Teller, heard
from tests.daemon.translation.sets import ALL

PT = Language("pt-BR")
MEANING = {Kind.NEGATION, Kind.NUMBER}
DE = Language("de")


def _negates(source: str) -> bool:
    pattern = pair_of(source, EN, JA).ours.negation
    return pattern is not None and pattern.search(source) is not None


@pytest.mark.parametrize(("example", "target"), ALL, ids=lambda value: getattr(value, "source", value)[:30])
def test_no_reference_is_taken_for_another_meaning(example: Example, target: Language) -> None:
    pair = pair_of(example.source, EN, target)
    for reference in example.references:
        assert MEANING.isdisjoint(of_sentence(reference, pair)), added_numbers(
            example.source, reference, pair.ours, pair.theirs
        )


def test_a_good_part_of_the_sets_negates() -> None:
    assert sum(_negates(example.source) for example, _ in ALL) >= 50


@pytest.mark.parametrize(
    ("source", "translation", "target"),
    [
        ("The script does not delete the backup.", "スクリプトはバックアップを削除します。", JA),
        ("Do not merge this branch yet.", "このブランチをマージしてください。", JA),
        ("It isn’t safe to retry.", "再試行は安全です。", JA),
        ("Nobody reads this flag any more.", "誰もがこのフラグを読みます。", JA),
        ("No test covers this path.", "テストがこのパスをカバーしています。", JA),
        ("It runs without a lock.", "ロックを使って実行されます。", JA),
        ("The name must not be empty.", "名前は空でなければなりません。", JA),
        ("It will never be sent.", "送信されるかもしれません。", JA),
        ("The job was not async.", "ジョブは非同期でした。", JA),
        ("The script does not delete the backup.", "O script exclui o backup.", PT),
        ("We can't upgrade yet.", "Já podemos atualizar.", PT),
    ],
)
def test_a_lost_negation_is_told(source: str, translation: str, target: Language) -> None:
    assert Kind.NEGATION in of_sentence(translation, pair_of(source, EN, target))


@pytest.mark.parametrize(
    ("source", "translation", "target"),
    [
        ("Why don't we merge it?", "マージしましょうか？", JA),
        ("Shouldn't this be a list?", "これはリストのはずでは？", JA),
        ("It fails not only on Linux.", "Linux 以外でも失敗します。", JA),
        ("It no longer supports Python 3.8.", "Python 3.8 のサポートは終了しました。", JA),
        ("Tell me whether it works or not.", "動くかどうか教えてください。", JA),
        ('The page says "not found".', "ページには「not found」と表示されます。", JA),
        ("Pass dash dash no cache to it.", "dash dash no cache を渡してください。", JA),
        ("The token is not set.", "トークンは未設定です。", JA),
        ("Only admins see it.", "管理者にしか見えません。", JA),
        ("The script does not delete it.", "Das Skript löscht es.", DE),
    ],
)
def test_what_may_be_said_without_a_negation_is_let_through(
    source: str, translation: str, target: Language
) -> None:
    assert Kind.NEGATION not in of_sentence(translation, pair_of(source, EN, target))


@pytest.mark.parametrize(
    ("source", "translation", "strange"),
    [
        ("I split it into two commits.", "3つのコミットに分けました。", {"3"}),
        ("It took 12 seconds.", "12秒、つまり20秒かかりました。", {"20"}),
        ("It scanned 2,300,000 rows.", "230万行を走査しました。", set()),
        ("It scanned 2,300,000 rows.", "2,300,000行、23万行を走査しました。", {"230000"}),
        ("It waits 1, 2 and 4 seconds.", "1,2,4秒待ちます。", set()),
        ("Both tests of March 3 pass.", "3月3日の2つのテストが通ります。", set()),
        ("There is another one.", "もう1つあります。", set()),
        ("It takes half an hour.", "30分かかります。", set()),
        ("Version 4.2.1 is in use.", "バージョン 4.2.7 を使っています。", {"4.2.7"}),
    ],
)
def test_a_number_that_nobody_said_is_told(source: str, translation: str, strange: set[str]) -> None:
    pair = pair_of(source, EN, JA)
    assert added_numbers(source, translation, pair.ours, pair.theirs) == strange
    assert (Kind.NUMBER in of_sentence(translation, pair)) == bool(strange)


@pytest.mark.anyio
async def test_what_says_the_contrary_is_asked_for_again_and_never_heard() -> None:
    wrong, right = "バックアップを削除します。", "バックアップは削除しません。"
    teller, witness = Teller(wrong, right), Remembering()
    assert await heard("It does not delete the backup.", [teller], witness) == [right]
    assert witness.rejections == [("teller", {"a negation is lost"})]
    with pytest.raises(Rejected):
        await heard("It does not delete the backup.", [Teller(wrong, wrong)])
