"""Rules that put words in place of what they match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from claude_narrator.daemon.text.phrases import Phrases

Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Phrases], str]]
"""A pattern, and what is said in place of a match."""


def rewrite(text: str, rules: Iterable[Rule], phrases: Phrases) -> str:
    """Return `text` with the matches of each rule replaced, one rule after the other."""
    for rule in rules:
        text = _apply(rule, text, phrases)
    return text


def _apply(rule: Rule, text: str, phrases: Phrases) -> str:
    pattern, say = rule
    return pattern.sub(lambda found: say(found, phrases), text)
