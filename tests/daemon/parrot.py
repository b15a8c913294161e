"""A small engine that clones, installed as a package: whatever it is to say, it plays the reference."""

from __future__ import annotations

from pathlib import Path

_ENGINE = """
import json, wave
import numpy as np
from claude_narrator.models.base import Loaded
from claude_narrator.models.types import AudioChunk

ENGINE = {
    "kind": "synthesizer",
    "summary": "plays the reference",
    "languages": ["en", "fr", "ja"],
    "stores_voices": True,
    "clones": True,
    "quality": 1,
    "modules": %(modules)s,
}


class Parrot:
    def load(self, context):
        self._voices = context.voices
        return Loaded("cpu", "fp32")

    def synthesize(self, text, voice, language, rate):
        folder = self._voices[voice]
        described = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
        with wave.open(str(folder / described["reference"])) as file:
            assert file.getnchannels() == 1 and file.getsampwidth() == 2
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            yield AudioChunk(samples.astype(np.float32) / 32768, file.getframerate())

    def close(self):
        pass
"""


def install(folder: Path, modules: tuple[str, ...] = ()) -> dict[str, str]:
    """Install the engine `parrot` below `folder`; return the environment in which Python finds it."""
    info = folder / "parrot_engine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot-engine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[claude_narrator.engines]\nparrot = parrot_engine:Parrot\n")
    (folder / "parrot_engine.py").write_text(_ENGINE % {"modules": list(modules)})
    return {"PYTHONPATH": str(folder)}
