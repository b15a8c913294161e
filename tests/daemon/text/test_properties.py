"""What holds for every text."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from claude_narrator.daemon.text.growing import GrowingText
from claude_narrator.daemon.text.outline import Spoken, texts_of
from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.sentences import ClauseSplitter, split_sentences
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.daemon.text_style import VALUES, TextStyle
from claude_narrator.models.types import Language
from tests.daemon.text.markdown_strategies import ANYTHING, MARKDOWN, SECRETS, WORDS

LANGUAGES = st.sampled_from([Language("en"), Language("ja"), Language("de")])
_MARKUP = re.compile(r"[*_`#|<>\[\]{}~\\]")


def _pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


@settings(max_examples=150, deadline=None)
@given(ANYTHING, LANGUAGES)
@example("`a\\`", Language("en"))
@example("\ud800 \x00\x1b[31mred\u202e", Language("en"))
def test_no_sentence_holds_markup_controls_or_nothing(text: str, language: Language) -> None:
    for sentence in speakable_sentences(text, language):
        assert not _MARKUP.search(sentence)
        assert sentence == sentence.strip()
        assert re.sub("[\u200c\u200d]", "", sentence).isprintable(), ascii(sentence)
        assert re.search(r"\w", sentence)
        sentence.encode("utf-8")


@settings(max_examples=150, deadline=None)
@given(ANYTHING, st.lists(st.integers(0, 5000), max_size=12), LANGUAGES)
def test_sentences_do_not_depend_on_how_the_text_is_cut_into_deltas(
    text: str, cuts: list[int], language: Language
) -> None:
    growing = GrowingText(language)
    said = [sentence for piece in _pieces(text, cuts) for sentence in growing.append(piece)]
    assert texts_of((*said, *growing.finish())) == speakable_sentences(text, language)
    assert growing.source == text


PROSE_PIECES = """The build is green. |It took 5 s. |Dr. Smith said so. |See e.g. the docs. |Is it? Yes! |
これは文です。|「はい。」と言った。|1. First one here. |- An item. |`code. here` |**Bold. Text** |```|
password: hunter2. |AKIAIOSFODNN7EXAMPLE. |version 1.2. Next |a.b.c |no. 5 is here. |# Head. Line |etc. But |
https://x.y/z. |and so on... then |(in brackets. yes) |    indented. code |<b>x. y</b> |& more. |p. 3 |\\"""
PROSE = st.lists(st.sampled_from([*PROSE_PIECES.replace("\n", "").split("|"), "\n", "\n\n"]), max_size=30)


@settings(max_examples=300, deadline=None)
@given(PROSE.map("".join) | MARKDOWN, st.integers(1, 9), LANGUAGES)
def test_what_is_said_ahead_of_its_line_is_what_the_line_says(
    text: str, chars: int, language: Language
) -> None:
    growing = GrowingText(language)
    said: list[Spoken] = []
    for at in range(0, len(text), chars):
        said += (*growing.append(text[at : at + chars]), *growing.ahead())
    assert texts_of((*said, *growing.finish())) == speakable_sentences(text, language)


@settings(max_examples=100, deadline=None)
@given(MARKDOWN, MARKDOWN)
def test_what_has_been_said_stays_said_whatever_follows(text: str, more: str) -> None:
    growing = GrowingText(Language("en"))
    early = texts_of(growing.append(text + "\n"))
    assert speakable_sentences(text + "\n" + more, Language("en"))[: len(early)] == early


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(SECRETS)).flatmap(lambda kind: SECRETS[kind]),
    st.sampled_from(
        ["{}", "Use {} now.", "`{}`", "- **{}**", "> {}", "x=1 {}", "\n\n{}\n\nDone.", "({})", "# {}"]
    ),
    LANGUAGES,
)
def test_a_secret_is_never_said(secret: tuple[str, str], frame: str, language: Language) -> None:
    text, hidden = secret
    whole = frame.replace("{}", text)
    assert hidden not in redact(whole)
    said = " ".join(speakable_sentences(whole, language))
    assert re.sub(r"\W", "", hidden).lower() not in re.sub(r"\W", "", said).lower()


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@settings(max_examples=100, deadline=None)
@given(
    st.lists(WORDS, min_size=1, max_size=6).map(" ".join),
    st.sampled_from(["", "# ", "- ", "1. ", "> ", "- [ ] ", "**", "> - ", "   "]),
    st.sampled_from(["", "\n```\nx\n```\n", "\n\n---\n", "<!-- x -->\n", "| a |\n|---|\n| b |\n\n"]),
)
def test_prose_is_never_silence(prose: str, prefix: str, before: str) -> None:
    said = " ".join(speakable_sentences(f"{before}{prefix}{prose}\n", Language("en")))
    for word in re.findall(r"\w+", prose):
        assert word in said


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=9).map(" ".join), max_size=5).map("\n\n".join))
def test_what_is_speakable_is_said_as_it_is(text: str) -> None:
    said = speakable_sentences(text, Language("en"))
    assert speakable_sentences("\n\n".join(said), Language("en")) == said


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=30).map(" ".join), LANGUAGES)
def test_splitting_keeps_every_character_but_spaces(text: str, language: Language) -> None:
    sentences = split_sentences(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(split_sentences(each, language) == (each,) for each in sentences)


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="ab1。、！「」.,?! あ漢", max_size=400),
    st.lists(st.integers(0, 400), max_size=20),
    LANGUAGES,
)
def test_clauses_keep_every_word_in_order(text: str, cuts: list[int], language: Language) -> None:
    splitter = ClauseSplitter(language)
    said = [clause for piece in _pieces(text, cuts) for clause in splitter.feed(piece)]
    said += splitter.finish()
    assert "".join(re.findall(r"\w", "".join(said))) == "".join(re.findall(r"\w", text))
    assert all(re.search(r"\w", clause) for clause in said)


STYLES = st.builds(TextStyle, **{name: st.sampled_from(values) for name, values in VALUES.items()})
MARKED = st.integers(1000, 9999).map(lambda number: f"zq{number}qz")
"""A word that is nowhere else."""


@settings(max_examples=150, deadline=None)
@given(ANYTHING, st.lists(st.integers(0, 5000), max_size=8), LANGUAGES, STYLES)
def test_whatever_is_set_no_markup_is_said_and_cuts_change_nothing(
    text: str, cuts: list[int], language: Language, style: TextStyle
) -> None:
    growing = GrowingText(language, style)
    grown = [each for piece in _pieces(text, cuts) for each in (*growing.append(piece), *growing.ahead())]
    said = list(texts_of((*grown, *growing.finish())))
    assert tuple(said) == speakable_sentences(text, language, style)
    assert not any(_MARKUP.search(each) or not re.search(r"\w", each) for each in said)


_FENCES = st.sampled_from(
    [
        "```python\n{}\n```",
        "```\n{}\n```",
        "~~~~\n```\n{}\n```\n~~~~",
        "- x\n  ```js\n  {}\n  ```",
        "> ```sh\n> {}\n> ```",
        "1. x\n\n   ```\n   {}",
        "So:\n\n    {}\n",
        "```diff\n+{}\n-{}\n```",
        "<pre>\n{}\n</pre>",
        "<!--\n{}\n-->",
        "```\n{}",
    ]
)


@settings(max_examples=150, deadline=None)
@given(_FENCES, st.lists(MARKED, min_size=1, max_size=4), st.integers(1, 20), LANGUAGES, STYLES)
def test_code_in_a_block_is_never_said(
    fence: str, words: list[str], chars: int, language: Language, style: TextStyle
) -> None:
    text = "Before.\n\n" + fence.replace("{}", " = ".join(words))
    growing = GrowingText(language, style)
    pieces = [text[at : at + chars] for at in range(0, len(text), chars)]
    grown = [each for piece in pieces for each in (*growing.append(piece), *growing.ahead())]
    said = list(texts_of((*grown, *growing.finish())))
    assert said[0] == "Before."
    assert not any(word in sentence for word in words for sentence in said)


_HOLDERS = st.sampled_from(
    [
        "{}",
        "{} and more.",
        "# {}",
        "- {}",
        "1. {}\n2. next",
        "> {}",
        "**{}**",
        "*{}* text",
        "[{}](https://x.y/z)",
        "![{}](a.png)",
        "`{}`",
        "`{}()` works",
        "- [x] {}",
        "| a | b |\n|---|---|\n| {} | 1 |",
        "| {} | b |\n|---|---|\n| 1 | 2 |",
        "✅ {}",
        "❌ {}",
        "> [!NOTE]\n> {}",
        "One. Two. {}. Three.",
        "src/{}/x.py and {}",
        "**Bold**\n{}",
        "<b>{}</b>",
    ]
)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(_HOLDERS, MARKED), min_size=1, max_size=6), st.integers(1, 25), LANGUAGES)
def test_every_word_of_prose_is_said_once(
    parts: list[tuple[str, str]], chars: int, language: Language
) -> None:
    numbered = [(holder, f"{word}{'abcdef'[at]}") for at, (holder, word) in enumerate(parts)]
    text = "\n\n".join(holder.replace("{}", word) for holder, word in numbered) + "\n"
    growing = GrowingText(language)
    pieces = [text[at : at + chars] for at in range(0, len(text), chars)]
    grown = [each for piece in pieces for each in (*growing.append(piece), *growing.ahead())]
    said = list(texts_of((*grown, *growing.finish())))
    for _, word in numbered:
        assert " ".join(said).count(word) == 1
