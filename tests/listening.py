"""Listen to speech with a recogniser and compare what was heard with what should have been said.

Texts are compared by character error rate (edits a character of the expected text, as Levenshtein counts
them) or by key words, never by equality: Japanese as kana, others as lower-case words with numbers in digits.
"""

from __future__ import annotations

import os
import re
import unicodedata
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.catalog import model_folder
from claude_narrator.models.types import AudioChunk, SampleRate, Samples
from tests.models_home import ensure
from tests.spoken_numbers import digits_in_english, digits_in_japanese

MODEL = "whisper-base"
LISTENING_RATE = SampleRate(16_000)
CLEAR = 0.15
"""Character error rate below which a clean synthesis counts as understood; wrong audio scores above 0.6."""


class Listener:
    """Whisper base, one thread, never on the network. Building one loads 150 MB, fetched once."""

    def __init__(self) -> None:
        folder = model_folder(MODEL, ensure(MODEL))
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(
        self, sound: Path | AudioChunk | Samples, language: str, sample_rate: SampleRate = LISTENING_RATE
    ) -> str:
        """Return what is said in a WAV file, a chunk, or mono samples of `sample_rate`."""
        if isinstance(sound, Path):
            sound = read_wav(sound)
        elif not isinstance(sound, AudioChunk):
            sound = AudioChunk(sound, sample_rate)
        segments, _ = self._model.transcribe(
            _resampled(sound),
            language=language.split("-")[0],
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return "".join(segment.text for segment in segments).strip()


def joined(chunks: Iterable[AudioChunk]) -> AudioChunk:
    """Return consecutive chunks of one sample rate as one."""
    every = list(chunks)
    return AudioChunk(np.concatenate([chunk.samples for chunk in every]), every[0].sample_rate)


def read_wav(path: Path) -> AudioChunk:
    """Return a 16-bit WAV file as mono samples."""
    with wave.open(str(path), "rb") as opened:
        assert opened.getsampwidth() == 2, f"{path} has {opened.getsampwidth()} bytes a sample"
        frames = np.frombuffer(opened.readframes(opened.getnframes()), "<i2")
        mono = frames.reshape(-1, opened.getnchannels()).mean(axis=1) / 32768
        return AudioChunk(mono.astype(np.float32), SampleRate(opened.getframerate()))


def plain(text: str, language: str) -> str:
    """Return what is compared: kana in Japanese, else words and digits with single spaces."""
    if language.split("-")[0] == "ja":
        return _kana(text)
    lowered = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    lowered = re.sub(r"(?<=\d),(?=\d{3})", "", lowered)
    lowered = re.sub(r"(?<=\d)\.(?=\d)", " point ", lowered)
    lowered = lowered.replace("%", " percent ").replace("'", "")
    return " ".join(digits_in_english(re.findall(r"\w+", lowered)))


def character_error_rate(expected: str, heard: str, language: str) -> float:
    """Return the edits that turn `heard` into `expected`, a character of `expected`; spaces do not count."""
    wanted, got = (plain(text, language).replace(" ", "") for text in (expected, heard))
    return _edits(wanted, got) / max(len(wanted), 1)


def missing_key_words(key_words: Iterable[str], heard: str, language: str) -> list[str]:
    """Return the key words that were not heard; one wrong character in five is forgiven."""
    got = plain(heard, language).replace(" ", "")
    return [word for word in key_words if not _is_in(plain(word, language).replace(" ", ""), got)]


def _is_in(word: str, text: str) -> bool:
    if any(sign.isdigit() for sign in word):
        return word in text
    return _edits(word, text, anywhere=True) <= len(word) // 5


def _edits(wanted: str, got: str, anywhere: bool = False) -> int:
    """Return the Levenshtein distance; with `anywhere`, to the nearest part of `got` (Sellers 1980)."""
    above = [0] * (len(got) + 1) if anywhere else list(range(len(got) + 1))
    for row, sign in enumerate(wanted, 1):
        line = [row]
        for column, other in enumerate(got, 1):
            line.append(min(line[-1] + 1, above[column] + 1, above[column - 1] + (sign != other)))
        above = line
    return min(above) if anywhere else above[-1]


def _kana(text: str) -> str:
    import pyopenjtalk

    spoken = pyopenjtalk.g2p(digits_in_japanese(text), kana=True, use_vanilla=True)
    return re.sub(r"[^ァ-ヺー]", "", spoken)


def _resampled(chunk: AudioChunk) -> Samples:
    if chunk.sample_rate == LISTENING_RATE:
        return chunk.samples
    import soxr

    samples: Samples = soxr.resample(chunk.samples, chunk.sample_rate, LISTENING_RATE).astype(np.float32)
    return samples
