"""Real-looking replies and what is said of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from claude_narrator.daemon.text.speakable import iterate_sentences, speakable_sentences
from claude_narrator.models.types import Language

_DATA = Path(__file__).parents[2] / "data" / "speakable"


def _replies() -> list[Any]:
    files = sorted(_DATA.glob("*.toml"))
    return [
        pytest.param(reply, id=reply["name"])
        for file in files
        for reply in tomllib.loads(file.read_text("utf-8"))["reply"]
    ]


@pytest.mark.parametrize("reply", _replies())
def test_a_reply_is_said_as_the_corpus_expects(reply: dict[str, Any]) -> None:
    language = Language(reply["language"])
    assert list(speakable_sentences(reply["markdown"], language)) == reply["expected"]
    assert list(iterate_sentences(reply["markdown"], language)) == reply["expected"]


@pytest.mark.parametrize("reply", _replies())
def test_what_is_said_would_be_said_unchanged(reply: dict[str, Any]) -> None:
    said = "\n\n".join(reply["expected"])
    assert list(speakable_sentences(said, Language(reply["language"]))) == reply["expected"]


def test_the_corpus_holds_at_least_sixty_replies_in_both_languages() -> None:
    languages = [reply.values[0]["language"] for reply in _replies()]
    assert len(languages) >= 60
    assert languages.count("ja") >= 15
