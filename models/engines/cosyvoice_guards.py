"""Mends what CosyVoice's own code does wrong with current libraries, and in a process that lives on.

Each guard has a test that fails without it; what each is for stands beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOWEST_RATE = 16_000
"""Samples per second below which a reference has lost what makes a voice."""
LONGEST_S = 30.0
"""The speech tokenizer takes no more."""
_SESSIONS = (
    "tts_speech_token_dict",
    "llm_end_dict",
    "mel_overlap_dict",
    "flow_cache_dict",
    "hift_cache_dict",
)


class Cancelled(Exception):
    """Raised inside CosyVoice's threads to end a sentence early."""


def decode_whole_context(encoder: Any) -> None:
    """Mend the class `Qwen2Encoder`: weights in float32, and a decoding step that sees the whole context.

    Since transformers 5 a model is read in the precision it was stored in, bfloat16, which the rest is not.
    It is not read at all here, for `llm.pt` has every weight of it. Since 4.53 an attention mask of length 1,
    as the original step passes one, hides the cache: the speech turns to babble without any error. The last
    hidden state is all that is used, so that the projection onto the vocabulary is left out.
    """
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM
    from transformers.initialization import no_init_weights

    def build(self: Any, pretrain_path: str) -> None:
        torch.nn.Module.__init__(self)
        configuration = Qwen2Config.from_pretrained(pretrain_path, local_files_only=True)
        with no_init_weights():
            self.model = Qwen2ForCausalLM(configuration).to(torch.float32)
        if configuration.tie_word_embeddings:
            self.model.lm_head.weight = self.model.model.embed_tokens.weight

    def step(self: Any, xs: Any, masks: Any, cache: Any = None) -> tuple[Any, Any]:
        out = self.model.model(inputs_embeds=xs, past_key_values=cache, use_cache=True, return_dict=True)
        return out.last_hidden_state, out.past_key_values

    encoder.__init__ = build
    encoder.forward_one_step = step


def read_reference(path: str | Path, sample_rate: int, lowest_rate: int = LOWEST_RATE) -> Any:
    """Return a recording as a tensor [1, n] at `sample_rate`, its channels mixed.

    In place of CosyVoice's `load_wav`, whose torchaudio needs TorchCodec and FFmpeg.

    :raises ValueError: it is sampled at less than `lowest_rate`, too long, or empty.
    :raises RuntimeError, OSError: no sound file.
    """
    import soundfile
    import torch
    import torchaudio

    samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    if rate < lowest_rate:
        raise ValueError(f"it has {rate} samples a second and needs {lowest_rate}")
    if not 0 < len(samples) / rate <= LONGEST_S:
        raise ValueError(f"it lasts {len(samples) / rate:.1f} s and may last {LONGEST_S:.0f}")
    mixed = torch.from_numpy(samples.mean(axis=1)).unsqueeze(0)
    return mixed if rate == sample_rate else torchaudio.transforms.Resample(rate, sample_rate)(mixed)


class Reins:
    """Holds one `CosyVoiceModel`: ends its threads on demand, and puts it back as it was after a sentence."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._hop = getattr(model, "token_hop_len", None)
        self._generate = model.llm_job
        self._cancelled = False
        self._running, self._idle = threading.Event(), threading.Event()
        self.failure: Exception | None = None
        model.llm_job = self._run_language_model
        model.llm.sampling = self._unless_cancelled(model.llm.sampling)
        for part in (model.flow, model.hift):
            for block in _blocks(part):
                block.register_forward_pre_hook(lambda *_: self.check())

    def begin(self) -> None:
        """Before a sentence: the first chunk is as short as ever, however long the last one had become."""
        self._cancelled = False
        self.failure = None
        self._running.clear()
        self._idle.clear()
        if self._hop is not None:
            self._model.token_hop_len = self._hop

    def cancel(self) -> None:
        """Have the sentence end at its next token or block; from any thread."""
        self._cancelled = True

    def end(self) -> None:
        """After a sentence, whole or not: wait until its thread is gone, and forget its state."""
        self._cancelled = True
        if self._running.wait(1.0):
            self._idle.wait()
        for name in _SESSIONS:
            getattr(self._model, name, {}).clear()

    def check(self) -> None:
        """Go on with the sentence, or not.

        :raises Cancelled: it is not wanted any more.
        """
        if self._cancelled or self.failure is not None:
            raise Cancelled

    def _run_language_model(self, *arguments: Any) -> None:
        """A thread that died without this would leave the one that streams waiting for ever."""
        self._running.set()
        try:
            self._generate(*arguments)
        except Cancelled:
            pass
        except Exception as error:  # whatever it is, the other thread must learn that no more will come
            self.failure = error
        finally:
            self._model.llm_end_dict[arguments[-1]] = True
            self._idle.set()

    def _unless_cancelled(self, sampling: Callable[..., Any]) -> Callable[..., Any]:
        def sample(*arguments: Any, **options: Any) -> Any:
            self.check()
            return sampling(*arguments, **options)

        return sample


def _blocks(part: Any) -> list[Any]:
    """The repeated layers of a network: many enough to be between two of them often, few enough to ask."""
    import torch

    lists = [module for module in part.modules() if isinstance(module, torch.nn.ModuleList)]
    return [child for each in lists for child in each if not isinstance(child, torch.nn.ModuleList)]
