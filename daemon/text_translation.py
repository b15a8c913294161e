"""Translates a text for whoever asks: the command line, a preview, a program, or the model over MCP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from claude_narrator.daemon.asked_text import check_text
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.line_translation import Interpreter, Lines, Watches, translate_lines
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.text.redact import redact
from claude_narrator.models.languages import check_language, same_language
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text and the language it is wanted in; an empty `source` is the settings'.

    The glossary of the project in `folder` holds, else that of the project of `session`. With an `engine`, it
    alone translates. Without `is_checked` a translation is taken as it comes.
    """

    text: str
    to: str
    source: str = ""
    session: str = ""
    folder: Path | None = None
    engine: str = ""
    is_checked: bool = True


async def translate_text(wanted: Wanted, choices: Choices, pool: EnginePool, troubles: Watches) -> Lines:
    """Return the translation of a text, line by line, secrets removed; `troubles` hears how engines fare.

    :raises BadInput, UnknownLanguage, EngineUnavailable, EngineFailed: one line that says why not.
    """
    text, target = wanted.text, check_language(wanted.to)
    check_text(text, "translate")
    speech = choices.settings.speech
    default = Language(wanted.source or speech.source_language)
    source = detect_language(text, default)
    if same_language(source, target):
        source = default
    if same_language(source, target):
        return Lines(redact(text).splitlines())
    hosts = pool.translators_for(source, target, wanted.engine or speech.translator)
    hosts = hosts[:1] if wanted.engine else hosts
    words = choices.glossary_for(wanted.session, target, wanted.folder)
    interpreter = Interpreter(hosts, target, words, troubles, wanted.is_checked)
    return await translate_lines(redact(text).splitlines(), source, interpreter)
