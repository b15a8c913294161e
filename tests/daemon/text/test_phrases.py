"""Every language file is whole where it has to be, and what it lacks is no foreign word."""

from __future__ import annotations

import re
from typing import Any

import pytest

from claude_narrator.daemon.attention_phrases import attention_phrases_for
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.language_checks import WHOLE, fields_of
from claude_narrator.models.language_file import FOLDER, PLAIN, language_file
from claude_narrator.models.types import Language

COMPLETE = ("de", "en", "es", "fr", "it", "ja", "pt")
_ENGLISH = language_file("en")
_FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def texts(value: Any, at: str = "") -> dict[str, str]:
    """Return every text of a section by its path."""
    if isinstance(value, dict):
        return {
            path: text for key, each in value.items() for path, text in texts(each, f"{at}/{key}").items()
        }
    if isinstance(value, str):
        return {at: value}
    return {f"{at}/{number}": str(each) for number, each in enumerate(value)}


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_language_says_everything_itself(name: str) -> None:
    known, plain = language_file(name), language_file(PLAIN)
    for section in ("phrases", *WHOLE):
        given = texts(known[section])
        wanted = {path for path in texts(_ENGLISH[section]) if not path.startswith("/numbers")}
        assert wanted <= given.keys(), section
        assert [path for path in wanted if not given[path]] == [], section
    assert known["phrases"]["code_block"] != plain["phrases"]["code_block"]
    assert {"asks", "warns"} <= known["urgency"].keys()
    assert known["name"]
    assert known["sample"] != plain["sample"]


@pytest.mark.parametrize("name", [*COMPLETE, PLAIN])
def test_a_phrase_holds_the_same_figures_and_names_as_the_english_one(name: str) -> None:
    for section in ("phrases", *WHOLE):
        wanted = texts(_ENGLISH[section])
        for path, template in texts(language_file(name).get(section, {})).items():
            if path in wanted and (template or name != PLAIN):
                given, due = fields_of(template), fields_of(wanted[path])
                assert given == due or ((name == PLAIN or path.startswith("/counts")) and given <= due), path


@pytest.mark.parametrize("name", [*COMPLETE, PLAIN])
def test_no_phrase_holds_what_is_never_said(name: str) -> None:
    phrases = language_file(name)["phrases"]
    said = [*phrases["symbols"].values(), *phrases["alone"].values(), *phrases["callouts"].values()]
    assert not re.search(r"[*_`#|<>\[\]{}~\\]", " ".join(said))


@pytest.mark.parametrize("name", _FILES)
def test_every_file_can_be_used(name: str) -> None:
    language = Language(name)
    assert len(phrases_for(language).months) == 12
    assert notices_for(language).failure("rate_limit")
    assert attention_phrases_for(language).run.format(who="x", what="y")


def test_the_region_of_a_language_makes_no_difference() -> None:
    assert phrases_for(Language("ja-JP")) == phrases_for(Language("ja"))
    assert phrases_for(Language("en_GB")).redacted == "a secret"


@pytest.mark.parametrize("language", ["nl", "xx", "zh", "ko", "ar", "../en", ""])
def test_a_language_without_phrases_gets_no_word_that_is_not_in_the_text(language: str) -> None:
    markdown = (
        "Übersicht: `queue.put_nowait()` -> `a != b && c`, ~5 ms, 3–5 s, #12, C#, https://x.org/a/pull/3.\n\n"
        "```py\nx = 1\n```\n\n1. eins\n2. zwei\n\n- [x] drei\n\n> [!NOTE]\n> vier\n\n"
        "| Name | Wert | Typ |\n|---|---|---|\n| a | 1 | ✅ |\n\n"
        "❌ fünf `*` und `--dry-run` AKIAIOSFODNN7EXAMPLE\n"
    )
    said = " ".join(speakable_sentences(markdown, Language(language)))
    given = set(re.findall(r"[^\W\d_]+", markdown))
    assert set(re.findall(r"[^\W\d_]+", said)) <= given | {"AKIA"}


@pytest.mark.parametrize("language", ["nl", "ko", "xx"])
def test_the_sentences_that_a_language_lacks_are_english_and_say_so(language: str) -> None:
    for phrases in (notices_for(Language(language)), attention_phrases_for(Language(language))):
        assert phrases.language == "en"
    assert attention_phrases_for(Language("de-CH")).language == "de-CH"


def test_a_sign_of_warning_is_said_unless_its_word_stands_behind_it() -> None:
    def said(markdown: str, language: str) -> str:
        return " ".join(speakable_sentences(markdown, Language(language)))

    assert said("⚠️ Der Cache ist leer.", "de") == "Warnung: Der Cache ist leer."
    assert said("⚠️ Warnung: der Cache ist leer.", "de") == "Warnung: der Cache ist leer."
    assert said("⚠️ **Warning:** it is empty.", "de") == "Warning: it is empty."


@pytest.mark.parametrize(
    ("language", "abbreviated"), [("fr", "p.ex. ceci"), ("pt", "p.ex. isto"), ("de", "z.B. das")]
)
def test_an_abbreviation_is_no_name_of_a_file(language: str, abbreviated: str) -> None:
    assert speakable_sentences(f"A, {abbreviated}.", Language(language)) == (f"A, {abbreviated}.",)


MARKDOWN = "```py\nx = 1\ny = 2\n```\n\n`a != b`\n\n2026-11-20, 35 ms\n"
SAID = """
de: Codeblock, python, 2 Zeilen.|a ungleich b.|20. November 2026, 35 Millisekunden.
es: Bloque de código, python, 2 líneas.|a distinto de b.|20 de noviembre de 2026, 35 milisegundos.
fr: Bloc de code, python, 2 lignes.|a différent de b.|20 novembre 2026, 35 millisecondes.
it: Blocco di codice, python, 2 righe.|a diverso da b.|20 novembre 2026, 35 millisecondi.
pt: Bloco de código, python, 2 linhas.|a diferente de b.|20 de novembro de 2026, 35 milissegundos.
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_code_signs_dates_and_units_are_said_in_the_language(line: str) -> None:
    language, _, said = line.partition(": ")
    assert speakable_sentences(MARKDOWN, Language(language)) == tuple(said.split("|"))
