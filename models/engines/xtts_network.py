"""The networks of XTTS: text tokens and a voice in, samples out while the tokens are still being made.

Upstream's `inference_stream` decodes all that was said so far anew for each chunk, and can be left at chunks
only. Here each token is a step at which the caller may leave, and each sample is decoded once: a stretch of
frames is given to the vocoder with as many on both sides as it can see, so that the sound is what one run
over the whole sentence gives.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.models.errors import EngineUnavailable
from claude_narrator.models.types import SampleRate, Samples

_CHUNK_TOKENS = 20
"""21.5 tokens are a second."""
_SEEN_FRAMES = 14
"""How far the vocoder sees to each side in frames of 256 samples: 13.5, from its kernels and dilations."""
_AHEAD_FRAMES = _SEEN_FRAMES + 14
"""As many at the end wait for the next tokens: those that it sees, and those that are not settled, since
frames are interpolated between tokens."""
_SEED = 20240101
_FIRST_TOKENS, _TOKENS_FOR_ONE = 30, 8
"""Bound on audio tokens for a text: three times what the slowest speaker needs. The model may babble on."""


@dataclass(frozen=True, slots=True)
class Conditioning:
    """A voice as the networks take it: `gpt` (1, n, width) for the language model, `speaker` (1, size, 1)."""

    gpt: Any
    speaker: Any


class Network:
    """XTTS on its device. One sentence at a time."""

    def __init__(self, xtts: Any, device: str) -> None:
        self._xtts = xtts
        self._decoder = xtts.hifigan_decoder
        self.device = device

    @property
    def tokenizer(self) -> Any:
        """Upstream's `VoiceBpeTokenizer`."""
        return self._xtts.tokenizer

    @property
    def max_text_tokens(self) -> int:
        """Most tokens of text that one run takes."""
        return int(self._xtts.args.gpt_max_text_tokens) - 1

    def placed(self, voice: Conditioning) -> Conditioning:
        """Return `voice` on the device."""
        return Conditioning(voice.gpt.to(self.device), voice.speaker.to(self.device))

    def condition(self, samples: Samples, sample_rate: SampleRate) -> Conditioning:
        """Return the voice that is heard in mono `samples`.

        :raises RuntimeError: less than a third of a second.
        """
        import torch

        config = self._xtts.config
        heard = torch.from_numpy(samples[: config.max_ref_len * sample_rate]).unsqueeze(0)
        lengths = {"length": config.gpt_cond_len, "chunk_length": config.gpt_cond_chunk_len}
        gpt = self._xtts.get_gpt_cond_latents(heard.to(self.device), sample_rate, **lengths)
        return Conditioning(gpt, self._xtts.get_speaker_embedding(heard.to(self.device), sample_rate))

    def fingerprint(self) -> bytes:
        """Return bytes of the weights that voices are made with: others make other voices."""
        layers = (self._xtts.gpt.conditioning_encoder.init, self._decoder.speaker_encoder.conv1)
        return b"".join(layer.weight.detach().cpu().numpy().tobytes() for layer in layers)

    def speak(self, tokens: Sequence[int], voice: Conditioning, pace: float) -> Iterator[Samples]:
        """Yield the samples of a text in order, and empty ones at each step; the same every time."""
        import torch

        torch.manual_seed(_SEED)
        latents: list[Any] = []
        done = 0
        for latent in islice(self._latents(tokens, voice), _FIRST_TOKENS + _TOKENS_FOR_ONE * len(tokens)):
            latents.append(latent)
            yield _NOTHING
            if len(latents) % _CHUNK_TOKENS == 0:
                samples, done = self._decode(latents, voice, pace, done, is_whole=False)
                yield samples
        if latents:
            yield self._decode(latents, voice, pace, done, is_whole=True)[0]

    def _latents(self, tokens: Sequence[int], voice: Conditioning) -> Iterator[Any]:
        """What the language model gives for each audio token, (1, width)."""
        import torch

        gpt, config = self._xtts.gpt, self._xtts.config
        with torch.inference_mode():
            text = torch.tensor([list(tokens)], dtype=torch.int32, device=self.device)
            steps = gpt.get_generator(
                fake_inputs=gpt.compute_embeddings(voice.gpt, text),
                do_sample=True,
                num_beams=1,
                num_return_sequences=1,
                output_attentions=False,
                output_hidden_states=True,
                return_dict_in_generate=True,
                top_k=config.top_k,
                top_p=config.top_p,
                temperature=config.temperature,
                length_penalty=float(config.length_penalty),
                repetition_penalty=float(config.repetition_penalty),
            )
        for _, latent in steps:
            yield latent

    def _decode(
        self, latents: list[Any], voice: Conditioning, pace: float, start: int, *, is_whole: bool
    ) -> tuple[Samples, int]:
        """The samples from frame `start` on that no later token changes, and the frame where they end."""
        import torch

        with torch.inference_mode():
            frames = self._frames(torch.cat(latents)[None], pace)
            end = frames.shape[-1] - (0 if is_whole else _AHEAD_FRAMES)
            if end <= start:
                return _NOTHING, start
            first = max(0, start - _SEEN_FRAMES)
            sound = self._decoder.waveform_decoder(frames[..., first:], g=voice.speaker)
            hop = self._decoder.output_hop_length
            wanted = sound[0, 0, (start - first) * hop : (end - first) * hop]
            return wanted.float().cpu().numpy(), end

    def _frames(self, latents: Any, pace: float) -> Any:
        """The vocoder's input (1, width, frames), interpolated as upstream's `HifiDecoder.forward` does."""
        from torch.nn.functional import interpolate

        decoder = self._decoder
        scales = [
            1 / pace,
            decoder.ar_mel_length_compression / decoder.output_hop_length,
            decoder.output_sample_rate / decoder.input_sample_rate,
        ]
        frames = latents.transpose(1, 2)
        for scale in scales:
            if scale != 1.0:
                frames = interpolate(frames, scale_factor=scale, mode="linear")
        return frames


_NOTHING: Samples = np.zeros(0, np.float32)


def open_network(folder: Path, device: str, threads: int) -> Network:
    """Return the networks in `folder`, ready on `device`: `auto`, `cpu`, `cuda` or `mps`.

    :raises EngineUnavailable: there is no such device.
    :raises ImportError: a package is missing.
    :raises Exception: a file is broken; of what kind depends on the file.
    """
    import torch

    torch.set_num_threads(threads)
    where = _device(device)
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.models.xtts import Xtts

    logging.getLogger("TTS").setLevel(logging.ERROR)
    config = XttsConfig()
    try:
        config.load_json(str(folder / "config.json"))
    except ValueError as error:
        raise ValueError(f"config.json is damaged: {error}") from error
    xtts = Xtts(config)
    xtts._load_checkpoint = _read_weights  # upstream's writes the file anew, in another form
    no_speakers = folder / ".none"  # they are read elsewhere
    xtts.load_checkpoint(config, checkpoint_dir=folder, speaker_file_path=no_speakers, eval=True)
    return Network(xtts.to(where), where)


def read_pickle(path: Path) -> Any:
    """Return what `torch.save` wrote, on the CPU, without running code that is in it.

    :raises ValueError: broken, or it holds more than tensors and plain values.
    """
    import pickle

    import torch

    try:
        with torch.serialization.safe_globals(_known_classes()):
            is_zip = zipfile.is_zipfile(path)
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path.name} holds something else than weights") from error
    except (OSError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path.name} is cut off or damaged") from error


def _read_weights(path: Path) -> dict[str, Any]:
    return dict(read_pickle(path)["model"])


def _known_classes() -> list[Any]:
    """Classes of the configuration that the published checkpoint carries, under the names they had then."""
    from TTS.config.shared_configs import BaseDatasetConfig
    from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig

    old = "TTS.tts.models.xtts"
    moved = [(XttsArgs, f"{old}.XttsArgs"), (XttsAudioConfig, f"{old}.XttsAudioConfig")]
    return [*moved, XttsArgs, XttsAudioConfig, XttsConfig, BaseDatasetConfig]


def _device(wanted: str) -> str:
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        wanted = "cuda" if there["cuda"] else "cpu"
    if not there.get(wanted):
        hint = "Run: voice settings set engines.xtts.device auto"
        raise EngineUnavailable(f"XTTS finds no device {wanted[:20]!r} here", hint)
    return "cuda:0" if wanted == "cuda" else wanted
