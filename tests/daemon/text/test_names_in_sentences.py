"""Which words of a sentence are a name, as the text stage hands it over."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.text.characters import tidy, without_emoji
from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import Spoken
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.text.spoken_code import say_code
from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.types import Language
from tests.daemon.text.markdown_strategies import MARKDOWN, WORDS

EN, JA = Language("en"), Language("ja")


def spoken(markdown: str, language: Language = EN, style: TextStyle = DEFAULT_STYLE) -> list[Spoken]:
    growing = GrowingText(language, style)
    return [*growing.append(markdown), *growing.finish()]


def names_in(markdown: str, style: TextStyle = DEFAULT_STYLE) -> list[tuple[str, str]]:
    """Return each name as it is said, and as it would be in Japanese."""
    return [
        (each.text[name.start : name.end], name.said_in(JA))
        for each in spoken(markdown, style=style)
        for name in each.names
    ]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("The bug is in `get_user`.", [("get user", "get user")]),
        ("Call `queue.put_nowait` here.", [("queue dot put nowait", "queueドットput nowait")]),
        ("Get user input, then `get_user`.", [("get user", "get user")]),
        ("Compare `a_b` with `c_d`. Then run `e_f`.", [("a b", "a b"), ("c d", "c d"), ("e f", "e f")]),
        ("- [x] Rename `get_user`\n- 2", [("get user", "get user")]),
        ("3. **`get_user`** fails", [("get user", "get user")]),
        ("## 2. The `get_user` call", [("get user", "get user")]),
        ("It is ( `` ` `` ) or `a_b` , too .", [("backtick", "バッククォート"), ("a b", "a b")]),
        ("Nothing here.", []),
    ],
)
def test_inline_code_is_a_name_and_the_same_words_in_prose_are_none(
    markdown: str, expected: list[tuple[str, str]]
) -> None:
    assert names_in(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("See https://github.com/a/b, please.", [("github.com", "github.com")]),
        ("See [the docs](https://x.y/z) and <https://x.y/z>.", [("x.y", "x.y")]),
        ("Clone git@github.com:a/b.git now.", [("github.com", "github.com")]),
        ("It is in src/app/user_cache.py:12.", [("user cache dot py line 12", "user cacheドットpy 12行目")]),
        ("Open ~/.bashrc or C:\\U\\a.txt.", [("dot bashrc", "ドットbashrc"), ("a dot txt", "aドットtxt")]),
        ("I changed main.py, then .env too.", [("main dot py", "mainドットpy"), ("dot env", "ドットenv")]),
        ("Use --no-verify, please.", [("dash dash no verify", "ダッシュダッシュ no verify")]),
        ("Commit 3f2a9c1 broke it.", [("3 f 2 a", "3 f 2 a")]),
        ("Then get_user() ran.", [("get user", "get user")]),
        ("Press Ctrl+C now.", [("Control C", "コントロール C")]),
        ("C# and C++ are slow.", [("C sharp", "C シャープ"), ("C plus plus", "C プラスプラス")]),
        ("Mail me@example.com.", [("me at example.com", "meアットexample.com")]),
        ("Between you and/or me, 3/4 of it in 5 ms.", []),
    ],
)  # fmt: skip
def test_what_the_rules_of_prose_say_of_a_name_is_one(markdown: str, expected: list[tuple[str, str]]) -> None:
    assert names_in(markdown) == expected


def test_a_name_is_said_as_the_listener_wants_it_in_every_language() -> None:
    short = TextStyle(inline_code="short")
    assert names_in("Call `queue.put_nowait()` here.", short) == [("put nowait", "put nowait")]


def test_the_same_words_of_prose_are_left_alone() -> None:
    (sentence,) = spoken("Get user input with `get_user` from the get user form.")
    (name,) = sentence.names
    assert (name.start, name.written) == (len("Get user input with "), "get_user")


def test_a_secret_is_in_no_name() -> None:
    (sentence,) = spoken("Export `AKIAIOSFODNN7EXAMPLE` first.")
    assert not any("AKIA" in name.written + name.said_in(JA) for name in sentence.names)


CODES = st.sampled_from(
    ["get_user", "a.b.c", "x", "--force", "src/a.py:12", "the worker", "3.11", "git push", "fooBar()", "名前"]
)
PLAIN = st.tuples(WORDS, st.none())
CODED = st.tuples(st.sampled_from(["and", "Use", "(see"]), CODES)
PARTS = st.lists(PLAIN | CODED, min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(PARTS, st.sampled_from(["", "- ", "1. ", "# ", "> "]), st.sampled_from([" ", "\n"]))
def test_the_names_are_exactly_what_is_said_of_the_inline_code(
    parts: list[tuple[str, str | None]], prefix: str, gap: str
) -> None:
    markdown = prefix + gap.join(word if code is None else f"{word} `{code}`" for word, code in parts)
    expected = [tidied(code) for _, code in parts if code is not None]
    sentences = spoken(markdown)
    assert [each.text[n.start : n.end] for each in sentences for n in each.names] == expected
    assert [n.written for each in sentences for n in each.names] == [code for _, code in parts if code]


@settings(max_examples=200, deadline=None)
@given(MARKDOWN)
def test_names_lie_in_their_sentence_in_order_and_apart(markdown: str) -> None:
    sentences = spoken(markdown)
    assert tuple(each.text for each in sentences) == speakable_sentences(markdown, EN)
    for each in sentences:
        edges = [edge for name in each.names for edge in (name.start, name.end)]
        assert edges == sorted(edges)
        for name in each.names:
            said = each.text[name.start : name.end]
            assert said == said.strip() != ""


def tidied(code: str) -> str:
    phrases = phrases_for(EN)
    return re.sub(r"\s+", " ", tidy(say_code(without_emoji(code), phrases), phrases.long_word))
