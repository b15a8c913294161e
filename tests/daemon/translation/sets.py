"""The sets of sentences with references in tests/data/translation, each with its languages."""

from __future__ import annotations

from pathlib import Path

from claude_narrator.daemon.eval_command import read_examples
from claude_narrator.daemon.translation.scores import Example
from claude_narrator.models.types import Language

FOLDER = Path(__file__).parents[2] / "data" / "translation"
FILES = {"en-ja.jsonl": "ja", "en-ja-unseen.jsonl": "ja", "en-pt.jsonl": "pt"}


def examples_of(name: str) -> list[Example]:
    """Return the sentences of a set."""
    return read_examples((FOLDER / name).read_text(encoding="utf-8"))


ALL = [(example, Language(target)) for name, target in FILES.items() for example in examples_of(name)]
