"""Names that the narrator has put into words come back, in words or as they are written."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.translation.faults import Kind, of_sentence, pair_of
from claude_narrator.daemon.translation.kept import Kept
from claude_narrator.daemon.translation.masks import Masks
from claude_narrator.daemon.translation.spoken_names import spoken_names_in
from claude_narrator.models.types import Language
from tests.daemon.translation.fake_translators import EN, JA, Teller, heard

WORDS = ("the", "a", "in")


@pytest.mark.parametrize(
    ("markdown", "name", "written"),
    [
        ("The bug is in `src/cache.ts`.", "cache dot ts", "cache.ts"),
        ("I changed user-service.py too.", "user-service dot py", "user-service.py"),
        ("Call `os.path.join` here.", "os dot path dot join", "os.path.join"),
        ("Never commit the `.env` file.", "dot env", ".env"),
        ("It is in the .gitignore already.", "dot gitignore", ".gitignore"),
        ("It is behind `origin/main`.", "origin slash main", "origin/main"),
        ("Commit 3f2a9c1 broke it.", "3 f 2 a", "3f2a"),
    ],
)
def test_a_name_is_found_as_the_narrator_says_it(markdown: str, name: str, written: str) -> None:
    (sentence,) = speakable_sentences(markdown, EN)
    assert spoken_names_in(sentence, EN, WORDS) == {name: written}
    assert Kept(name, written=written) in pair_of(sentence, EN, JA).kept


def test_a_language_has_its_own_words_for_the_signs() -> None:
    (sentence,) = speakable_sentences("`cache.ts` を直しました。", JA)
    assert spoken_names_in(sentence, JA) == {"cacheドットts": "cache.ts"}
    assert spoken_names_in("I changed cache dot ts.", Language("xx")) == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "A red dot appears.",
        "The dot product is zero.",
        "Remove the trailing slash there.",
        "It counts 1 2 3 4 and stops.",
        "Press a b c d in turn.",
        "See main.py.",
    ],
)
def test_prose_is_no_name(sentence: str) -> None:
    assert spoken_names_in(sentence, EN, WORDS) == {}


@pytest.mark.anyio
async def test_it_is_masked_on_its_way_and_comes_back() -> None:
    teller = Teller("漏れは X1 の88行目でした。")
    assert await heard("The leak was in cache dot ts line 88.", [teller]) == [
        "漏れは cache dot ts の88行目でした。"
    ]
    assert teller.asked == ["The leak was in X1 line 88."]


def test_in_words_or_as_it_is_written_is_the_same_and_neither_is_a_loss() -> None:
    pair = pair_of("I changed cache dot ts.", EN, JA)
    for said in ("cache dot ts を変更しました。", "cache.ts を変更しました。"):
        assert of_sentence(said, pair) == frozenset()
    assert Kind.KEPT in of_sentence("キャッシュを変更しました。", pair)


def test_a_name_twice_has_one_mask() -> None:
    text = "Copy main dot py over main dot py."
    assert Masks(text, pair_of(text, EN, JA).kept).masked == "Copy X1 over X1."
