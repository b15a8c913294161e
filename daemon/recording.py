"""Speaks into a WAV file as fast as the engines can, past the player."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

import numpy as np

from claude_narrator.daemon.preceding import Preceding
from claude_narrator.daemon.pronunciation import Pronunciation
from claude_narrator.daemon.resample import StreamResampler
from claude_narrator.daemon.sinks import to_int16
from claude_narrator.models.errors import BadInput
from claude_narrator.models.languages import same_language
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Hints, Language, SampleRate, Samples, VoiceChoice

SAMPLE_RATE = SampleRate(24000)
GAP_S = 0.25


async def record(
    pool: EnginePool,
    sentences: tuple[str, ...],
    language: Language,
    choice: VoiceChoice,
    path: Path,
    glossary: Mapping[str, str],
    pronunciation: Pronunciation,
) -> float:
    """Write what would be heard of `sentences` to `path`, 16 bit mono, and return its length in seconds.

    :raises BadInput: the file cannot be written.
    :raises NarratorError: an engine is missing or failed; no file is left behind.
    """
    parts: list[Samples] = []
    preceding = Preceding()
    for sentence in sentences:
        text = sentence
        if not same_language(language, choice.language):
            hints = Hints(glossary, preceding.then("", language, sentence))
            text = await _translate(pool, sentence, language, choice.language, hints)
        spoken = pronunciation.spoken(text, choice.language)
        parts += [await _synthesize(pool, spoken, choice), np.zeros(int(GAP_S * SAMPLE_RATE), np.float32)]
    samples = np.concatenate(parts)
    _write(path, samples)
    return len(samples) / SAMPLE_RATE


async def _translate(pool: EnginePool, text: str, source: Language, target: Language, hints: Hints) -> str:
    translator = pool.translator_for(source, target)
    async with aclosing(translator.translate(text, source, target, hints)) as pieces:
        return "".join([piece async for piece in pieces])


async def _synthesize(pool: EnginePool, text: str, choice: VoiceChoice) -> Samples:
    host, voice = pool.synthesizer_for(choice)
    resampler = StreamResampler(SAMPLE_RATE)
    async with aclosing(host.synthesize(text, voice, choice.language, choice.rate)) as chunks:
        parts = [resampler.feed(chunk) async for chunk in chunks]
    parts.append(resampler.finish())
    return np.concatenate(parts)


def _write(path: Path, samples: Samples) -> None:
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(to_int16(samples).tobytes())
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written: {error.strerror}", "Name a file in a folder that exists."
        ) from None
