"""CosyVoice by FunAudioLLM: 300M-SFT and -Instruct, CosyVoice2-0.5B, Fun-CosyVoice3-0.5B.

A language model turns text into speech tokens, flow matching those into a mel spectrogram, a vocoder that
into sound: 22.05 kHz for the first generation, 24 kHz for the others. Chunks come while tokens are still
being made. It speaks seven declared voices, each one vector, and every voice that the user stored as a
recording.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.cosyvoice_device import choose_device, move
from claude_narrator.models.engines.cosyvoice_japanese import katakana_reader
from claude_narrator.models.engines.cosyvoice_models import LANGUAGES, ModelChoice, choose_model
from claude_narrator.models.engines.cosyvoice_prompts import (
    SPEAKERS,
    Speaker,
    plain_text,
    prompts,
    recorded_speaker,
)
from claude_narrator.models.engines.cosyvoice_source import Code, import_code, quiet_import
from claude_narrator.models.engines.cosyvoice_speech import Speech
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, NarratorError, UnknownVoice
from claude_narrator.models.languages import match_language
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.stretch import change_tempo_of
from claude_narrator.models.trim import trim_ends
from claude_narrator.models.types import AudioChunk, Language, SampleRate

ENGINE = {
    "kind": "synthesizer",
    "summary": "CosyVoice: streams, speaks with the voice of a recording, follows instructions",
    "licence": "Apache-2.0 (code and weights), MIT (Matcha-TTS)",
    "languages": ["zh", "en", "ja", "yue", "ko", "de", "es", "fr", "it", "ru"],
    "voices": {
        "zh": ["zh_female", "zh_male"],
        "en": ["en_female", "en_male"],
        "ja": ["ja_male"],
        "yue": ["yue_female"],
        "ko": ["ko_female"],
    },
    "environment": {
        "packages": [
            "conformer==0.3.2",
            "diffusers==0.42.1",
            "einops==0.8.2",
            "gdown==6.5.1",
            "hibari-tts==0.2.1",
            "hydra-core==1.3.8",
            "hyperpyyaml==1.2.3",
            "inflect==7.6.0",
            "librosa==0.11.0",
            "lightning==2.6.6",
            "matplotlib==3.11.2",
            "more-itertools==11.2.1",
            "numba==0.68.1",
            "numpy==2.4.6",
            "omegaconf==2.3.1",
            "onnxruntime==1.31.1",
            "pyopenjtalk-plus==0.4.1.post10",
            "regex==2026.11.15",
            "rich==15.0.0",
            "soundfile==0.14.0",
            "tiktoken==0.14.0",
            "torch==2.13.0",
            "tqdm==4.70.1",
            "transformers==5.23.0",
            "wget==3.2",
            "x-transformers==2.31.10",
        ],
        "without_dependencies": [
            "openai-whisper==20250625",
            "torchaudio==2.11.0",
            "xinference==4.1.0",
        ],
        "remove": ["torchaudio/lib/*.so"],
    },
    "models": [
        [
            "cosyvoice2-0.5b",
            "fun-cosyvoice3-0.5b",
            "cosyvoice-300m-sft",
            "cosyvoice-300m-instruct",
            "cosyvoice-300m",
        ]
    ],
    "options": {
        "model": {
            "comment": "Which of the models that are here, by its catalog id, or auto.",
            "default": "auto",
            "example": "cosyvoice2-0.5b",
            "choices": [
                "auto",
                "cosyvoice2-0.5b",
                "fun-cosyvoice3-0.5b",
                "cosyvoice-300m-sft",
                "cosyvoice-300m-instruct",
                "cosyvoice-300m",
            ],
        },
        "model_folder": {
            "comment": "A folder of your own with a CosyVoice model, in place of the catalog's.",
            "default": "",
            "example": "/data/CosyVoice-300M-SFT",
        },
        "trust": {
            "comment": "The model_folder again: its YAML file is run as code, so you must trust who made it.",
            "default": "",
            "example": "/data/CosyVoice-300M-SFT",
        },
        "source": {
            "comment": "A checkout of CosyVoice, with Matcha-TTS in it; needed for the third generation.",
            "default": "",
            "example": "/data/CosyVoice",
        },
        "device": {
            "comment": "auto (CUDA, else the CPU), cpu, cuda, or mps, which nobody has tried out here.",
            "default": "auto",
            "example": "cpu",
            "choices": ["auto", "cpu", "cuda", "mps"],
        },
        "instruction": {
            "comment": "How it shall speak, in words; not for 300M and 300M-SFT.",
            "default": "",
            "example": "Speak warmly and slowly.",
        },
        "stream": {
            "comment": "yes: sound while the sentence is made; no: whole pieces, at the model's own rate.",
            "default": "yes",
            "example": "no",
            "choices": ["yes", "no"],
        },
    },
    "stores_voices": True,
    "clones": True,
    "gpus": ["cuda"],
    "memory_mb": 900,
    "quality": 80,
}
_WIDE, _NARROW = 60, 150
"""Characters of one piece: what the model was trained on is a sentence or two."""
_WIDE_LANGUAGES = frozenset({"ja", "ko", "yue", "zh"})
_PAUSE_S = 1.0
"""Silence put behind a piece, of which its pause is cut."""


class CosyVoice:
    """A `Synthesizer`. Streamed, rates are reached by changing the tempo; otherwise the model is told."""

    def __init__(self) -> None:
        self._speech: Speech | None = None
        self._model: Any = None
        self._choice = ModelChoice("", Path(), 0)
        self._speakers: dict[str, Speaker | EngineFailed] = {}
        self._katakana: Callable[[str], str] = str
        self._options: Mapping[str, str] = {}

    def load(self, context: EngineContext) -> Loaded:
        """Import the code, load the chosen model, and take apart the recordings of the stored voices.

        :raises EngineUnavailable: the code or a package is missing, an option is wrong, or a folder is not
            trusted or broken.
        :raises ModelMissing, ModelCorrupt: no model is here, or it is not whole.
        """
        options = self._options = context.options
        if options.get("stream", "yes") not in ("yes", "no"):
            raise EngineUnavailable("engines.cosyvoice.stream must be yes or no")
        device = choose_device(options.get("device", "auto"), context.threads)
        code = import_code(options.get("source", ""))
        on_gpu = device.type != "cpu"
        choice = choose_model(
            context.files, options, code.generations, on_gpu=on_gpu, allowed_bytes=context.memory_bytes
        )
        if options.get("instruction") and not choice.follows_instructions:
            raise EngineUnavailable(
                f"{choice.name} follows no instruction",
                "Unset engines.cosyvoice.instruction, or take another model.",
            )
        self._model = _build(code, choice)
        move(self._model, device)
        self._choice, self._katakana = choice, katakana_reader()
        self._speakers = {**_declared(self._model.frontend, code), **self._recorded(context.voices)}
        self._speech = Speech(self._model.model)
        return Loaded(str(device), "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield the sound of `text` while it is made; empty chunks are signs of life.

        :raises UnknownVoice: neither a declared nor a stored voice.
        :raises EngineFailed: not loaded, the model does not speak `language`, the voice is unusable, or the
            model failed.
        """
        if self._speech is None:
            raise EngineFailed("cosyvoice is not loaded")
        speaker = self._speaker(voice)
        tag = match_language(language, map(Language, LANGUAGES[self._choice.generation]))
        if tag is None:
            known = ", ".join(LANGUAGES[self._choice.generation])
            raise EngineFailed(f"{self._choice.name} does not speak {language}", f"It speaks {known}.")
        return self._pieces(plain_text(clean_text(text)), speaker, tag, rate)

    def close(self) -> None:
        """Free the model."""
        self._speech, self._model, self._speakers = None, None, {}

    def _pieces(self, text: str, speaker: Speaker, language: Language, rate: float) -> Iterator[AudioChunk]:
        length = _WIDE if language in _WIDE_LANGUAGES else _NARROW
        for piece in cut_phrases(text, length, length):
            if any(map(str.isalnum, piece)):
                with closing(self._said(piece, speaker, language, rate)) as chunks:
                    yield from trim_ends(chunks, tail_ms=pause_after_ms(piece, rate))

    def _said(
        self, piece: str, speaker: Speaker, language: Language, rate: float
    ) -> Generator[AudioChunk, None, None]:
        assert self._speech is not None
        front_end, sample_rate = self._model.frontend, SampleRate(int(self._model.sample_rate))
        spoken = self._katakana(piece) if language == "ja" else piece
        how = plain_text(self._options.get("instruction", ""))
        given = prompts(front_end, self._choice.generation, spoken, language, speaker, how)
        streams = self._options.get("stream", "yes") == "yes"
        with closing(self._speech.say(given, stream=streams, speed=1.0 if streams else rate)) as made:
            chunks = (AudioChunk(samples, sample_rate) for samples in made)
            yield from change_tempo_of(chunks, rate if streams else 1.0)
        yield AudioChunk(np.zeros(int(_PAUSE_S * sample_rate), np.float32), sample_rate)

    def _speaker(self, voice: str) -> Speaker:
        speaker = self._speakers.get(voice)
        if isinstance(speaker, EngineFailed):
            raise EngineFailed(speaker.problem, speaker.hint)
        if speaker is None:
            raise UnknownVoice(f"cosyvoice has no voice {voice[:60]!r}", "See: voice voices")
        if speaker.instruction and not self._choice.follows_instructions:
            raise EngineFailed(f"{self._choice.name} follows no instruction, and the voice {voice} has one")
        return speaker

    def _recorded(self, folders: Mapping[str, Path]) -> dict[str, Speaker | EngineFailed]:
        """The stored voices, ready to speak; one that is broken must not keep the others from it."""
        found: dict[str, Speaker | EngineFailed] = {}
        for name, folder in folders.items():
            try:
                found[name] = recorded_speaker(
                    self._model.frontend, self._model.sample_rate, folder, self._katakana
                )
            except EngineFailed as error:
                found[name] = error
        return found


def _build(code: Code, choice: ModelChoice) -> Any:
    try:
        with quiet_import():
            return code.generations[choice.generation](str(choice.folder))
    except NarratorError:
        raise
    except Exception as error:  # code and files of others: yaml, torch, onnxruntime and asserts
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise EngineUnavailable(
            f"{choice.name} could not be loaded: {type(error).__name__}: {reason}", choice.mending
        ) from error


def _declared(front_end: Any, code: Code) -> dict[str, Speaker | EngineFailed]:
    """The seven speakers, from the model's own table or the one that comes with the code."""
    import torch

    table: Mapping[str, Mapping[str, Any]] = front_end.spk2info
    if not table and code.speakers is not None:
        table = torch.load(code.speakers, map_location=front_end.device, weights_only=True)
    return {
        name: Speaker(table[theirs]["embedding"])
        if theirs in table
        else EngineFailed(f"this CosyVoice model has no speaker {name}", "See: voice voices")
        for name, theirs in SPEAKERS.items()
    }
