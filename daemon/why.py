"""Why which engine is used for a language: what `voice engines --why` shows, as plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from claude_narrator.daemon.narrator import COMMAND_LINE, Narrator
from claude_narrator.daemon.status import memory
from claude_narrator.models.chain import Candidate
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.languages import check_language, same_language
from claude_narrator.models.types import Language, VoiceChoice


def why(narrator: Narrator, language: str) -> dict[str, Any]:
    """Return who speaks `language`, empty for the one in force, and who translates into it, with reasons.

    Nothing is loaded for it.

    :raises UnknownLanguage: no language tag.
    """
    speech, engines = narrator.choices.speech_for(COMMAND_LINE), narrator.pool.selection
    source, target = Language(speech.source_language), check_language(language or speech.language)
    choice = VoiceChoice(target, speech.voice if target == speech.language else "auto")
    translates = not same_language(source, target)
    return {
        "language": target,
        "source_language": source,
        "memory": memory(narrator),
        "voice": _role(choice.voice, engines.speakers(target), lambda: engines.speaking_order(choice)),
        "translator": _role(
            speech.translator,
            engines.interpreters(source, target),
            lambda: [(name, "") for name in engines.translating_order(source, target, speech.translator)],
        )
        if translates
        else None,
    }


def _role(
    named: str, candidates: Sequence[Candidate], order: Callable[[], list[tuple[str, str]]]
) -> dict[str, Any]:
    """`tried` counts from 1; None when it is not tried at all."""
    problem, tried = "", list[tuple[str, str]]()
    try:
        tried = order()
    except NarratorError as error:
        problem = str(error)
    first = next((each for each in candidates if tried and each.engine == tried[0][0]), None)
    entries = [_entry(each, tried, first.quality if first else 0) for each in candidates]
    entries.sort(key=lambda entry: entry["tried"] or len(candidates) + 1)
    return {"named": named, "problem": problem, "candidates": entries}


def _entry(candidate: Candidate, tried: Sequence[tuple[str, str]], best_quality: int) -> dict[str, Any]:
    """`best_quality` is that of the one that is tried first."""
    engines = [engine for engine, _ in tried]
    place = engines.index(candidate.engine) + 1 if candidate.engine in engines else None
    reason = f"chosen: {candidate.reason}" if place == 1 else candidate.reason
    if place is not None and candidate.quality < best_quality:
        reason += "; lower quality"
    return {
        "engine": candidate.engine,
        "voice": tried[place - 1][1] if place else candidate.voice,
        "quality": candidate.quality,
        "standing": candidate.standing.name.lower(),
        "tried": place,
        "reason": reason,
    }
