"""Built-in terms stand under the user's and the project's words."""

from __future__ import annotations

from claude_narrator.daemon.translation.terms import terms_of, with_terms
from claude_narrator.models.types import Language

EN, JA = Language("en"), Language("ja")


def test_there_are_terms_for_english_into_japanese_whatever_the_region() -> None:
    terms = terms_of(Language("en-GB"), Language("ja-JP"))
    assert 60 <= len(terms) <= 150
    assert all(term == term.casefold() and said.strip() for term, said in terms.items())
    assert terms_of(JA, EN) == {}


def test_only_those_that_occur_are_told() -> None:
    said = with_terms({}, "The pull request has a race condition.", EN, JA)
    assert said == {"pull request": "プルリクエスト", "race condition": "競合状態"}
    assert with_terms({}, "All is well.", EN, JA) == {}


def test_the_user_s_word_holds_and_with_it_what_it_is_a_part_of() -> None:
    mine = {"Pull Request": "変更依頼", "conflict": "衝突", "unused": "未使用"}
    said = with_terms(mine, "The pull request has a merge conflict and a deadlock.", EN, JA)
    assert said == {"deadlock": "デッドロック", **mine}
