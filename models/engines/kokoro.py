"""Kokoro-82M v1.0, int8 ONNX: 54 voices of eight languages at 24 kHz.

Each piece of text is one run of the model; the first piece is the first clause, so that it can sound while
the rest is made. A piece ends with the pause of `pause_after_ms`, in place of the model's own silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.kokoro_front_ends import AMERICAN, BRITISH, LANGUAGES, FrontEnds
from claude_narrator.models.engines.kokoro_model import SAMPLE_RATE, KokoroModel, read_styles
from claude_narrator.models.errors import (
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    UnknownLanguage,
    UnknownVoice,
)
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.types import AudioChunk, Language, Milliseconds, Samples

ENGINE: dict[str, Any] = {
    "kind": "synthesizer",
    "summary": "Kokoro 82M: natural voices in eight languages",
    "licence": "Apache-2.0 (code and weights); espeak-ng, a program of its own, GPL-3.0",
    "voices": {
        "ja": ["jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"],
        "en-US": [
            "af_heart",
            "af_bella",
            "af_alloy",
            "af_aoede",
            "af_jessica",
            "af_kore",
            "af_nicole",
            "af_nova",
            "af_river",
            "af_sarah",
            "af_sky",
            "am_michael",
            "am_adam",
            "am_echo",
            "am_eric",
            "am_fenrir",
            "am_liam",
            "am_onyx",
            "am_puck",
            "am_santa",
        ],
        "en-GB": [
            "bf_emma",
            "bf_alice",
            "bf_isabella",
            "bf_lily",
            "bm_daniel",
            "bm_fable",
            "bm_george",
            "bm_lewis",
        ],
        "zh": [
            "zf_xiaobei",
            "zf_xiaoni",
            "zf_xiaoxiao",
            "zf_xiaoyi",
            "zm_yunjian",
            "zm_yunxi",
            "zm_yunxia",
            "zm_yunyang",
        ],
        "es": ["ef_dora", "em_alex", "em_santa"],
        "fr": ["ff_siwis"],
        "hi": ["hf_alpha", "hf_beta", "hm_omega", "hm_psi"],
        "it": ["if_sara", "im_nicola"],
        "pt-BR": ["pf_dora", "pm_alex", "pm_santa"],
    },
    "modules": ["onnxruntime", "pyopenjtalk", "hibari"],
    "models": ["kokoro-82m-int8"],
    "needs": {
        "zh": {"modules": ["pypinyin", "rjieba"], "extra": "kokoro_zh", "models": ["kokoro-voices"]},
        "es": {
            "commands": ["espeak-ng"],
            "commands_from": "brew install espeak-ng (macOS) or apt install espeak-ng (Debian, Ubuntu)",
            "models": ["kokoro-voices"],
        },
        "fr": {
            "commands": ["espeak-ng"],
            "commands_from": "brew install espeak-ng (macOS) or apt install espeak-ng (Debian, Ubuntu)",
            "models": ["kokoro-voices"],
        },
        "hi": {
            "commands": ["espeak-ng"],
            "commands_from": "brew install espeak-ng (macOS) or apt install espeak-ng (Debian, Ubuntu)",
            "models": ["kokoro-voices"],
        },
        "it": {
            "commands": ["espeak-ng"],
            "commands_from": "brew install espeak-ng (macOS) or apt install espeak-ng (Debian, Ubuntu)",
            "models": ["kokoro-voices"],
        },
        "pt-BR": {
            "commands": ["espeak-ng"],
            "commands_from": "brew install espeak-ng (macOS) or apt install espeak-ng (Debian, Ubuntu)",
            "models": ["kokoro-voices"],
        },
    },
    "embedded": False,
    "quality": 60,
    "memory_mb": 450,
    "gain_db": {
        "jf_alpha": 2.0,
        "jf_gongitsune": 2.0,
        "jf_nezumi": 2.0,
        "jf_tebukuro": 2.0,
        "jm_kumo": 2.0,
        "af_heart": 4.5,
        "af_bella": 4.0,
        "af_alloy": 3.5,
        "af_jessica": 4.0,
        "af_kore": 0.5,
        "af_nicole": 3.5,
        "af_nova": 8.5,
        "af_river": 3.0,
        "af_sarah": 2.5,
        "af_sky": 5.5,
        "am_michael": 5.0,
        "am_adam": 0.5,
        "am_echo": 4.0,
        "am_eric": 3.0,
        "am_fenrir": 1.0,
        "am_liam": 3.5,
        "am_onyx": 4.0,
        "am_puck": 0.5,
        "am_santa": 4.0,
        "bf_emma": 2.0,
        "bf_alice": 2.5,
        "bf_isabella": -0.5,
        "bf_lily": 3.0,
        "bm_daniel": 3.5,
        "bm_fable": 4.0,
        "bm_george": 3.5,
        "bm_lewis": 5.0,
        "zf_xiaobei": 2.5,
        "zf_xiaoni": 0.5,
        "zf_xiaoxiao": -1.5,
        "zf_xiaoyi": 1.5,
        "zm_yunjian": 3.0,
        "zm_yunxi": 3.5,
        "zm_yunxia": 3.0,
        "zm_yunyang": 5.5,
        "ef_dora": 5.5,
        "em_alex": 5.0,
        "em_santa": 5.0,
        "ff_siwis": 1.0,
        "hf_alpha": -2.0,
        "hf_beta": -0.5,
        "hm_omega": -1.5,
        "if_sara": -4.5,
        "im_nicola": 0.5,
        "pf_dora": 5.0,
        "pm_alex": 4.5,
        "pm_santa": 4.5,
    },
}
_MODEL, _MORE_VOICES = "kokoro-82m-int8", "kokoro-voices"
_NEEDED = ("af_heart", "af_bella", "am_michael", "bf_emma")
"""Voices that come with the model; the Japanese ones do, too."""
_RUN_PAUSE_MS = Milliseconds(40.0)
_FIRST_AND_REST = {"ja": (24, 36), "zh": (16, 30)}
_FIRST_AND_REST_ALPHABETIC = (60, 100)
"""Characters of the first piece and of the others: a third of a piece's length is needed to make the next."""
_FASTEST_SPEED = 2.0


class Kokoro:
    """A `Synthesizer`. Rates above 2 are reached by changing the tempo of the model's output."""

    def __init__(self) -> None:
        self._model: KokoroModel | None = None
        self._front_ends: FrontEnds | None = None
        self._styles: dict[str, Samples] = {}

    def load(self, context: EngineContext) -> Loaded:
        """Load the weights, the voices and two front ends, and speak a word unheard in English and Japanese.

        :raises ModelMissing: the model's folder or a file in it is missing.
        :raises EngineUnavailable: a package is missing or a file is broken.
        """
        folder = context.files.get(_MODEL)
        if folder is None:
            raise _missing("its folder")
        try:
            self._styles = read_styles(folder, context.files.get(_MORE_VOICES), _NEEDED)
            self._model = KokoroModel(folder, context.threads)
            self._front_ends = FrontEnds()
            for language, word in ((AMERICAN, "Ready."), ("ja", "準備。")):
                for _ in self._pieces(word, next(iter(self._styles.values())), language, 1.0):
                    pass
        except FileNotFoundError as error:
            raise _missing(Path(error.filename or "a file").name) from None
        except (ImportError, OSError, RuntimeError, ValueError, KeyError, BadZipFile) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise EngineUnavailable(
                f"the Kokoro voices could not be loaded: {reason}", f"Run: voice models verify {_MODEL}"
            ) from error
        return Loaded("cpu", "int8")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`; a piece without anything to pronounce gives none.

        :raises UnknownVoice: no style of that name.
        :raises UnknownLanguage: not one of the model's.
        :raises EngineFailed: not loaded, the voice or what reads its language is not here, or the model gave
            numbers that are no sound.
        """
        if self._model is None:
            raise EngineFailed("kokoro is not loaded")
        if voice not in self._styles:
            raise _no_style(voice, sorted(self._styles))
        return self._pieces(clean_text(text), self._styles[voice], _spoken(voice, language), rate)

    def close(self) -> None:
        """Free the model."""
        self._model, self._front_ends, self._styles = None, None, {}

    def _pieces(self, text: str, style: Samples, language: str, rate: float) -> Iterator[AudioChunk]:
        assert self._model is not None
        assert self._front_ends is not None
        first, rest = _FIRST_AND_REST.get(language, _FIRST_AND_REST_ALPHABETIC)
        for piece in cut_phrases(text, first, rest):
            runs = self._model.token_runs(self._front_ends.phonemes(piece, language))
            for run in runs:
                pause_ms = pause_after_ms(piece, rate) if run is runs[-1] else _RUN_PAUSE_MS
                samples = _say(self._model, run, style, rate, pause_ms)
                if len(samples):
                    yield AudioChunk(samples, SAMPLE_RATE)


def _say(
    model: KokoroModel, tokens: list[int], style: Samples, rate: float, pause_ms: Milliseconds
) -> Samples:
    speed = min(rate, _FASTEST_SPEED)
    return paced(model.say(tokens, style, speed), SAMPLE_RATE, pause_ms, tempo=rate / speed)


def _spoken(voice: str, language: Language) -> str:
    """Which front end reads for `voice`: British voices, whose names begin with b, have one of their own."""
    primary = language.split("-")[0].lower()
    spoken = {"en": BRITISH if voice.startswith("b") else AMERICAN}.get(primary, primary)
    if spoken not in LANGUAGES:
        known = ", ".join(dict.fromkeys(tag.split("-")[0] for tag in LANGUAGES))
        raise UnknownLanguage(f"kokoro does not speak {language!r}", f"It speaks {known}.")
    return spoken


def _no_style(voice: str, there: list[str]) -> EngineFailed | UnknownVoice:
    if any(voice in names for names in ENGINE["voices"].values()):
        hint = f"Run: voice models pull {_MORE_VOICES}"
        return EngineFailed(f"the voice {voice} is not on this machine", hint)
    return UnknownVoice(f"kokoro has no voice {voice!r}", f"It has {', '.join(there)}.")


def _missing(what: str) -> ModelMissing:
    return ModelMissing(
        f"the Kokoro voices are not whole: {what} is missing", f"Run: voice models pull {_MODEL}"
    )
