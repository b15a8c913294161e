"""Where sentences and clauses end."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.sentences import LONGEST_CHARS, ClauseSplitter, split_sentences
from claude_narrator.models.types import Language

EN, JA = Language("en"), Language("ja")


@pytest.mark.parametrize(
    "sentence",
    [
        "The file queue.py calls put_nowait twice.",
        "Python 3.11 and v2.0.0-rc.1 are fine.",
        "Use a lock, e.g. one per loop, i.e. asyncio's, vs. none.",
        "Logs, caches, etc. are kept in ~/.config/x.toml today.",
        "Dr. Smith and J. R. R. Tolkien met Donald E. Knuth.",
        "See https://example.com/a?b=1&c=2 for No. 5.",
        "Loading... done in 14.7 s at 10.30 a.m. on Monday.",
        '"Stop!" he said.',
        "「はい。そうです。」と答えました。",
        "3.11で動きます。",
        "1. Install it.",
        "",
    ],
)
def test_a_sentence_stays_whole(sentence: str) -> None:
    assert split_sentences(sentence, EN) == ((sentence,) if sentence else ())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four…", ("One.", "Two!", "Three?", "Four…")),
        ("It works. queue.py is fine.", ("It works.", "queue.py is fine.")),
        ("It ends, etc. Then it starts.", ("It ends, etc.", "Then it starts.")),
        ("(It was late.) We left.", ("(It was late.)", "We left.")),
        ("直りましたか？はい！もう大丈夫です。", ("直りましたか？", "はい！", "もう大丈夫です。")),
        ("「行く。」彼は言った。", ("「行く。」", "彼は言った。")),
        ("終わりました。Next: v1.2.3. OK.", ("終わりました。", "Next: v1.2.3.", "OK.")),
        ("First\n\nsecond\nline", ("First", "second line")),
        ("Plan B failed. I think so.", ("Plan B failed.", "I think so.")),
        ("测试失败了。要修复吗？", ("测试失败了。", "要修复吗？")),
    ],
)
def test_text_is_split_between_sentences(text: str, sentences: tuple[str, ...]) -> None:
    assert split_sentences(text, JA) == sentences


def test_a_sentence_without_end_is_cut_at_a_pause() -> None:
    pieces = split_sentences("word, " * 400, EN)
    assert all(len(piece) <= LONGEST_CHARS for piece in pieces)
    assert all(piece.endswith(",") for piece in pieces)


def _clauses(language: Language, text: str, size: int = 1) -> list[str]:
    splitter = ClauseSplitter(language)
    said = [
        clause for start in range(0, len(text), size) for clause in splitter.feed(text[start : start + size])
    ]
    return [*said, *splitter.finish()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("language", "text", "clauses"),
    [
        (
            JA,
            "まず、テストを実行します。次に、結果を確認します。",
            ["まず、テストを実行します。", "次に、結果を確認します。"],
        ),
        (
            JA,
            "テストが失敗したので、原因を調べて、修正しました。",
            ["テストが失敗したので、", "原因を調べて、修正しました。"],
        ),
        (
            EN,
            "First of all, it works, and it is 3.11, really.",
            ["First of all,", "it works, and it is 3.11, really."],
        ),
        (EN, "Use it, e.g. here. Then stop.", ["Use it, e.g. here.", "Then stop."]),
        (EN, "no mark at all", ["no mark at all"]),
        (EN, "", []),
        (EN, "...", []),
    ],
)
def test_the_first_clause_is_short_and_later_ones_are_sentences(
    language: Language, text: str, clauses: list[str], size: int
) -> None:
    assert _clauses(language, text, size) == clauses


def test_the_first_clause_is_given_before_the_sentence_ends() -> None:
    splitter = ClauseSplitter(JA)
    assert splitter.feed("テストが失敗した") == ()
    assert splitter.feed("ので、") == ("テストが失敗したので、",)
    assert splitter.feed("修正しました。") == ()
    assert splitter.finish() == ("修正しました。",)


def test_a_clause_without_marks_is_cut_at_the_limit() -> None:
    assert all(len(clause) <= 180 for clause in _clauses(EN, "word " * 200, 5))
    assert all(len(clause) <= 70 for clause in _clauses(JA, "字" * 500, 5))


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("de", "Die Datei fehlt, z.B. im Ordner src.|Dr. Weber legt sie am 3. Oktober an.|Fertig."),
        ("de", "Das war die 2. runde.|Es sind noch 3.|Danach folgt der Rest."),
        ("es", "El Sr. Gil abre p.ej. la pág. 12.|Hecho."),
        ("fr", "M. Dupont lit p. ex. le chap. 3.|C'est fait, etc.|Voilà."),
        ("it", "Il dott. Rossi apre p.es. la pag. 4.|Ecco fatto."),
        ("pt", "O Sr. Lima abre p.ex. a pág. 7.|Pronto."),
        ("en", "Mr. Weber has 3.|October comes next."),
    ],
)
def test_the_abbreviations_and_ordinals_of_a_language_end_no_sentence(tag: str, text: str) -> None:
    assert split_sentences(text.replace("|", " "), Language(tag)) == tuple(text.split("|"))


@pytest.mark.parametrize("tag", ["en", "nl", "ja"])
def test_a_japanese_quotation_is_whole_in_a_text_of_another_language(tag: str) -> None:
    assert split_sentences("「終わった。」と表示されます。次です。", Language(tag)) == (
        "「終わった。」と表示されます。",
        "次です。",
    )
