"""What a loaded CosyVoice does with voices, options and faults; runs in its environment, on small models."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.cosyvoice import CosyVoice
from claude_narrator.models.engines.cosyvoice_device import keep_on_cpu
from claude_narrator.models.engines.cosyvoice_guards import read_reference
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.types import Language
from tests.models.engines.cosyvoice_guard_facts import ENGLISH, lengths
from tests.models.engines.cosyvoice_tiny import write_reference

SECRET = "xyz"


def make_voices(folder: Path) -> dict[str, Path]:
    """Store voices as `voice clone` does: one that says English, one with an instruction, broken ones."""
    told = {"text": "hello", "instruction": "Whisper as if somebody slept."}
    voices = {
        "me": _stored(folder / "me", {"text": "hello"}),
        "told": _stored(folder / "told", told),
        "silent": _stored(folder / "silent", {"text": ""}),
        "long": _stored(folder / "long", {"text": ""}, seconds=31),
        "coarse": _stored(folder / "coarse", {"text": ""}, sample_rate=8_000),
        "gone": _stored(folder / "gone", {"text": ""}),
    }
    (voices["gone"] / "reference.wav").unlink()
    return voices


def _stored(
    folder: Path, description: dict[str, Any], seconds: float = 1.0, sample_rate: int = 24_000
) -> Path:
    folder.mkdir(parents=True)
    (folder / "voice.json").write_text(json.dumps({"languages": ["*"], **description}), encoding="utf-8")
    write_reference(folder / "reference.wav", seconds, sample_rate)
    return folder


def loaded(folder: Path, voices: dict[str, Path], **options: str) -> CosyVoice:
    """Return the engine on a model folder that is trusted."""
    engine = CosyVoice()
    own = {"model_folder": str(folder), "trust": str(folder), **options}
    engine.load(EngineContext(threads=1, options=own, voices=voices))
    return engine


def mode_facts(engine: CosyVoice) -> dict[str, Any]:
    """What the model is given in each mode, and how often a recording is taken apart for it."""
    model, taken_apart = engine._model.model, _counted(engine._model.frontend, "_extract_speech_token")
    given: list[dict[str, Any]] = []
    tts = model.tts

    def spy(**prompts: Any) -> Any:
        given.append({name: list(value.shape) for name, value in prompts.items() if hasattr(value, "shape")})
        return tts(**prompts)

    model.tts = spy
    asked = {
        "declared": (SECRET, "en_female", ENGLISH),
        "same_script": ("of", "me", ENGLISH),
        "other_script": ("絵", "me", Language("ja")),
        "no_text": ("of", "silent", ENGLISH),
    }
    if engine._choice.follows_instructions:
        asked["told"] = ("of", "told", ENGLISH)
    made = {name: _total(engine, *request) for name, request in asked.items()}
    model.tts = tts
    return {"given": dict(zip(asked, given, strict=True)), "made": made, "taken_apart": taken_apart[0]}


def rate_facts(engine: CosyVoice) -> dict[str, Any]:
    """Lengths at rates 1 and 2, streamed and not, and how many chunks there were."""
    facts: dict[str, Any] = {}
    text = "offline" if engine._choice.generation == 1 else "off"
    for stream in ("yes", "no"):
        engine._options = {**engine._options, "stream": stream}
        plain, fast = lengths(engine, text), lengths(engine, text, rate=2.0)
        facts[stream] = {"plain": sum(plain), "fast": sum(fast), "chunks": len(plain)}
    engine._options = {**engine._options, "stream": "yes"}
    return facts


def vocoder_facts(engine: CosyVoice) -> dict[str, Any]:
    """The sound with the vocoder held on the CPU, as for a device of ours, against the sound without."""
    before = lengths(engine)
    keep_on_cpu(engine._model.model.hift)
    return {"before": before, "after": lengths(engine)}


def reading_facts(folder: Path) -> dict[str, Any]:
    """What is read of a recording at 48 kHz with a tone on the left and another on the right."""
    at = np.arange(48_000) / 48_000
    sides = np.stack([np.sin(2 * np.pi * 440 * at), 0.2 * np.sin(2 * np.pi * 1_000 * at)], axis=1)
    soundfile.write(folder / "sides.wav", 0.5 * sides, 48_000)
    read = read_reference(folder / "sides.wav", 16_000)
    spectrum = torch.fft.rfft(read[0]).abs()
    ratio = float(spectrum[1_000] / spectrum[440])
    return {"shape": list(read.shape), "peak_hz": int(spectrum.argmax()), "sides_mixed": 0.19 < ratio < 0.21}


def voice_faults(engine: CosyVoice) -> dict[str, str]:
    """What is said of voices that cannot be used, and of a language that the model lacks."""
    faults = {
        name: _fault(lambda n=name: _total(engine, "of", n, ENGLISH))
        for name in ("long", "coarse", "gone", "nobody")
    }
    faults["language"] = _fault(lambda: _total(engine, "so", "me", Language("de")))
    return faults


def load_faults(good: Path, scratch: Path) -> dict[str, str]:
    """What is said of model folders and options that cannot be used."""
    broken = {name: scratch / name for name in ("no-flow", "cut", "other-yaml")}
    for folder in broken.values():
        shutil.copytree(good, folder)
    (broken["no-flow"] / "flow.pt").unlink()
    (broken["cut"] / "llm.pt").write_bytes((good / "llm.pt").read_bytes()[:1000])
    for file in broken["other-yaml"].glob("*.yaml"):
        file.write_text("llm: !new:no.such.Thing\n", encoding="utf-8")
    faults = {name: _fault(lambda f=folder: loaded(f, {})) for name, folder in broken.items()}
    wrong = {"device": "tpu", "stream": "maybe", "source": str(scratch), "trust": str(scratch)}
    faults |= {
        name: _fault(lambda n=name, v=value: loaded(good, {}, **{n: v})) for name, value in wrong.items()
    }
    return faults


def forbid_network() -> list[str]:
    """Have every attempt to connect refused, and return the list that attempts are put on."""
    attempts: list[str] = []

    def refuse(_: socket.socket, address: object) -> None:
        attempts.append(str(address))
        raise OSError("no network in this test")

    socket.socket.connect = refuse  # type: ignore[method-assign,assignment]
    return attempts


def download_fault() -> str:
    """What the package is told that CosyVoice would download with."""
    return _fault(lambda: sys.modules["modelscope"].snapshot_download("iic/CosyVoice-300M"))


def _counted(owner: Any, name: str) -> list[int]:
    calls, original = [0], getattr(owner, name)

    def count(*arguments: Any) -> Any:
        calls[0] += 1
        return original(*arguments)

    setattr(owner, name, count)
    return calls


def _total(engine: CosyVoice, text: str, voice: str, language: Language) -> float:
    """Seconds of sound."""
    torch.manual_seed(5)
    return sum(
        len(chunk.samples) / chunk.sample_rate for chunk in engine.synthesize(text, voice, language, 1.0)
    )


def _fault(work: Callable[[], object]) -> str:
    try:
        work()
    except NarratorError as error:
        return f"{error.code}: {error}"
    return "none"
