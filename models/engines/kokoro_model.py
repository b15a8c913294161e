"""The ONNX file of Kokoro and the vectors of its voices: phonemes in, samples out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.types import SampleRate, Samples

SAMPLE_RATE = SampleRate(24_000)
_MAX_TOKENS = 250
"""The model takes 510; half of them are 15 seconds of speech, made well within a worker's deadline."""
_STYLE_SHAPE = (510, 256)
_INPUTS = {"tokens", "style", "speed"}


class KokoroModel:
    """The model, loaded from `kokoro.int8.onnx` and `vocab.json`."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load the model.

        :raises FileNotFoundError: a file is missing.
        :raises ValueError, KeyError, OSError: one is broken.
        :raises ImportError: onnxruntime is not installed.
        """
        self._vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self._session = _open_session(folder / "kokoro.int8.onnx", threads)

    def token_runs(self, phonemes: str) -> list[list[int]]:
        """Return tokens of the phonemes it knows, in runs that it can take, parted at spaces if it can be."""
        known = "".join(phoneme for phoneme in phonemes if phoneme in self._vocabulary).strip()
        runs: list[list[int]] = []
        while any(phoneme.isalpha() for phoneme in known):
            space = known.rfind(" ", 1, _MAX_TOKENS) + 1
            end = len(known) if len(known) <= _MAX_TOKENS else space or _MAX_TOKENS
            runs.append([self._vocabulary[phoneme] for phoneme in known[:end]])
            known = known[end:]
        return runs

    def say(self, tokens: list[int], style: Samples, speed: float) -> Samples:
        """Return the samples of a run of tokens, silence around them.

        :raises EngineFailed: the model gave numbers that are no sound.
        """
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1][np.newaxis],
            "speed": np.array([speed], np.float32),
        }
        samples = np.asarray(self._session.run(None, feeds)[0], np.float32).ravel()
        if not np.isfinite(samples).all():
            raise EngineFailed("kokoro gave numbers that are no sound")
        return np.clip(samples, -1.0, 1.0)


def read_styles(folder: Path, more: Path | None, needed: Iterable[str]) -> dict[str, Samples]:
    """Return the vector of every voice: the archive of the Japanese ones, and one raw file for each other.

    `needed` are those without which `folder` is not whole; `more` is another folder with raw files.

    :raises FileNotFoundError: one that is needed is missing.
    :raises ValueError, OSError, zipfile.BadZipFile: a file is broken.
    """
    with (folder / "voices_ja.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
        styles = {name: _style(name, archive[name]) for name in archive.files}
    files = [folder / f"{name}.bin" for name in needed]
    for path in (*files, *(sorted(more.glob("*.bin")) if more else ())):
        styles[path.stem] = _style(path.stem, np.fromfile(path, "<f4"))
    return styles


def _style(name: str, values: NDArray[Any]) -> Samples:
    if values.size != _STYLE_SHAPE[0] * _STYLE_SHAPE[1]:
        raise ValueError(f"the voice {name} has {values.size} numbers")
    return np.ascontiguousarray(values.reshape(_STYLE_SHAPE), np.float32)


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
