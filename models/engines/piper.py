"""Piper: VITS voices of Rhasspy and of anybody, phonemes from espeak-ng; GPL, in a process of its own.

A voice is two files, an ONNX model and its JSON. The user brings them, or they are a model of the catalog.
How loud and how quick a voice is, nobody declares; that is measured when it is loaded.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownVoice
from claude_narrator.models.loudness import TARGET_LUFS, amplify
from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.trim import trim_silence
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples

ENGINE = {
    "kind": "synthesizer",
    "summary": "Voices of Piper: joe, and those you have as .onnx files",
    "licence": "GPL-3.0-or-later (piper-tts, espeak-ng); each voice's own, joe's CC0",
    "voices": {"en-US": ["joe"]},
    "voice_models": {"joe": "piper-en-us-joe"},
    "stores_voices": True,
    "voice_files": {"endings": [".onnx", ".onnx.json"], "languages": ["language.code", "espeak.voice"]},
    "environment": {"packages": ["piper-tts==1.8.0", "onnxruntime==1.31.1", "numpy==2.4.6"]},
    "quality": 40,
    "memory_mb": 350,
}
_JOE = "piper-en-us-joe"
_MODEL, _CONFIG = "voice.onnx", "voice.onnx.json"
_KEPT_VOICES = 3
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 60, 200
_FASTEST, _SLOWEST = 1.5, 0.5
"""Rates that the model itself speaks; beyond them the tempo of its output is changed."""
_SAMPLE = "1 2 3 4 5 6 7 8 9 10."
"""espeak-ng reads digits in all its languages. Measured: as loud as sentences; with commas 1.5 LU less."""
_MAX_GAIN_DB = 30.0
_RAW_PHONEMES = re.compile(r"\[(?=\[)")
_PHONEMIZERS = ("espeak", "text")


@dataclass(slots=True)
class _Speaker:
    """A voice that is loaded. Of its `length_scale` 1, the share `fixed` of the length does not scale."""

    voice: Any
    sample_rate: SampleRate
    length_scale: float
    gain_db: float = 0.0
    fixed: float = 0.0


class Piper:
    """A `Synthesizer`; the voices spoken last stay loaded."""

    def __init__(self) -> None:
        self._folders: dict[str, Path] = {}
        self._speakers: OrderedDict[str, _Speaker] = OrderedDict()
        self._threads = 1

    def load(self, context: EngineContext) -> Loaded:
        """Import the package and load the first voice.

        :raises EngineUnavailable: a package is missing or broken, or there is no voice.
        """
        try:
            import piper  # noqa: F401
        except ImportError as error:
            raise EngineUnavailable(
                f"piper-tts cannot be imported: {error}",
                "Run: voice engines remove piper; voice engines install piper",
            ) from error
        own = {"joe": context.files[_JOE]} if _JOE in context.files else {}
        self._folders = {**own, **context.voices}
        self._threads = context.threads
        if not self._folders:
            raise EngineUnavailable("piper has no voice", f"Run: voice models pull {_JOE}")
        if own:
            self._speaker("joe")
        return Loaded("cpu", "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield a chunk a sentence, the first clause on its own when there is more.

        :raises UnknownVoice: no voice of that name.
        :raises EngineFailed: not loaded, or the voice's files cannot be used.
        """
        if not self._folders:
            raise EngineFailed("piper is not loaded")
        if voice not in self._folders:
            raise UnknownVoice(f"piper has no voice {voice!r}", f"It has {', '.join(self._folders)}.")
        return self._pieces(self._speaker(voice), clean_text(_RAW_PHONEMES.sub("[ ", text)), rate)

    def close(self) -> None:
        """Free every voice."""
        self._folders = {}
        self._speakers.clear()

    def _pieces(self, speaker: _Speaker, text: str, rate: float) -> Iterator[AudioChunk]:
        own_rate = min(max(rate, _SLOWEST), _FASTEST)
        scale = speaker.length_scale * (1 / own_rate - speaker.fixed) / (1 - speaker.fixed)
        for piece in cut_phrases(text, _FIRST_CHARACTERS, _PIECE_CHARACTERS):
            if not any(map(str.isalnum, piece)):
                continue
            sentences = speaker.voice.phonemize(piece)
            for number, phonemes in enumerate(sentences, 1):
                pause_ms = pause_after_ms(piece if number == len(sentences) else ".", rate)
                raw = amplify(_spoken(speaker, phonemes, scale), speaker.gain_db)
                samples = paced(raw, speaker.sample_rate, pause_ms, tempo=rate / own_rate)
                if len(samples):
                    yield AudioChunk(samples, speaker.sample_rate)

    def _speaker(self, name: str) -> _Speaker:
        if name not in self._speakers:
            while len(self._speakers) >= _KEPT_VOICES:
                self._speakers.popitem(last=False)
            try:
                self._speakers[name] = _load(self._folders[name], self._threads)
            except Exception as error:  # JSON, espeak-ng and onnxruntime have no error in common
                reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
                stored = f"Store it anew: voice voices remove piper/{name}"
                hint = f"Run: voice models verify {_JOE}" if name == "joe" else stored
                raise EngineFailed(f"the voice {name} cannot be loaded: {reason}", hint) from error
        self._speakers.move_to_end(name)
        return self._speakers[name]


def _load(folder: Path, threads: int) -> _Speaker:
    """Load a voice and speak a sample of it unheard. Raises anything when its files cannot be used."""
    import onnxruntime
    from piper.config import PiperConfig
    from piper.voice import PiperVoice

    described = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    if (phonemizer := described.get("phoneme_type", "espeak")) not in _PHONEMIZERS:
        raise ValueError(f"it needs the phonemizer {phonemizer!r}, and here are {', '.join(_PHONEMIZERS)}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # as quick without; with it each voice keeps 150 MB more
    config = PiperConfig.from_dict(described)
    model = str(folder / _MODEL)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    speaker = _Speaker(
        PiperVoice(session=session, config=config), SampleRate(config.sample_rate), config.length_scale
    )
    return _measured(speaker)


def _measured(speaker: _Speaker) -> _Speaker:
    """Find the gain of a voice, and how its length follows its length scale, from one sample spoken twice."""
    phonemes = [sign for sentence in speaker.voice.phonemize(_SAMPLE) for sign in sentence]
    normal = _spoken(speaker, phonemes, speaker.length_scale, steady=True)
    double = _spoken(speaker, phonemes, 2 * speaker.length_scale, steady=True)
    speaker.fixed = min(max(2 - len(double) / len(normal), 0.0), 0.5)
    gain_db = TARGET_LUFS - loudness(trim_silence(normal, speaker.sample_rate), speaker.sample_rate)
    speaker.gain_db = gain_db if abs(gain_db) <= _MAX_GAIN_DB else 0.0
    return speaker


def _spoken(speaker: _Speaker, phonemes: list[str], length_scale: float, steady: bool = False) -> Samples:
    """Return a sentence; `steady` leaves out the chance in how long each phoneme is."""
    from piper.config import SynthesisConfig

    config = SynthesisConfig(length_scale=length_scale, noise_w_scale=0.0 if steady else None)
    ids = speaker.voice.phonemes_to_ids(phonemes)
    return np.atleast_1d(np.asarray(speaker.voice.phoneme_ids_to_audio(ids, config), np.float32))
