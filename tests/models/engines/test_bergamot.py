"""Bergamot on its real weights: meaning and numbers arrive, sentence by sentence, both ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.bergamot import Bergamot
from claude_narrator.models.errors import EngineFailed, UnknownLanguage
from claude_narrator.models.types import Language

EN, PT = Language("en"), Language("pt-BR")


@pytest.fixture(scope="module")
def bergamot() -> Iterator[Bergamot]:
    engine = Bergamot()
    engine.load(EngineContext())
    yield engine
    engine.close()


def _translated(engine: Bergamot, text: str, source: Language = EN, target: Language = PT) -> str:
    return "".join(engine.translate(text, source, target))


@pytest.mark.parametrize(
    ("english", "words"),
    [
        (
            "The server is not responding, so I will restart it now.",
            ["servidor", "não", "reiniciar", "agora"],
        ),
        ("The build finished, and all tests pass.", ["compilação", "testes", "passam"]),
        ("The migration took 12.5 minutes and no data was lost.", ["migração", "12,5", "minutos", "nenhum"]),
        ("See README.md for more.", ["README.md"]),
    ],
)
def test_english_becomes_portuguese(bergamot: Bergamot, english: str, words: list[str]) -> None:
    portuguese = _translated(bergamot, english)
    assert [word for word in words if word not in portuguese] == []


def test_portuguese_becomes_english(bergamot: Bergamot) -> None:
    english = _translated(bergamot, "O servidor não está respondendo.", Language("pt"), Language("en-GB"))
    assert english == "The server is not responding."


def test_the_first_sentence_leaves_before_the_others_are_translated(bergamot: Bergamot) -> None:
    text = "The build is green. All tests pass. " * 3
    pieces = list(bergamot.translate(text, EN, PT))
    assert len(pieces) == 6
    assert pieces[0].strip() == pieces[2].strip()
    assert "".join(pieces).count("  ") == 0


def test_what_holds_no_word_stays_as_it_is(bergamot: Bergamot) -> None:
    assert _translated(bergamot, "🎉 …") == "🎉 …"
    assert _translated(bergamot, " \n ") == ""


@pytest.mark.parametrize("pair", [("en", "ja"), ("en", "en"), ("pt", "pt-BR"), ("de", "pt")])
def test_another_pair_is_refused(bergamot: Bergamot, pair: tuple[str, str]) -> None:
    with pytest.raises(UnknownLanguage, match="bergamot does not translate"):
        bergamot.translate("Hello.", Language(pair[0]), Language(pair[1]))


def test_after_the_end_nothing_is_translated() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        Bergamot().translate("Hello.", EN, PT)
