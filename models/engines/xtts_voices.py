"""The voices of XTTS: speakers that come with the weights, and those made from a recording on this disk."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from claude_narrator.models.cloned_voices import REFERENCE
from claude_narrator.models.engines.xtts_network import Conditioning, Network, read_pickle
from claude_narrator.models.errors import BadInput, EngineFailed, UnknownVoice
from claude_narrator.models.wav_file import read_wav

CACHE = "xtts.npz"
_MAX_S = 120.0


class Voices:
    """Conditioning by name; that of a stored voice is made when it is first asked for, and kept beside it."""

    def __init__(self, network: Network, speakers: Path, stored: Mapping[str, Path]) -> None:
        """Read the built-in `speakers`; `stored` maps names to folders.

        :raises ValueError, KeyError, RuntimeError: the file of speakers is broken.
        """
        self._network = network
        self._stored = stored
        self._ready = {
            voice_name(name): network.placed(Conditioning(made["gpt_cond_latent"], made["speaker_embedding"]))
            for name, made in read_pickle(speakers).items()
        }
        self.names = tuple(dict.fromkeys((*self._ready, *stored)))

    def conditioning(self, name: str) -> Conditioning:
        """Return the voice `name`.

        :raises UnknownVoice: there is none.
        :raises EngineFailed: its recording cannot be used.
        """
        if name not in self._ready:
            if name not in self._stored:
                some = ", ".join(self.names[:4])
                raise UnknownVoice(f"xtts has no voice {name[:40]!r}", f"It has {some} …; see: voice voices")
            self._ready[name] = self._network.placed(self._made_from(self._stored[name]))
        return self._ready[name]

    def _made_from(self, folder: Path) -> Conditioning:
        try:
            content = (folder / REFERENCE).read_bytes()
            made_of = hashlib.sha256(self._network.fingerprint() + content).hexdigest()
            kept = _read_cache(folder / CACHE, made_of)
            if kept is not None:
                return kept
            recording = read_wav(folder / REFERENCE, _MAX_S)
            made = self._network.condition(recording.channels.mean(axis=1), recording.sample_rate)
        except (OSError, BadInput, RuntimeError) as error:
            reason = error.problem if isinstance(error, BadInput) else str(error).splitlines()[0].rstrip(".")
            problem = f"the recording of the voice {folder.name!r} cannot be used: {reason}"
            raise EngineFailed(problem, "Clone the voice anew.") from error
        with suppress(OSError):  # without it the voice is made anew at the next start
            _write_cache(folder / CACHE, made, made_of)
        return made


def voice_name(speaker: str) -> str:
    """Return the name of a built-in speaker as a voice has it: `Camilla Holmström` is camilla_holmstrom."""
    plain = unicodedata.normalize("NFKD", speaker.replace("ı", "i")).encode("ascii", "ignore").decode()
    return "_".join(plain.lower().split())


def _read_cache(path: Path, made_of: str) -> Conditioning | None:
    import torch

    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["made_of"]) != made_of:
                return None
            return Conditioning(torch.from_numpy(kept["gpt"]), torch.from_numpy(kept["speaker"]))
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _write_cache(path: Path, made: Conditioning, made_of: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        arrays: dict[str, Any] = {"gpt": made.gpt.cpu().numpy(), "speaker": made.speaker.cpu().numpy()}
        np.savez(file, made_of=np.array(made_of), **arrays)
    os.replace(fresh, path)
