"""Loads engines before they are needed, and has translators evaluate their prompts."""

from __future__ import annotations

from contextlib import suppress

from claude_narrator.daemon.settings import Settings, Speech
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.languages import same_language
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language, VoiceChoice


def preload(pool: EnginePool, settings: Settings) -> None:
    """Load what `models.preload` names, or else what the settings will need, in the background.

    Of the voices that is the one that speaks first, and behind it the best.
    """
    named, speech = settings.models.preload, settings.speech
    if not isinstance(named, bool):
        pool.preload(named)
        return
    if not named:
        return
    with suppress(NarratorError):
        choice = VoiceChoice(Language(speech.language), speech.voice)
        host, _ = pool.synthesizer_for(choice)
        pool.preload([host.name])
    expect(pool, speech)


def expect(pool: EnginePool, speech: Speech) -> None:
    """Have who translates for these settings loaded and warm, in the background, if anybody must."""
    source, target = Language(speech.source_language), Language(speech.language)
    if not same_language(source, target):
        pool.expect(source, target, speech.translator)
