"""Kokoro-82M v1.0, int8 ONNX: Japanese and English voices at 24 kHz.

Each piece of text is one run of the model; the first piece is the first clause, so that it can sound while
the rest is made. A piece ends with the pause of `pause_after_ms`, in place of the model's own silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.kokoro_phonemes import japanese_phonemes
from claude_narrator.models.errors import (
    EngineFailed,
    EngineUnavailable,
    ModelMissing,
    UnknownLanguage,
    UnknownVoice,
)
from claude_narrator.models.loanwords import latin_to_katakana
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.stretch import change_tempo
from claude_narrator.models.trim import trim_silence
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples

ENGINE = {
    "kind": "synthesizer",
    "summary": "Kokoro 82M: natural Japanese and English voices",
    "licence": "Apache-2.0 (code and weights)",
    "voices": {
        "ja": ["jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo"],
        "en": ["af_heart", "af_bella", "am_michael", "bf_emma"],
    },
    "modules": ["onnxruntime", "pyopenjtalk", "hibari"],
    "models": ["kokoro-82m-int8"],
    "embedded": False,
    "quality": 60,
    "gain_db": {
        "jf_alpha": 2.0,
        "jf_gongitsune": 2.0,
        "jf_nezumi": 2.0,
        "jf_tebukuro": 2.0,
        "jm_kumo": 2.0,
        "af_heart": 4.5,
        "af_bella": 4.0,
        "am_michael": 5.0,
        "bf_emma": 2.0,
    },
}
_MODEL = "kokoro-82m-int8"
_SAMPLE_RATE = SampleRate(24_000)
_MAX_TOKENS = 250
"""The model takes 510; half of them are 15 seconds of speech, made well within a worker's deadline."""
_RUN_PAUSE_MS = 40.0
_FIRST_AND_REST = {"ja": (24, 36), "en": (60, 100)}
"""Characters of the first piece and of the others: a third of a piece's length is needed to make the next."""
_FASTEST_SPEED = 2.0
_STYLE_SHAPE = (510, 256)
_INPUTS = {"tokens", "style", "speed"}


class Kokoro:
    """A `Synthesizer`. Rates above 2 are reached by changing the tempo of the model's output."""

    def __init__(self) -> None:
        self._session: Any = None
        self._vocabulary: dict[str, int] = {}
        self._styles: dict[str, Samples] = {}
        self._phonemes: dict[str, Callable[[str], str]] = {}

    def load(self, context: EngineContext) -> Loaded:
        """Load the weights, the voices and both front ends, and speak a word unheard in each language.

        :raises ModelMissing: the model's folder or a file in it is missing.
        :raises EngineUnavailable: a package is missing or a file is broken.
        """
        folder = context.files.get(_MODEL)
        if folder is None:
            raise _missing("its folder")
        try:
            self._vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
            self._styles = _read_styles(folder)
            self._session = _open_session(folder / "kokoro.int8.onnx", context.threads)
            self._phonemes = _front_ends()
            for language, word in (("en", "Ready."), ("ja", "準備。")):
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
        :raises UnknownLanguage: neither Japanese nor English.
        :raises EngineFailed: not loaded, or the model gave numbers that are no sound.
        """
        if self._session is None:
            raise EngineFailed("kokoro is not loaded")
        if voice not in self._styles:
            raise UnknownVoice(f"kokoro has no voice {voice!r}", f"It has {', '.join(sorted(self._styles))}.")
        spoken = language.split("-")[0].lower()
        if spoken not in _FIRST_AND_REST:
            raise UnknownLanguage(f"kokoro does not speak {language!r}", "It speaks ja and en.")
        return self._pieces(clean_text(text), self._styles[voice], spoken, rate)

    def close(self) -> None:
        """Free the model."""
        self._session, self._styles, self._phonemes = None, {}, {}

    def _pieces(self, text: str, style: Samples, language: str, rate: float) -> Iterator[AudioChunk]:
        first, rest = _FIRST_AND_REST[language]
        for piece in cut_phrases(text, first, rest):
            runs = _token_runs(self._phonemes[language](piece), self._vocabulary)
            for run in runs:
                pause_ms = pause_after_ms(piece, rate) if run is runs[-1] else _RUN_PAUSE_MS
                samples = self._say(run, style, rate, pause_ms)
                if len(samples):
                    yield AudioChunk(samples, _SAMPLE_RATE)

    def _say(self, tokens: list[int], style: Samples, rate: float, pause_ms: float) -> Samples:
        speed = min(rate, _FASTEST_SPEED)
        raw = trim_silence(self._run(tokens, style, speed), _SAMPLE_RATE)
        spoken = change_tempo(raw, _SAMPLE_RATE, rate / speed)
        padded = np.pad(spoken, (0, _SAMPLE_RATE))
        return trim_silence(padded, _SAMPLE_RATE, tail_ms=pause_ms)

    def _run(self, tokens: list[int], style: Samples, speed: float) -> Samples:
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1][np.newaxis],
            "speed": np.array([speed], np.float32),
        }
        samples = np.asarray(self._session.run(None, feeds)[0], np.float32).ravel()
        if not np.isfinite(samples).all():
            raise EngineFailed("kokoro gave numbers that are no sound")
        return np.clip(samples, -1.0, 1.0)


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime

    if not path.is_file():
        raise FileNotFoundError(2, "no such file", str(path))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the package's exceptions have no base of their own
        raise ValueError(f"{path.name} is no model that onnxruntime can read") from error
    if {entry.name for entry in session.get_inputs()} != _INPUTS:
        raise ValueError(f"{path.name} is another model")
    return session


def _read_styles(folder: Path) -> dict[str, Samples]:
    """Every voice: from the archive of the Japanese ones and from one raw file for each English one."""
    with (folder / "voices_ja.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
        styles = {name: _style(name, archive[name]) for name in archive.files}
    for name in ENGINE["voices"]["en"]:  # type: ignore[index]
        styles[name] = _style(name, np.fromfile(folder / f"{name}.bin", "<f4"))
    return styles


def _style(name: str, values: NDArray[Any]) -> Samples:
    if values.size != _STYLE_SHAPE[0] * _STYLE_SHAPE[1]:
        raise ValueError(f"the voice {name} has {values.size} numbers")
    return np.ascontiguousarray(values.reshape(_STYLE_SHAPE), np.float32)


def _front_ends() -> dict[str, Callable[[str], str]]:
    """Text to phonemes, by language; Latin words in Japanese text go through the English one."""
    import pyopenjtalk
    from hibari.g2p import G2P

    english = G2P()

    @lru_cache(maxsize=1000)
    def is_spelled(word: str) -> bool:
        return any(node["pos"] == "フィラー" for node in pyopenjtalk.run_frontend(word))

    def japanese(text: str) -> str:
        return japanese_phonemes(latin_to_katakana(text, is_spelled, english), pyopenjtalk.run_frontend)

    return {"en": english, "ja": japanese}


def _token_runs(phonemes: str, vocabulary: dict[str, int]) -> list[list[int]]:
    """Tokens of the phonemes the model knows, in runs that it can take, parted at spaces where possible."""
    known = "".join(phoneme for phoneme in phonemes if phoneme in vocabulary).strip()
    runs: list[list[int]] = []
    while any(phoneme.isalpha() for phoneme in known):
        end = len(known) if len(known) <= _MAX_TOKENS else known.rfind(" ", 1, _MAX_TOKENS) + 1 or _MAX_TOKENS
        runs.append([vocabulary[phoneme] for phoneme in known[:end]])
        known = known[end:]
    return runs


def _missing(what: str) -> ModelMissing:
    return ModelMissing(
        f"the Kokoro voices are not whole: {what} is missing", f"Run: voice models pull {_MODEL}"
    )
