"""NLLB-200's 202 codes of languages, by BCP-47 tag; `nllb_languages.tsv` is the table.

The codes are those of FLORES-200, as the model's tokenizer holds them: a language of ISO 639-3, `_`, a script
of ISO 15924.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.languages import match_language
from claude_narrator.models.types import Language

_TABLE = Path(__file__).with_name("nllb_languages.tsv")
_UNSPACED = frozenset({"Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt"})
_SAME_SCRIPT = {"Hang": ("Kore",), "Jpan": ("Hira", "Kana", "Hrkt")}


@functools.cache
def codes() -> Mapping[Language, str]:
    """Return the code of every tag in the table."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {Language(tag): code for code, tags in rows for tag in tags.split()}


def code_of(language: Language) -> str:
    """Return the code for a BCP-47 tag; of a tag that says more, such as `pt-BR`, what NLLB-200 tells apart.

    :raises UnknownLanguage: NLLB-200 does not know it, or writes it in another script.
    """
    tag = match_language(language, codes())
    if tag is None:
        raise UnknownLanguage(f"nllb does not translate {language[:40]!r}", "See: voice engines --json")
    code = codes()[tag]
    script = code[-4:]
    wanted = [part.title() for part in language.split("-")[1:] if len(part) == 4 and part.isalpha()]
    if tag.casefold() != language.casefold() and set(wanted) - {script, *_SAME_SCRIPT.get(script, ())}:
        raise UnknownLanguage(f"nllb writes {tag} as {script} alone, not {wanted[0]}", f"Use {tag}.")
    return code


def is_spaced(code: str) -> bool:
    """Return whether the language of a code puts spaces between sentences."""
    return code[-4:] not in _UNSPACED
