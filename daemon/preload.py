"""Loads engines before they are needed."""

from __future__ import annotations

from contextlib import aclosing, suppress

from claude_narrator.daemon.settings import Settings
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.languages import same_language
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language, VoiceChoice


async def preload(pool: EnginePool, settings: Settings) -> None:
    """Load what `models.preload` names, or else what the settings will need.

    Of the voices that is the one that speaks first, and behind it the best; the translator evaluates its
    prompt, for a cold one costs seconds.
    """
    named, speech = settings.models.preload, settings.speech
    if not isinstance(named, bool):
        pool.preload(named)
        return
    if not named:
        return
    source, target = Language(speech.source_language), Language(speech.language)
    with suppress(NarratorError):
        host, _ = pool.synthesizer_for(VoiceChoice(target, speech.voice))
        pool.preload([host.name])
    if same_language(source, target):
        return
    with suppress(NarratorError):
        translator = pool.translator_for(source, target, speech.translator)
        async with aclosing(translator.translate("", source, target)) as nothing:
            async for _ in nothing:
                pass
