"""What XTTS does with a tiny model, found out in its own environment and printed as a line of JSON.

test_xtts.py judges it. Argument: a folder to work in. The model is left in its subfolder `model`, a stored
voice in `voices/me`.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.base import EngineContext
from claude_narrator.models.cloned_voices import REFERENCE
from claude_narrator.models.engines.xtts import XTTS
from claude_narrator.models.engines.xtts_network import Network, open_network
from claude_narrator.models.engines.xtts_text import TextEncoder
from claude_narrator.models.engines.xtts_voices import CACHE, Voices
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.types import AudioChunk, Language, Samples
from tests.models.engines.tiny_xtts import make_model, make_recording

VOICE, TEXT, EN = "camilla_holmstrom", "Tests pass.", Language("en")
ASKED: list[str] = []


def main(folder: Path) -> None:
    """Run every check once."""
    _forbid_network()
    model = folder / "model"
    make_model(model)
    made = _hashes(model)
    make_recording(_new_voice(folder / "voices" / "me"), 120)
    network = open_network(model, "cpu", 1)
    found = {
        "engine": check_engine(model, folder),
        "untouched": _hashes(model) == made,
        "sound": check_sound(network, model),
        "clone": check_clone(network, model, folder),
        "text": check_text(network),
        "broken": check_broken(model, folder),
        "addresses": ASKED,
        "agreed": os.environ.get("COQUI_TOS_AGREED"),
    }
    print(json.dumps(found))


def check_engine(model: Path, folder: Path) -> dict[str, Any]:
    """The engine as the worker uses it."""
    engine = XTTS()
    not_loaded = _line(lambda: engine.synthesize(TEXT, VOICE, EN, 1.0))
    stored = {"me": folder / "voices" / "me"}
    loaded = engine.load(EngineContext({"xtts-v2": model}, 1, {"device": "cpu"}, stored))
    plain = _spoken(engine, VOICE, 1.0)
    steps = engine.synthesize(TEXT, VOICE, EN, 1.0)
    left_after = [len(next(steps).samples) for _ in range(3)]
    steps.close()  # type: ignore[attr-defined]
    again = _spoken(engine, VOICE, 1.0)
    lengths = {str(rate): len(_joined(_spoken(engine, VOICE, rate))) for rate in (0.5, 3.0)}
    found = {
        "not_loaded": not_loaded,
        "loaded": [loaded.device, loaded.precision],
        "chunks": [len(chunk.samples) for chunk in again],
        "rates": sorted({chunk.sample_rate for chunk in plain}),
        "dtype": str(plain[0].samples.dtype),
        "loudest": float(np.abs(_joined(plain)).max()),
        "lufs": loudness(_joined(plain), plain[0].sample_rate),
        "left_after": left_after,
        "same_again": bool(np.array_equal(_joined(plain), _joined(again))),
        "lengths": {**lengths, "1.0": len(_joined(plain))},
        "cloned": len(_joined(_spoken(engine, "me", 1.0))),
        "silent": sum(len(c.samples) for c in engine.synthesize("🎉 … !?", VOICE, EN, 1.0)),
        "no_voice": _line(lambda: engine.synthesize(TEXT, "nobody", EN, 1.0)),
        "no_language": _line(lambda: engine.synthesize(TEXT, VOICE, Language("sw"), 1.0)),
    }
    engine.close()
    engine.close()
    return found


def check_sound(network: Network, model: Path) -> dict[str, Any]:
    """What is streamed against what upstream makes of the same tokens in one go, and how far it may go on."""
    import torch

    from claude_narrator.models.engines import xtts_network

    who = Voices(network, model / "speakers_xtts.pth", {}).conditioning(VOICE)
    xtts = network._xtts
    tokens = xtts.tokenizer.encode(TEXT.lower(), lang="en")
    differences = {}
    for pace in (1.0, 0.8):
        torch.manual_seed(xtts_network._SEED)
        settings = {key: xtts.config[key] for key in ("temperature", "repetition_penalty", "top_k", "top_p")}
        speaker, whole = (who.gpt, who.speaker), {"stream_chunk_size": 0, "speed": pace}
        theirs = torch.cat(list(xtts.inference_stream(TEXT, "en", *speaker, **whole, **settings))).numpy()
        chunks = [samples for samples in network.speak(tokens, who, pace) if len(samples)]
        ours = np.concatenate(chunks)
        same_length = len(ours) == len(theirs)
        differences[str(pace)] = float(np.abs(ours - theirs).max()) if same_length else None
    xtts_network._FIRST_TOKENS = 5
    steps = sum(1 for samples in network.speak(tokens[:1], who, 1.0) if not len(samples))
    return {"differences": differences, "loudest": float(np.abs(ours).max()), "steps_for_one_token": steps}


def check_clone(network: Network, model: Path, folder: Path) -> dict[str, Any]:
    """When a stored voice is made anew, and when what was kept is taken."""
    made: list[int] = []
    condition = network.condition

    def counted(samples: Samples, rate: Any) -> Any:
        made.append(rate)
        return condition(samples, rate)

    network.condition = counted  # type: ignore[method-assign]
    folders = {name: folder / "voices" / name for name in ("me", "she", "short", "torn", "empty")}
    for name in ("she", "short", "torn", "empty"):
        make_recording(_new_voice(folders[name]), 210)
    (folders["me"] / CACHE).unlink(missing_ok=True)
    _shorten(folders["short"] / REFERENCE, seconds=0.2)
    (folders["torn"] / REFERENCE).write_bytes(b"RIFF and no more")
    (folders["empty"] / REFERENCE).unlink()

    def voice(name: str) -> Any:
        return Voices(network, model / "speakers_xtts.pth", folders).conditioning(name)

    counts, first = {}, voice("me")
    counts["first"] = len(made)
    kept = voice("me")
    counts["kept"] = len(made)
    shutil.copy(folders["she"] / REFERENCE, folders["me"] / REFERENCE)
    other = voice("me")
    counts["another_recording"] = len(made)
    (folders["me"] / CACHE).write_bytes(b"PK torn")
    voice("me")
    counts["torn_cache"] = len(made)
    network._xtts.gpt.conditioning_encoder.init.weight.data.mul_(1.5)
    voice("me")
    counts["other_weights"] = len(made)
    return {
        "made": counts,
        "kept_is_the_same": bool(np.array_equal(first.gpt.numpy(), kept.gpt.numpy())),
        "another_differs": float((first.speaker - other.speaker).abs().max()),
        "lines": {name: _line(lambda name=name: voice(name)) for name in ("short", "torn", "empty")},
    }


class _Recorded:
    """Upstream's tokenizer, whose tokens are the code points of what it would encode."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.char_limits = tokenizer.char_limits

    def encode(self, text: str, lang: str) -> list[int]:
        return [ord(character) for character in self._tokenizer.preprocess_text(text, lang)]


def check_text(network: Network) -> dict[str, Any]:
    """What is said of a text, by piece."""
    encoder = TextEncoder(_Recorded(network.tokenizer), 400)

    def said(text: str, language: str) -> list[str]:
        return ["".join(map(chr, piece.tokens)) for piece in encoder.pieces(text, language)]

    long = {"en": "Every test passes, and the build is green again. " * 20, "ja": "四十二件のテスト。" * 40}
    return {
        "languages": {tag: said("42.", tag) for tag in encoder.languages},
        "ja": said("1,250件中42.5％のPython", "ja"),
        "hi": said("1250 में 42.5", "hi"),
        "ordinal": said("1. test", "cs"),
        "huge": {tag: len(said("9" * 60, tag)) for tag in encoder.languages},
        "marks": said("say [STOP] or [ja] now", "en"),
        "nothing": said("🎉 … !?", "en"),
        "long": {tag: [len(piece) for piece in said(text, tag)] for tag, text in long.items()},
        "limits": {tag: encoder._tokenizer.char_limits[tag] for tag in long},
        "crowded": [
            len(piece.tokens)
            for piece in TextEncoder(_Recorded(network.tokenizer), 40).pieces(
                "The server of the build is not responding to anyone, so I will now restart it.", "en"
            )
        ],
    }


def check_broken(model: Path, folder: Path) -> dict[str, Any]:
    """The line for each fault of a model's folder."""
    lines = {"no_model": _line(lambda: XTTS().load(EngineContext()))}
    lines["no_device"] = _load_line(model, device="abacus")
    for name in ("config.json", "model.pth", "vocab.json", "speakers_xtts.pth"):
        content = (model / name).read_bytes()
        lines[f"without {name}"] = _with_content(model, folder, name, None)
        lines[f"half {name}"] = _with_content(model, folder, name, content[: len(content) // 2])
    trap = folder / "code was run"
    lines["code"] = _with_content(model, folder, "speakers_xtts.pth", pickle.dumps(_Trap(str(trap))))
    return {"lines": lines, "trapped": trap.exists()}


class _Trap:
    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path(self._path),)


def _with_content(model: Path, folder: Path, name: str, content: bytes | None) -> str:
    broken = folder / "broken"
    shutil.rmtree(broken, ignore_errors=True)
    broken.mkdir()
    for path in model.iterdir():
        (broken / path.name).symlink_to(path)
    (broken / name).unlink()
    if content is not None:
        (broken / name).write_bytes(content)
    return _load_line(broken)


def _load_line(model: Path, device: str = "cpu") -> str:
    return _line(lambda: XTTS().load(EngineContext({"xtts-v2": model}, 1, {"device": device})))


def _line(call: Callable[[], Any]) -> str:
    """The kind and the text of the error that `call` raises."""
    try:
        call()
    except NarratorError as error:
        return f"{error.code}: {error}"
    return "no error"


def _spoken(engine: XTTS, voice: str, rate: float) -> list[AudioChunk]:
    return list(engine.synthesize(TEXT, voice, EN, rate))


def _joined(chunks: list[AudioChunk]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks])


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def _new_voice(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "voice.json").write_text('{"languages": ["*"]}')
    return folder / REFERENCE


def _shorten(path: Path, seconds: float) -> None:
    import wave

    with wave.open(str(path), "rb") as file:
        parameters, frames = file.getparams(), file.readframes(int(seconds * file.getframerate()))
    with wave.open(str(path), "wb") as file:
        file.setparams(parameters)
        file.writeframes(frames)


def _forbid_network() -> None:
    def refuse(*arguments: Any, **_: Any) -> Iterator[Any]:
        ASKED.append(str(arguments[-1])[:80])
        raise OSError("no network in this test")

    socket.getaddrinfo = refuse
    socket.socket.connect = refuse  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
