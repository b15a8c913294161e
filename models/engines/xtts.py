"""XTTS-v2 (Coqui): 58 built-in voices and cloned ones in 17 languages, 24 kHz, streamed.

It runs in an environment of its own, on coqui-tts, the maintained fork of Coqui's library. Nothing in a
model's folder is run: the configuration is JSON, and weights are read with `weights_only`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.xtts_network import Network, open_network
from claude_narrator.models.engines.xtts_text import Piece, TextEncoder
from claude_narrator.models.engines.xtts_voices import Voices
from claude_narrator.models.errors import (
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    NarratorError,
    UnknownLanguage,
)
from claude_narrator.models.loudness import TARGET_LUFS, amplify
from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.phrases import pause_after_ms
from claude_narrator.models.stretch import change_tempo_of
from claude_narrator.models.trim import trim_ends
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples

# fmt: off
ENGINE = {
    "kind": "synthesizer",
    "summary": "XTTS-v2: 58 voices and cloned ones in 17 languages; wants a GPU",
    "licence": "MPL-2.0 (code), Coqui Public Model License (weights; not for commercial use)",
    "languages": [
        "en", "es", "fr", "de", "it", "pt", "pl", "tr", "ru", "nl", "cs", "ar", "zh", "hu", "ko", "ja", "hi",
    ],
    "voices": {
        "*": [
            "claribel_dervla", "daisy_studious", "gracie_wise", "tammie_ema", "alison_dietlinde",
            "ana_florence", "annmarie_nele", "asya_anara", "brenda_stern", "gitta_nikolina",
            "henriette_usha", "sofia_hellen", "tammy_grit", "tanja_adelina", "vjollca_johnnie",
            "andrew_chipper", "badr_odhiambo", "dionisio_schuyler", "royston_min", "viktor_eka",
            "abrahan_mack", "adde_michal", "baldur_sanjin", "craig_gutsy", "damien_black",
            "gilberto_mathias", "ilkin_urbano", "kazuhiko_atallah", "ludvig_milivoj", "suad_qasim",
            "torcull_diarmuid", "viktor_menelaos", "zacharie_aimilios", "nova_hogarth", "maja_ruoho",
            "uta_obando", "lidiya_szekeres", "chandra_macfarland", "szofi_granger", "camilla_holmstrom",
            "lilya_stainthorpe", "zofija_kendrick", "narelle_moon", "barbora_maclean", "alexandra_hisakawa",
            "alma_maria", "rosemary_okafor", "ige_behringer", "filip_traverse", "damjan_chapman",
            "wulf_carlevaro", "aaron_dreschner", "kumar_dahl", "eugenio_mataraci", "ferran_simen",
            "xavier_hayasaka", "luis_moray", "marcos_rudaski",
        ],
    },
    "stores_voices": True,
    "clones": True,
    "environment": {
        "packages": [
            "torch==2.13.0", "transformers==5.23.0", "numpy==2.4.6", "scipy==1.17.1", "soundfile==0.14.0",
            "einops==0.8.2", "anyascii==0.3.3", "coqpit-config==0.2.5", "psutil==7.2.2", "six==1.17.0",
            "num2words==0.5.14", "indic-num2words==1.3.2", "cutlet==0.5.2", "fugashi==1.5.2",
            "unidic-lite==1.0.8", "pypinyin==0.55.0", "ko-speech-tools==0.1.0",
        ],
        "without_dependencies": [
            "coqui-tts==0.28.0", "coqui-tts-trainer==0.4.0", "torchaudio==2.11.0", "torchcodec==0.17.0",
            "librosa==0.11.0", "lazy-loader==0.6",
        ],
        "remove": ["torchaudio/lib/*.so"],
    },
    "models": ["xtts-v2"],
    "options": {
        "device": {
            "comment": "auto (CUDA where there is one, else the CPU), cuda, cpu or mps (untried).",
            "default": "auto",
            "choices": ["auto", "cpu", "cuda", "mps"],
        },
        "model_folder": {
            "comment": "An XTTS model of your own, such as a fine-tuned one, in place of xtts-v2.",
            "default": "",
            "example": "/path/to/my-xtts",
        },
    },
    "quality": 40,
    "gpus": ["cuda"],
    "memory_mb": 700,
}
# fmt: on
_MODEL = "xtts-v2"
_FILES = ("config.json", "model.pth", "vocab.json", "speakers_xtts.pth")
_SAMPLE_RATE = SampleRate(24_000)
_SLOWEST, _FASTEST = 0.75, 1.5
"""Paces that the model's own latents are stretched to; what is beyond is done to the sound."""
_MEASURED = "This sentence is only measured, and never heard."
_MAX_GAIN_DB = 20.0


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is loaded. How loud a voice is is measured when it first speaks, `gains_db` by its name."""

    network: Network
    voices: Voices
    text: TextEncoder
    gains_db: dict[str, float] = field(default_factory=dict)


class XTTS:
    """A `Synthesizer`."""

    def __init__(self) -> None:
        self._parts: _Parts | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Load the weights and the built-in voices, and speak a sentence unheard.

        :raises ModelMissing: the model's folder or a file in it is missing.
        :raises EngineUnavailable: a package is missing, a file is broken, or there is no such device.
        """
        folder, mend = _folder_of(context)
        os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")  # read when PyTorch is imported
        try:
            network = open_network(folder, context.options.get("device", "auto"), context.threads)
            voices = Voices(network, folder / "speakers_xtts.pth", context.voices)
            parts = _Parts(network, voices, TextEncoder(network.tokenizer, network.max_text_tokens))
            for _ in _measure(parts, voices.names[0]):
                pass
        except NarratorError:
            raise
        except Exception as error:  # torch, tokenizers and coqui-tts have no exception in common
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise EngineUnavailable(f"XTTS could not be loaded: {reason}", mend) from error
        self._parts = parts
        return Loaded("metal" if network.device == "mps" else network.device, "fp32")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield the samples of `text` while they are made, with an empty chunk for every step between.

        :raises UnknownVoice: neither a built-in speaker nor a stored voice has that name.
        :raises UnknownLanguage: not one of the model's.
        :raises EngineFailed: not loaded, or the voice's recording cannot be used.
        """
        parts = self._parts
        if parts is None:
            raise EngineFailed("xtts is not loaded")
        spoken = language.split("-")[0].lower()
        if spoken not in parts.text.languages:
            known = ", ".join(parts.text.languages)
            raise UnknownLanguage(f"xtts does not speak {language!r}", f"It speaks {known}.")
        parts.voices.conditioning(voice)
        return _say(parts, voice, parts.text.pieces(text, spoken), rate)

    def close(self) -> None:
        """Free the model."""
        self._parts = None


def _say(parts: _Parts, voice: str, pieces: Iterator[Piece], rate: float) -> Iterator[AudioChunk]:
    pace = min(max(rate, _SLOWEST), _FASTEST)
    for piece in pieces:
        if voice not in parts.gains_db:
            yield from _measure(parts, voice)
        gain_db = parts.gains_db[voice]
        sound = parts.network.speak(piece.tokens, parts.voices.conditioning(voice), pace)
        chunks = (AudioChunk(amplify(samples, gain_db), _SAMPLE_RATE) for samples in sound)
        heard = change_tempo_of(chunks, rate / pace)
        yield from trim_ends(heard, tail_ms=pause_after_ms(piece.text, rate))


def _measure(parts: _Parts, voice: str) -> Iterator[AudioChunk]:
    """Find out how loud a voice is; an empty chunk for every step."""
    heard: list[Samples] = []
    for piece in parts.text.pieces(_MEASURED, "en"):
        for samples in parts.network.speak(piece.tokens, parts.voices.conditioning(voice), 1.0):
            heard.append(samples)
            yield AudioChunk(samples[:0], _SAMPLE_RATE)
    gain_db = TARGET_LUFS - loudness(np.concatenate(heard), _SAMPLE_RATE)
    parts.gains_db[voice] = gain_db if abs(gain_db) <= _MAX_GAIN_DB else 0.0


def _folder_of(context: EngineContext) -> tuple[Path, str]:
    """Where the model is, and what mends it when it is broken."""
    own = context.options.get("model_folder", "")
    folder = Path(own).expanduser() if own else context.files.get(_MODEL)
    mend = f"Mend what engines.xtts.model_folder names: {own}" if own else ""
    pull = mend or f"Run: voice models pull {_MODEL}"
    if folder is None:
        raise ModelMissing(f"{_MODEL} is not on this machine", pull)
    for name in _FILES:
        if not (folder / name).is_file():
            raise ModelMissing(f"XTTS is not whole: {name} is missing", pull)
    return folder, mend or f"Run: voice models verify {_MODEL}"
