"""Rules that put words in place of what they match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

from claude_narrator.daemon.text.named_text import NamedText, SaidIn
from claude_narrator.daemon.text.phrases import Phrases

Say = Callable[[re.Match[str], Phrases], str]
Rule = tuple[re.Pattern[str], Say]
"""A pattern, and what is said in place of a match."""


def rewrite(text: str, rules: Iterable[Rule], phrases: Phrases) -> str:
    """Return `text` with the matches of each rule replaced, one rule after the other."""
    return rewritten(NamedText(text), rules, phrases).text


def rewritten(
    text: NamedText, rules: Iterable[Rule], phrases: Phrases, said_in: SaidIn | None = None
) -> NamedText:
    """Return what `rewrite` does; with `said_in`, what the rules put there are names that are said so."""
    for pattern, say in rules:
        text = text.sub(pattern, partial(_said, say, phrases), said_in)
    return text


def _said(say: Say, phrases: Phrases, found: re.Match[str]) -> str:
    return say(found, phrases)
