"""NLLB-200 by PyTorch: greedy decoding, a token at a time, in fp32, bf16, fp16 or with int8 weights."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Sequence
from typing import Any

import torch

from claude_narrator.models.engines.nllb_plan import DeviceFailed, Plan
from claude_narrator.models.engines.nllb_weights import read_model
from claude_narrator.models.errors import EngineFailed

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32, "int8": torch.float32}


class TorchModel:
    """A model that is loaded; `device` and `precision` are where and with what its weights really are."""

    def __init__(self, plan: Plan, threads: int) -> None:
        """Load it.

        :raises ModelMissing, EngineUnavailable: the weights are not there, or damaged.
        :raises DeviceFailed: the GPU cannot run it.
        """
        torch.set_num_threads(threads)
        self.device, self.precision = plan.device, plan.precision
        self._model = self._run(read_model, plan.folder, _TYPES[plan.precision], plan.device)
        if plan.precision == "int8":
            quantize(self._model)
        self.device = str(self._model.model.shared.weight.device)

    def tokens(self, source: Sequence[int], language: int, limit: int) -> Generator[int, None, None]:
        """Yield the most probable tokens after `language`, at most `limit`, without the sentence's end.

        :raises DeviceFailed: the GPU cannot go on.
        :raises EngineFailed: the model gave what is no number.
        """
        end = self._model.config.eos_token_id
        start = self._model.config.decoder_start_token_id
        seen = self._run(self._encode, source)
        token, past = self._run(self._step, [start, language], seen, None)
        for left in range(limit, 0, -1):
            if token == end:
                return
            yield token
            if left > 1:
                token, past = self._run(self._step, [token], seen, past)

    def close(self) -> None:
        """Free the weights."""
        self._model = None

    def _run(self, step: Any, *arguments: Any) -> Any:
        try:
            return step(*arguments)
        except RuntimeError as error:  # out of memory, a kernel that is not there, a driver that gave up
            if self.device == "cpu":
                raise
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise DeviceFailed(f"{self.device} cannot run nllb: {reason[:200]}") from None

    def _encode(self, source: Sequence[int]) -> torch.Tensor:
        with torch.inference_mode():
            ids = torch.tensor([list(source)], device=self.device)
            return self._model.model.encoder(input_ids=ids).last_hidden_state

    def _step(self, tokens: Sequence[int], seen: torch.Tensor, past: Any) -> tuple[int, Any]:
        """Return the token that follows, and the keys and values up to here."""
        with torch.inference_mode():
            out = self._model.model.decoder(
                input_ids=torch.tensor([list(tokens)], device=self.device),
                encoder_hidden_states=seen,
                past_key_values=past,
                use_cache=True,
            )
            scores = self._model.lm_head(out.last_hidden_state[:, -1])[0]
            token = scores.argmax()
            if not scores[token].isfinite():  # NaN counts as the greatest
                raise EngineFailed(f"nllb computed what is no number in {self.precision} on {self.device}")
            return int(token), out.past_key_values


class Int8Linear(torch.nn.Module):  # type: ignore[misc]
    """A linear layer whose weights are int8 with a scale a row; its input is brought to int8 as it comes.

    What `torch.ao.quantization.quantize_dynamic` makes, a layer at a time: that one copies the model first,
    and is announced to go. fbgemm wants activations in 7 bits, lest its sums overflow without VNNI.
    """

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        low, high = torch.aminmax(weight, dim=1)
        scales = torch.maximum(high, -low).clamp(min=1e-12).double() / 127
        zeros = torch.zeros(len(scales), dtype=torch.long)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        bias = None if linear.bias is None else linear.bias.detach().clone()
        self._packed = torch.ops.quantized.linear_prepack(rounded, bias)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return `rows` (…, width) times the weights, plus the bias."""
        product: torch.Tensor = torch.ops.quantized.linear_dynamic(rows, self._packed, True)
        return product


class HalfEmbedding(torch.nn.Module):  # type: ignore[misc]
    """The table of the tokens' vectors in fp16, half as large, looked up as fp32.

    In int8 the table is needed twice, since the product that makes the output has one of its own.
    """

    def __init__(self, table: torch.nn.Embedding) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(table.weight.detach().half(), requires_grad=False)
        self._scale = float(table.embed_scale)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the vectors (…, width) of `tokens` (…)."""
        return torch.nn.functional.embedding(tokens, self.weight).float() * self._scale


def quantize(model: Any) -> None:
    """Put an `Int8Linear` in the place of every linear layer of an M2M-100 model, and its table into fp16."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(parent, name, Int8Linear(child))
    model.set_input_embeddings(HalfEmbedding(model.model.shared))
    for left in model.parameters():
        left.data = left.data.clone()  # a single tensor that is still in the mapped file keeps all of it
