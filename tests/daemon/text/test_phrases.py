"""Every language file is whole."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from claude_narrator.daemon.text.phrases import FOLDER, languages, phrases_for
from claude_narrator.daemon.text.speakable import speakable_sentences
from claude_narrator.models.types import Language

_FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))
_TEMPLATE = re.compile(r"\{(\w+)\}")
_ENGLISH: dict[str, Any] = tomllib.loads((FOLDER / "en.toml").read_text(encoding="utf-8"))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", _FILES)
def test_a_file_defines_every_phrase_and_no_other(name: str) -> None:
    document = _read(name)
    assert document.keys() == _ENGLISH.keys()
    for section in (key for key, value in _ENGLISH.items() if isinstance(value, dict)):
        assert document[section].keys() == _ENGLISH[section].keys(), section
    assert len(document["months"]) == 12


@pytest.mark.parametrize("name", _FILES)
def test_a_phrase_holds_the_same_figures_and_names_as_the_english_one(name: str) -> None:
    for key, template in _read(name).items():
        if isinstance(template, str) and (template or name in languages()):
            wanted, given = (set(_TEMPLATE.findall(each)) for each in (_ENGLISH[key], template))
            assert given == wanted or (name not in languages() and given <= wanted), key


@pytest.mark.parametrize("name", languages())
def test_a_language_leaves_no_phrase_empty(name: str) -> None:
    def empty(value: Any) -> bool:
        return any(map(empty, value.values())) if isinstance(value, dict) else not value

    assert [key for key, value in _read(name).items() if empty(value)] == []


@pytest.mark.parametrize("name", _FILES)
def test_no_phrase_holds_what_is_never_said(name: str) -> None:
    said = [
        *_read(name)["symbols"].values(),
        *_read(name)["alone"].values(),
        *_read(name)["callouts"].values(),
    ]
    assert not re.search(r"[*_`#|<>\[\]{}~\\]", " ".join(said))


def test_the_region_of_a_language_makes_no_difference() -> None:
    assert phrases_for(Language("ja-JP")) == phrases_for(Language("ja"))
    assert phrases_for(Language("en_GB")).redacted == "a secret"


@pytest.mark.parametrize("language", ["de", "fr", "zh", "ko", "ar", "../en", ""])
def test_a_language_without_a_file_gets_no_word_that_is_not_in_the_text(language: str) -> None:
    markdown = (
        "Übersicht: `queue.put_nowait()` -> `a != b && c`, ~5 ms, 3–5 s, #12, C#, https://x.org/a/pull/3.\n\n"
        "```py\nx = 1\n```\n\n1. eins\n2. zwei\n\n- [x] drei\n\n> [!NOTE]\n> vier\n\n"
        "| Name | Wert | Typ |\n|---|---|---|\n| a | 1 | ✅ |\n\n"
        "❌ fünf `*` und `--dry-run` AKIAIOSFODNN7EXAMPLE\n"
    )
    said = " ".join(speakable_sentences(markdown, Language(language)))
    given = set(re.findall(r"[^\W\d_]+", markdown))
    assert set(re.findall(r"[^\W\d_]+", said)) <= given | {"AKIA"}
