"""Speaks into a WAV file as fast as the engines can, past the player."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from claude_narrator.daemon.line_translation import Interpreter, Lines, Watches, translate_lines
from claude_narrator.daemon.pronunciation import Pronunciation
from claude_narrator.daemon.resample import StreamResampler
from claude_narrator.daemon.sinks import to_int16
from claude_narrator.models.errors import BadInput, EngineFailed, EngineUnavailable
from claude_narrator.models.languages import same_language
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language, SampleRate, Samples, VoiceChoice

SAMPLE_RATE = SampleRate(24000)
GAP_S = 0.25


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file that was written: how long it sounds, and what in it is not translated, a line."""

    seconds: float
    note: str


async def record(
    pool: EnginePool,
    sentences: tuple[str, ...],
    language: Language,
    choice: VoiceChoice,
    path: Path,
    glossary: Mapping[str, str],
    pronunciation: Pronunciation,
    troubles: Watches,
) -> Recorded:
    """Write what would be heard of `sentences` to `path`, 16 bit mono; `troubles` hears how engines fare.

    A sentence of which no translation passes the checks is heard as it is written.

    :raises BadInput: the file cannot be written.
    :raises NarratorError: an engine is missing or failed; no file is left behind.
    """
    lines = Lines(list(sentences))
    if not same_language(language, choice.language):
        hosts = pool.translators_for(language, choice.language)
        interpreter = Interpreter(hosts, choice.language, glossary, troubles)
        lines = await translate_lines(sentences, language, interpreter)
    parts: list[Samples] = []
    for number, text in enumerate(lines.done, start=1):
        how = VoiceChoice(language, "auto", choice.rate) if number in lines.left else choice
        spoken = pronunciation.spoken(text, how.language)
        parts += [
            await _synthesize(pool, spoken, how, troubles),
            np.zeros(int(GAP_S * SAMPLE_RATE), np.float32),
        ]
    samples = np.concatenate(parts)
    _write(path, samples)
    return Recorded(len(samples) / SAMPLE_RATE, lines.note)


async def _synthesize(pool: EnginePool, text: str, choice: VoiceChoice, troubles: Watches) -> Samples:
    host, voice = pool.synthesizer_for(choice)
    resampler = StreamResampler(SAMPLE_RATE)
    try:
        async with aclosing(host.synthesize(text, voice, choice.language, choice.rate)) as chunks:
            parts = [resampler.feed(chunk) async for chunk in chunks]
    except (EngineFailed, EngineUnavailable) as error:
        troubles.unable(host.name, error)
        raise
    troubles.answered(host.name)
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
