"""Makes a model folder of the real XTTS architecture: random, small or of true size, with its own tokenizer.

Runs in the engine's environment. The checkpoint has the form of the published one, with the configuration as
an object of classes that have moved since.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.engines.xtts import ENGINE

SPEAKERS = ("Claribel Dervla", "Camilla Holmström", "Eugenio Mataracı")
_AUDIO_TOKENS = 30
"""As long as it may talk; the published limit is 605."""
_LOUDNESS = 0.4
_GAIN = 2.5


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width, layers and heads of the language model, and how many sounds it knows. The defaults are small."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    sounds: int = 128


TRUE_SIZE = Sizes(1024, 30, 16, 1024)
"""As in the configuration that is published with XTTS-v2."""


def make_model(folder: Path, sizes: Sizes = Sizes()) -> None:
    """Write config.json, model.pth, vocab.json and speakers_xtts.pth; the same every time."""
    import torch
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    torch.manual_seed(1)
    folder.mkdir(parents=True, exist_ok=True)
    config = _config(sizes)
    config.save_json(str(folder / "config.json"))
    _make_tokenizer().save(str(folder / "vocab.json"))
    xtts = Xtts(config)
    xtts.tokenizer = VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
    xtts.init_models()
    _make_loud(xtts, sizes.width)
    with torch.no_grad():
        xtts.gpt.mel_head.bias[xtts.args.gpt_stop_audio_token] = -50.0  # it talks as long as it may
    _as_published(config)
    torch.save({"config": config, "model": xtts.state_dict()}, folder / "model.pth")
    torch.save({name: _speaker(sizes.width) for name in SPEAKERS}, folder / "speakers_xtts.pth")


def _config(measures: Sizes) -> Any:
    from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig

    width, sounds = measures.width, measures.sounds
    sizes = {"gpt_layers": measures.layers, "gpt_n_heads": measures.heads}
    sizes |= {"gpt_n_model_channels": width, "decoder_input_dim": width}
    counts = {"gpt_start_audio_token": sounds, "gpt_stop_audio_token": sounds + 1}
    counts |= {"gpt_num_audio_tokens": sounds + 2}
    limits = {"gpt_max_audio_tokens": _AUDIO_TOKENS, "gpt_max_text_tokens": 402}
    args = XttsArgs(gpt_use_perceiver_resampler=True, **sizes, **counts, **limits)
    conditioning = {"gpt_cond_len": 6, "gpt_cond_chunk_len": 3, "max_ref_len": 10}
    return XttsConfig(model_args=args, audio=XttsAudioConfig(), **conditioning)


def _make_tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    languages = ["zh-cn" if tag == "zh" else tag for tag in ENGINE["languages"]]  # type: ignore[attr-defined]
    marks = ["[STOP]", "[UNK]", "[SPACE]", *(f"[{tag}]" for tag in languages), "[START]"]
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    alphabet = [chr(code) for block in (range(33, 0x250), range(0x400, 0x970)) for code in block]
    trainer = trainers.BpeTrainer(vocab_size=3000, special_tokens=marks, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(["the build is green again and all tests pass"], trainer)
    return tokenizer


def _make_loud(xtts: Any, width: int) -> None:
    """Random vocoders whisper and hardly look around: give this one the gains of one that has learnt."""
    import torch

    for name, scale in xtts.hifigan_decoder.waveform_decoder.named_parameters():
        if name.startswith("resblocks") and name.endswith("weight.original0"):
            scale.data *= _GAIN
    xtts.hifigan_decoder.eval()
    with torch.inference_mode():
        sound = xtts.hifigan_decoder(torch.randn(1, 30, width), g=torch.randn(1, 512, 1))
        xtts.hifigan_decoder.waveform_decoder.conv_post.weight *= _LOUDNESS / sound.std()
    xtts.train()


def _as_published(config: Any) -> None:
    from TTS.tts.configs import xtts_config

    json.dumps(config.to_dict())
    for moved in (xtts_config.XttsArgs, xtts_config.XttsAudioConfig):
        moved.__module__ = "TTS.tts.models.xtts"


def _speaker(width: int) -> dict[str, Any]:
    import torch

    embedding = torch.nn.functional.normalize(torch.randn(1, 512, 1), dim=1)
    return {"gpt_cond_latent": torch.randn(1, 32, width), "speaker_embedding": embedding}


def make_recording(path: Path, pitch_hz: float) -> None:
    """Write four seconds of a voice-like buzz as a 16 bit WAV file."""
    import wave

    at = np.arange(4 * 24_000) / 24_000
    buzz = sum(np.sin(2 * np.pi * pitch_hz * k * at) / k for k in range(1, 12))
    sound = 0.2 * buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
