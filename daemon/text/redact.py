"""Secrets are replaced by words before anything else sees them."""

from __future__ import annotations

import re

from claude_narrator.models.types import Language

_SECRET = re.compile(r"\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16})")


def redact(text: str, language: Language = Language("en")) -> str:
    """Return `text` with every secret replaced by a phrase of `language`."""
    return _SECRET.sub("a secret", text)
